package org.tessera.sample.model

/** The language of the app. [tag] is BCP 47; none: as the phone. */
enum class Language(val tag: String?) { SYSTEM(null), ENGLISH("en"), FRENCH("fr") }

/** The colours of the app. */
enum class Theme { SYSTEM, LIGHT, DARK }

/** What the citizen chose. Nothing personal. */
interface Preferences {
    /** The language. */
    var language: Language

    /** The colours. */
    var theme: Theme
}

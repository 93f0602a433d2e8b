package org.tessera.sample.screens

import android.content.Context
import android.content.res.Configuration
import java.util.Locale
import org.tessera.sample.model.Language
import org.tessera.sample.model.Preferences
import org.tessera.sample.model.Theme

/** Kept by Android; nothing personal is in it. */
class AppPreferences(context: Context) : Preferences {
    private val kept = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    override var language: Language
        get() = Language.entries.find { it.name == kept.getString(LANGUAGE, null) } ?: Language.SYSTEM
        set(value) = kept.edit().putString(LANGUAGE, value.name).apply()

    override var theme: Theme
        get() = Theme.entries.find { it.name == kept.getString(THEME, null) } ?: Theme.SYSTEM
        set(value) = kept.edit().putString(THEME, value.name).apply()

    /** A context in the language and colours chosen. */
    fun applied(base: Context): Context {
        val own = Configuration(base.resources.configuration)
        language.tag?.let { own.setLocale(Locale.forLanguageTag(it)) }
        val night = when (theme) {
            Theme.SYSTEM -> null
            Theme.LIGHT -> Configuration.UI_MODE_NIGHT_NO
            Theme.DARK -> Configuration.UI_MODE_NIGHT_YES
        }
        night?.let { own.uiMode = it or (own.uiMode and Configuration.UI_MODE_NIGHT_MASK.inv()) }
        return base.createConfigurationContext(own)
    }

    private companion object {
        const val LANGUAGE = "language"
        const val THEME = "theme"
    }
}

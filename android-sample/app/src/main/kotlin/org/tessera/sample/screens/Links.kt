package org.tessera.sample.screens

/** Names of what one screen tells another. */
internal object Links {
    /** What was scanned or pasted. */
    const val SCANNED = "org.tessera.sample.SCANNED"

    /** A session of the wallet to go on with. */
    const val SESSION = "org.tessera.sample.SESSION"

    /** A binding. */
    const val BINDING = "org.tessera.sample.BINDING"

    /** A server to bind to. */
    const val SERVER = "org.tessera.sample.SERVER"

    /** The person's identifier there. */
    const val PERSON = "org.tessera.sample.PERSON"

    /** A credential. */
    const val CREDENTIAL = "org.tessera.sample.CREDENTIAL"
}

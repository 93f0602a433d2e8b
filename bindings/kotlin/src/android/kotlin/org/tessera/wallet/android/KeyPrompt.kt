package org.tessera.wallet.android

import org.tessera.wallet.KeyException
import org.tessera.wallet.SigningPrompt
import org.tessera.wallet.SigningPurpose

/** Asks for the citizen when a key wants him. [BiometricKeyPrompt] is Android's own. */
fun interface KeyPrompt {
    /**
     * Shows a prompt and returns when the citizen unlocked the phone's keys with [unlock]. Called on any thread.
     *
     * @throws KeyException `Cancelled` where he dismissed it, `Locked` where he could not (too many attempts), `Unsupported`
     * where the phone has no way to ask.
     */
    @Throws(KeyException::class, kotlin.coroutines.cancellation.CancellationException::class)
    suspend fun authenticate(prompt: SigningPrompt, unlock: KeyUnlock)
}

/** What a prompt says. */
class KeyPromptTexts(
    /** What is to be done. */
    val title: String,
    /** For whom. */
    val subtitle: String?,
    /** The button that dismisses the prompt, where Android shows one. */
    val cancel: String,
) {
    companion object {
        /** In English, for an app that brings no texts of its own. */
        fun english(prompt: SigningPrompt): KeyPromptTexts = KeyPromptTexts(
            title = when (prompt.purpose) {
                SigningPurpose.BINDING -> "Bind this phone"
                SigningPurpose.LOGIN -> "Log in"
                SigningPurpose.MANAGE_DEVICES -> "Manage your phones"
                SigningPurpose.MANAGE_CONSENTS -> "Manage your consents"
                SigningPurpose.REPORT_LOGIN -> "Report a login"
            },
            subtitle = prompt.audience,
            cancel = "Cancel",
        )
    }
}

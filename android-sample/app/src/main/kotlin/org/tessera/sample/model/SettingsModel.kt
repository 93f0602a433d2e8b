package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.tessera.wallet.RestoredBackup

/** What the settings show. */
class SettingsPage(
    val language: Language,
    val theme: Theme,
    val isWorking: Boolean,
    val message: Message?,
    /** What came back with the backup that was restored last. */
    val restored: RestoredBackup?,
)

/** What the citizen can set, backup, and the end of the wallet. */
class SettingsModel(private val preferences: Preferences, wallets: OneWallet, scope: CoroutineScope) :
    ScreenModel(wallets, scope) {
    private val shown = MutableStateFlow(page(false, null))

    /** What to show. */
    val page: StateFlow<SettingsPage> = shown.asStateFlow()

    /** Takes another language. */
    fun take(language: Language) {
        preferences.language = language
        shown.value = page(isWorking, null)
    }

    /** Takes other colours. */
    fun take(theme: Theme) {
        preferences.theme = theme
        shown.value = page(isWorking, null)
    }

    /** Gives a backup to who asks, to be written where the citizen chose. Typed twice: nobody can help who mistypes it. */
    fun export(passphrase: String, again: String, give: (Answer<ByteArray>) -> Unit) {
        if (passphrase.length < MIN_PASSPHRASE || passphrase != again) {
            give(Answer.Refused(Problem.WeakPassphrase))
            return
        }
        work {
            shown.value = page(true, null)
            val answer = ask { exportBackup(passphrase) }
            shown.value = page(false, null)
            give(answer)
        }
    }

    /** Brings a backup back beside what this wallet has; what must be bound again is on the first screen then. */
    fun restore(content: ByteArray, passphrase: String) {
        work {
            shown.value = page(true, null)
            shown.value = when (val answer = ask { restoreBackup(content, passphrase) }) {
                is Answer.Given -> page(false, Done.RESTORED, answer.value)
                is Answer.Refused -> page(false, answer.problem)
            }
        }
    }

    /** Deletes all that this wallet made: records, and its own keys. The servers are not told. */
    fun wipe() {
        work {
            shown.value = page(true, null)
            val message = when (val answer = ask { erase() }) {
                is Answer.Given -> Done.WIPED
                is Answer.Refused -> answer.problem
            }
            shown.value = page(false, message)
        }
    }

    private fun page(isWorking: Boolean, message: Message?, restored: RestoredBackup? = null) =
        SettingsPage(preferences.language, preferences.theme, isWorking, message, restored)
}

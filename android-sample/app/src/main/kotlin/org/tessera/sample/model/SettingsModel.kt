package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow

/** What the settings show. */
class SettingsPage(val language: Language, val theme: Theme, val isWorking: Boolean, val message: Message?)

/** What the citizen can set, and the end of the wallet. */
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

    private fun page(isWorking: Boolean, message: Message?) =
        SettingsPage(preferences.language, preferences.theme, isWorking, message)
}

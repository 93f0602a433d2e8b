package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.tessera.wallet.CredentialDetails

/** What the screen of one credential shows. */
sealed interface CredentialPage {
    /** It is being read and checked. */
    data object Loading : CredentialPage

    /** What it says, and whether it stands. */
    class Shown(val details: CredentialDetails) : CredentialPage

    /** It cannot be shown. */
    class Failed(val problem: Problem) : CredentialPage
}

/** One credential, checked again each time it is shown; no network is needed. */
class CredentialModel(private val id: String, wallets: OneWallet, scope: CoroutineScope) : ScreenModel(wallets, scope) {
    private val shown = MutableStateFlow<CredentialPage>(CredentialPage.Loading)

    /** What to show. */
    val page: StateFlow<CredentialPage> = shown.asStateFlow()

    /** Reads it. */
    fun load() {
        work {
            shown.value = when (val answer = ask { credential(id) }) {
                is Answer.Given -> CredentialPage.Shown(answer.value)
                is Answer.Refused -> CredentialPage.Failed(answer.problem)
            }
        }
    }
}

package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.tessera.wallet.BindAgain
import org.tessera.wallet.Binding
import org.tessera.wallet.NextStep
import org.tessera.wallet.SessionKind
import org.tessera.wallet.UnfinishedSession

/** What the first screen shows. */
sealed interface HomePage {
    /** The wallet is being opened. */
    data object Opening : HomePage

    /** Servers this phone is bound to, and what was begun and not ended, perhaps before the app was killed. */
    class Ready(
        val bindings: List<Binding>,
        val unfinished: List<UnfinishedSession>,
        /** After a backup was restored: where this phone must be bound before it can log in there. */
        val bindAgain: List<BindAgain>,
    ) : HomePage

    /** The wallet cannot be opened; [canStartOver] where only a new one helps. */
    class Failed(val problem: Problem, val canStartOver: Boolean) : HomePage
}

/** The first screen. */
class HomeModel(private val wallets: OneWallet, scope: CoroutineScope) : ScreenModel(wallets, scope) {
    private val shown = MutableStateFlow<HomePage>(HomePage.Opening)

    /** What to show. */
    val page: StateFlow<HomePage> = shown.asStateFlow()

    /** Opens the wallet, if it is not yet, and looks. */
    fun load() {
        work { show() }
    }

    /** Ends what was begun and not ended. The server is not told: a browser that waits learns by its own limit. */
    fun discard(session: UnfinishedSession) {
        work {
            ask {
                when (session.kind) {
                    SessionKind.BINDING -> resumeBinding(session.id).use { it.cancel() }
                    SessionKind.LOGIN -> resumeLogin(session.id).use { it.cancel() }
                }
            }
            show()
        }
    }

    /** The citizen does not want this binding of the old phone here. */
    fun skip(again: BindAgain) {
        work {
            ask { skipBindAgain(again.id) }
            show()
        }
    }

    /** Deletes a wallet that cannot be opened any more, and makes a new one. */
    fun startOver() {
        val failed = shown.value as? HomePage.Failed ?: return
        if (!failed.canStartOver) return
        work {
            shown.value = HomePage.Opening
            wallets.startOver()
            show()
        }
    }

    private suspend fun show() {
        shown.value = when (val answer = ask { HomePage.Ready(bindings(), unfinishedSessions(), bindAgain()) }) {
            is Answer.Given -> answer.value
            is Answer.Refused -> HomePage.Failed(answer.problem, onlyNewHelps(answer.problem))
        }
    }

    private fun onlyNewHelps(problem: Problem) = problem is Problem.Refused && problem.next == NextStep.RESET_WALLET
}

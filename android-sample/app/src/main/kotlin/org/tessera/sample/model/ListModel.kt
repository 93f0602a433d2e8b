package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.tessera.wallet.Wallet

/** A list on a screen. */
sealed interface Rows<out T> {
    /** Not known yet. */
    data object Loading : Rows<Nothing>

    /** It could not be had. */
    class Failed(val problem: Problem) : Rows<Nothing>

    /** The list; [message] is what came of the last thing done, [isWorking] while the next one runs. */
    class Ready<T>(val rows: List<T>, val isWorking: Boolean, val message: Message?) : Rows<T>
}

/** A screen with a list of things, each of which something can be done with. */
abstract class ListModel<T>(wallets: OneWallet, scope: CoroutineScope) : ScreenModel(wallets, scope) {
    private val shown = MutableStateFlow<Rows<T>>(Rows.Loading)

    /** What to show. */
    val rows: StateFlow<Rows<T>> = shown.asStateFlow()

    /** Reads the list. */
    protected abstract suspend fun Wallet.read(): List<T>

    /** Reads the list again. */
    fun load() {
        work { show(null) }
    }

    /** Does one thing and reads the list, also where it is refused: for a screen that is opened to do it. */
    protected fun open(call: suspend Wallet.() -> Message) {
        work {
            show(
                when (val answer = ask(call)) {
                    is Answer.Given -> answer.value
                    is Answer.Refused -> answer.problem
                },
            )
        }
    }

    /** Does one thing, then reads the list again. Where it is refused the list stays. */
    protected fun change(call: suspend Wallet.() -> Message?) {
        val before = shown.value as? Rows.Ready ?: return
        work {
            shown.value = Rows.Ready(before.rows, true, null)
            when (val answer = ask(call)) {
                is Answer.Given -> show(answer.value)
                is Answer.Refused -> shown.value = Rows.Ready(before.rows, false, answer.problem)
            }
        }
    }

    private suspend fun show(message: Message?) {
        shown.value = when (val answer = ask { read() }) {
            is Answer.Given -> Rows.Ready(answer.value, false, message)
            is Answer.Refused -> Rows.Failed(answer.problem)
        }
    }
}

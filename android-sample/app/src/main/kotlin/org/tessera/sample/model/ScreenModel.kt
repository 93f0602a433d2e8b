package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import org.tessera.wallet.ErrorCode
import org.tessera.wallet.InternalException
import org.tessera.wallet.Wallet
import org.tessera.wallet.WalletException
import org.tessera.wallet.code
import org.tessera.wallet.inBackground

/** What came of asking the wallet. */
sealed interface Answer<out T> {
    /** It did it. */
    class Given<T>(val value: T) : Answer<T>

    /** It did not. */
    class Refused(val problem: Problem) : Answer<Nothing>
}

/** Runs calls of the wallet and turns what they throw into a [Problem]. */
internal suspend fun <T> attempt(call: suspend () -> T): Answer<T> = try {
    Answer.Given(call())
} catch (refused: WalletException) {
    Answer.Refused(Problem.Refused(refused.code))
} catch (_: InternalException) {
    // A fault inside the wallet; what it says of itself is for its developers, and may hold anything.
    Answer.Refused(Problem.Refused(ErrorCode.INTERNAL))
}

/**
 * What a screen is in the middle of. Lives as long as the screen is open, also over a turn of the phone; holds no view
 * and knows nothing of Android. All its functions are called on the thread of [scope].
 */
abstract class ScreenModel(private val wallets: OneWallet, private val scope: CoroutineScope) {
    // Looked at by the camera's thread too.
    @Volatile
    private var running: Job? = null

    /** Whether something runs. */
    protected val isWorking: Boolean get() = running?.isActive == true

    /** Runs one thing at a time: what is asked meanwhile, by a second tap, is dropped. Gives whether it runs. */
    protected fun work(task: suspend () -> Unit): Boolean {
        if (isWorking) return false
        running = scope.launch { task() }
        return true
    }

    /** Asks the wallet, away from the thread that draws. */
    protected suspend fun <T> ask(call: suspend Wallet.() -> T): Answer<T> = attempt { wallets.get().inBackground(call) }
}

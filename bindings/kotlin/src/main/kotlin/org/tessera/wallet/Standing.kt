package org.tessera.wallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.transformWhile
import kotlinx.coroutines.withContext

/**
 * Where a session stands, and its steps, one at a time: what a [LoginFlow] and a [BindingFlow] share. It is freed when it was
 * closed and no call runs any more.
 *
 * [end] ends the session, [stateOf] tells where it stands, with the error of the step before.
 */
internal class Standing<Session : AutoCloseable, State : Any>(
    session: Session,
    private val isOver: (State) -> Boolean,
    private val end: (Session) -> Unit,
    private val stateOf: (Session, WalletException?) -> State,
) : AutoCloseable {
    private val calls = SessionCalls(session)
    private val current = MutableStateFlow(stateOf(session, null))

    /** Where it stands now. */
    val now: State get() = current.value

    /** Where it stands, from now on; ends when it is over. */
    val states: Flow<State> = current.transformWhile { state ->
        emit(state)
        !isOver(state)
    }

    /** Stops the step that runs and ends the session. Does nothing to one that is over. */
    fun cancel() {
        calls.call { session ->
            panicsAsErrors { end(session) }
            current.value = stateOf(session, null)
        }
    }

    /** Frees the memory, after the step that runs. */
    override fun close() = calls.close()

    /**
     * Runs a step that was offered in the state [from]; where that is no longer the state it does nothing. Gives the state that
     * follows.
     */
    suspend fun step(from: State, working: State, run: suspend (Session) -> Unit): State {
        calls.call { session ->
            if (!current.compareAndSet(from, working)) return now
            var error: WalletException? = null
            try {
                // A step reads and writes the store: not on the thread that draws.
                withContext(Dispatchers.IO) { panicsAsErrors { run(session) } }
            } catch (failed: WalletException) {
                error = failed
            } catch (cancelled: CancellationException) {
                ended(session)
                throw cancelled
            } finally {
                current.value = stateOf(session, error)
            }
        }
        return now
    }

    private fun ended(session: Session) = try {
        end(session)
    } catch (_: WalletException) {
        // It could not be taken out of the store: found again when the wallet is opened.
    }
}

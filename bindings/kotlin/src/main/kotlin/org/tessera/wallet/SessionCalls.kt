package org.tessera.wallet

/**
 * A session of the generated code and the calls that run on it: it is freed when it was closed and no call runs any
 * more.
 */
internal class SessionCalls<S : AutoCloseable>(private val session: S) : AutoCloseable {
    private var running = 0
    private var closed = false

    /** Runs a call; gives nothing where the session was closed before. */
    inline fun <T> call(run: (S) -> T): T? {
        if (!enter()) return null
        return try {
            run(session)
        } finally {
            leave()
        }
    }

    override fun close() {
        val free = synchronized(this) {
            val first = !closed
            closed = true
            first && running == 0
        }
        if (free) session.close()
    }

    private fun enter(): Boolean = synchronized(this) {
        if (!closed) running++
        !closed
    }

    private fun leave() {
        val free = synchronized(this) {
            running--
            closed && running == 0
        }
        if (free) session.close()
    }
}

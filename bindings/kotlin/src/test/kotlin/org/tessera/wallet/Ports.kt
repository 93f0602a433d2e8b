package org.tessera.wallet

import java.util.concurrent.atomic.AtomicInteger
import org.tessera.wallet.jvm.HttpClientTransport

/** HTTP as told: a test may lose requests and answers. */
internal class PlayedTransport(private val play: suspend (HttpRequest, Transport) -> HttpResponse) : Transport {
    private val real = HttpClientTransport()

    override suspend fun send(request: HttpRequest): HttpResponse = play(request, real)
}

/** Keys that another store holds, unless [failure] is set. */
internal class PlayedKeys(private val real: DeviceKeys) : DeviceKeys by real {
    @Volatile
    var failure: KeyException? = null

    /** How often the citizen would have been asked, by keys that ask at every use. */
    val prompts = AtomicInteger()

    override suspend fun sign(alias: String, message: ByteArray, prompt: SigningPrompt): ByteArray {
        failure?.let { throw it }
        prompts.incrementAndGet()
        return real.sign(alias, message, prompt)
    }

    override suspend fun signBatch(alias: String, messages: List<ByteArray>, prompt: SigningPrompt): List<ByteArray> {
        failure?.let { throw it }
        prompts.incrementAndGet()
        return real.signBatch(alias, messages, prompt)
    }
}

/** The device's clock, off by some milliseconds. */
internal class ClockOff(private val byMs: Long) : Clock {
    override fun nowMs(): Long = System.currentTimeMillis() + byMs
}

/** Keeps the log. */
internal class KeptLog : Log {
    val entries = java.util.concurrent.CopyOnWriteArrayList<LogEntry>()

    override fun record(entry: LogEntry) {
        entries += entry
    }
}

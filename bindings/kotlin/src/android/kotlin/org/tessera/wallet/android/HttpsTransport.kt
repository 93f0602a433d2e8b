package org.tessera.wallet.android

import java.io.InputStream
import java.net.HttpRetryException
import java.net.HttpURLConnection
import java.net.URL
import java.security.cert.X509Certificate
import javax.net.ssl.HttpsURLConnection
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.asExecutor
import kotlinx.coroutines.suspendCancellableCoroutine
import org.tessera.wallet.HttpHeader
import org.tessera.wallet.HttpMethod
import org.tessera.wallet.HttpRequest
import org.tessera.wallet.HttpResponse
import org.tessera.wallet.KeyPins
import org.tessera.wallet.Transport
import org.tessera.wallet.TransportException
import org.tessera.wallet.withinItsTime

/**
 * HTTP by `HttpsURLConnection`: certificates, proxy, VPN and network security configuration are Android's. No redirects, no
 * cache, no second try behind the wallet's back.
 *
 * [pins] are looked at after the handshake and before anything is sent. [prepare] may change a connection before it is used,
 * e.g. give it another `sslSocketFactory`. An app that sets a process-wide `CookieHandler` gives cookies to every
 * `HttpURLConnection`, to these too: the wallet needs none.
 */
class HttpsTransport @JvmOverloads constructor(
    private val pins: KeyPins = KeyPins.NONE,
    private val prepare: (HttpURLConnection) -> Unit = {},
) : Transport {
    override suspend fun send(request: HttpRequest): HttpResponse = withinItsTime(request, ::exchange)

    /** Waits on a thread of its own, which is let go where the time is over or the caller has gone. */
    private suspend fun exchange(request: HttpRequest): HttpResponse {
        val connection = opened(request)
        return suspendCancellableCoroutine { waiting ->
            waiting.invokeOnCancellation { connection.disconnect() }
            Dispatchers.IO.asExecutor().execute {
                val answer = runCatching { blocking(connection, request) }
                if (waiting.isActive) answer.fold({ waiting.resume(it) }, { waiting.resumeWithException(it) })
            }
        }
    }

    private fun opened(request: HttpRequest): HttpURLConnection {
        val connection = URL(request.url).openConnection() as? HttpURLConnection
            ?: throw IllegalArgumentException("no HTTP address")
        val limit = request.timeoutMs.toLong().coerceIn(1, Int.MAX_VALUE.toLong()).toInt()
        connection.connectTimeout = limit
        connection.readTimeout = limit
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        connection.requestMethod = request.method.name
        request.headers.forEach { connection.addRequestProperty(it.name, it.value) }
        if (request.method == HttpMethod.POST) {
            connection.doOutput = true
            // Also keeps the platform from sending a POST again by itself.
            connection.setFixedLengthStreamingMode(request.body.size)
        }
        prepare(connection)
        return connection
    }

    private fun blocking(connection: HttpURLConnection, request: HttpRequest): HttpResponse = try {
        connection.connect()
        if (connection is HttpsURLConnection) trust(connection)
        if (request.method == HttpMethod.POST) connection.outputStream.use { it.write(request.body) }
        val status = connection.responseCode
        val stream: InputStream? = if (status >= FIRST_ERROR) connection.errorStream else connection.inputStream
        val body = stream?.use { limited(it, request.maxResponseBytes.toLong()) } ?: ByteArray(0)
        HttpResponse(status.toUShort(), headers(connection), body)
    } catch (unrepeated: HttpRetryException) {
        // A 401 or 407 that the platform would answer by itself, had it kept the body. The wallet wants to know, no more.
        HttpResponse(unrepeated.responseCode().toUShort(), emptyList(), ByteArray(0))
    } finally {
        connection.disconnect()
    }

    private fun trust(connection: HttpsURLConnection) {
        val chain = connection.serverCertificates.filterIsInstance<X509Certificate>()
        if (!pins.trust(connection.url.host, chain)) throw TransportException.Tls()
    }

    private fun limited(stream: InputStream, limit: Long): ByteArray {
        val read = java.io.ByteArrayOutputStream()
        val buffer = ByteArray(BUFFER_BYTES)
        while (true) {
            val count = stream.read(buffer)
            if (count < 0) return read.toByteArray()
            if (read.size() + count > limit) throw TransportException.TooLarge()
            read.write(buffer, 0, count)
        }
    }

    private fun headers(connection: HttpURLConnection): List<HttpHeader> =
        connection.headerFields.orEmpty().flatMap { (name: String?, values) ->
            // The status line stands among them, without a name.
            if (name == null) emptyList() else values.map { HttpHeader(name, it) }
        }

    private companion object {
        const val FIRST_ERROR = 400
        const val BUFFER_BYTES = 8 * 1024
    }
}

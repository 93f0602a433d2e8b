package org.tessera.wallet

import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import kotlin.concurrent.thread
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.tessera.wallet.android.HttpsTransport
import org.tessera.wallet.jvm.HttpClientTransport

/** What the wallet expects of every transport (docs/app-developer.md). */
abstract class TransportTest(private val transport: Transport) {
    @Test
    fun `gives every status, follows nothing and stops at the limit`() = runBlocking {
        val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
        server.createContext("/") { exchange ->
            val body = exchange.requestBody.readBytes() + exchange.requestHeaders.getFirst("Tessera-Test").toByteArray()
            exchange.responseHeaders.add("Location", "http://127.0.0.1:1/")
            exchange.sendResponseHeaders(302, body.size.toLong())
            exchange.responseBody.use { it.write(body) }
        }
        server.start()
        try {
            val request = HttpRequest(
                HttpMethod.POST,
                "http://127.0.0.1:${server.address.port}/x",
                listOf(HttpHeader("Tessera-Test", "header")),
                "body-".toByteArray(),
                timeoutMs = 60_000u,
                maxResponseBytes = 11u,
            )
            val answer = transport.send(request)
            assertEquals("302 body-header", "${answer.status} ${answer.body.decodeToString()}")
            assertFailsWith<TransportException.TooLarge> { transport.send(request.copy(maxResponseBytes = 10u)) }
        } finally {
            server.stop(0)
        }
        Unit
    }

    @Test
    fun `tells a server without TLS`() = runBlocking {
        val plain = ServerSocket(0, 8, InetAddress.getLoopbackAddress())
        // To every attempt, after its ClientHello: one that is answered unread may be reset and tried again.
        thread(isDaemon = true) {
            while (true) {
                val attempt = runCatching { plain.accept() }.getOrNull() ?: break
                attempt.use {
                    it.getInputStream().read(ByteArray(4096))
                    it.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".toByteArray())
                    it.shutdownOutput()
                    it.getInputStream().readAllBytes()
                }
            }
        }
        val request = HttpRequest(HttpMethod.GET, "https://127.0.0.1:${plain.localPort}/", listOf(), byteArrayOf(), 60_000u, 10u)
        assertFailsWith<TransportException.Tls> { transport.send(request) }
        plain.close()
    }

    @Test
    fun `tells a dead server from a silent one`() = runBlocking {
        val silent = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
        val request = HttpRequest(HttpMethod.GET, "http://127.0.0.1:${silent.localPort}/", listOf(), byteArrayOf(), 300u, 10u)
        assertFailsWith<TransportException.Timeout> { transport.send(request) }
        silent.close()
        assertFailsWith<TransportException.Offline> { transport.send(request.copy(timeoutMs = 60_000u)) }
        Unit
    }

    @Test
    fun `a caller who goes is not waited for`() = runBlocking {
        val silent = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
        val reached = CompletableDeferred<Unit>()
        thread(isDaemon = true) {
            // Held open, and never answered.
            silent.accept().run {
                getInputStream().read(ByteArray(1))
                reached.complete(Unit)
            }
        }
        val address = "http://127.0.0.1:${silent.localPort}/"
        val request = HttpRequest(HttpMethod.POST, address, listOf(), byteArrayOf(1), timeoutMs = 3_600_000u, maxResponseBytes = 10u)
        val call = launch(Dispatchers.IO) { transport.send(request) }
        reached.await()
        call.cancelAndJoin()
        silent.close()
    }
}

class HttpClientTransportTest : TransportTest(HttpClientTransport())

class HttpsTransportTest : TransportTest(HttpsTransport())

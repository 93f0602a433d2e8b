package org.tessera.wallet

import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import java.net.HttpURLConnection
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.HttpsURLConnection
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.tessera.wallet.Certificates.Companion.pinOf
import org.tessera.wallet.android.HttpsTransport

/** Public keys an app expects of a host. */
class KeyPinsTest {
    @Test
    fun `the server's own key and one that signed it are pins, what it sends beside them is not`() {
        val certificates = Certificates.made
        val (own, authority) = certificates.chain
        val stranger = certificates.stranger
        for (pinned in listOf(own, authority)) {
            val pins = KeyPins(mapOf("ID.example" to setOf(SPARE, pinOf(pinned))))
            assertTrue(pins.trust("id.example", certificates.chain))
            assertFalse(pins.trust("id.example", listOf(stranger)))
            assertFalse(pins.trust("id.example", emptyList()))
        }
        val strange = KeyPins(mapOf("id.example" to setOf(pinOf(stranger))))
        assertFalse(strange.trust("id.example", certificates.chain + stranger))
        assertTrue(strange.trust("other.example", certificates.chain))
        assertTrue(KeyPins.NONE.trust("id.example", emptyList()))
    }

    @Test
    fun `a pin is a SHA-256, and a host has one at least`() {
        assertFailsWith<IllegalArgumentException> { KeyPins(mapOf("id.example" to setOf("AAAA"))) }
        assertFailsWith<IllegalArgumentException> { KeyPins(mapOf("id.example" to setOf("not base64"))) }
        assertFailsWith<IllegalArgumentException> { KeyPins(mapOf("id.example" to emptySet())) }
    }

    @Test
    fun `a server without the pinned key is sent nothing`() = runBlocking {
        val certificates = Certificates.made
        val asked = AtomicInteger()
        val server = HttpsServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
        server.httpsConfigurator = HttpsConfigurator(certificates.serving())
        server.createContext("/") { exchange ->
            asked.incrementAndGet()
            exchange.requestBody.readBytes()
            exchange.sendResponseHeaders(200, -1)
            exchange.close()
        }
        server.start()
        try {
            val trusting: (HttpURLConnection) -> Unit = {
                (it as HttpsURLConnection).sslSocketFactory = certificates.trusting().socketFactory
            }
            val address = "https://localhost:${server.address.port}/"
            val request = HttpRequest(HttpMethod.POST, address, listOf(), byteArrayOf(1), 60_000u, 10u)
            val right = KeyPins(mapOf("localhost" to setOf(pinOf(certificates.chain[1]))))
            assertEquals(200u, HttpsTransport(right, trusting).send(request).status)
            assertEquals(1, asked.get())
            val wrong = KeyPins(mapOf("localhost" to setOf(pinOf(certificates.stranger))))
            assertFailsWith<TransportException.Tls> { HttpsTransport(wrong, trusting).send(request) }
            // A pin replaces nothing: whom the platform does not trust is not trusted.
            assertFailsWith<TransportException.Tls> { HttpsTransport(right).send(request) }
            assertEquals(1, asked.get())
        } finally {
            server.stop(0)
        }
    }

    private companion object {
        /** Of a key that no server uses yet. */
        const val SPARE = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    }
}

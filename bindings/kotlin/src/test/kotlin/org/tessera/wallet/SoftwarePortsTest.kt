package org.tessera.wallet

import com.sun.net.httpserver.HttpServer
import java.math.BigInteger
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.nio.file.Path
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.RSAPublicKeySpec
import kotlin.concurrent.thread
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.jvm.FileDataKey
import org.tessera.wallet.jvm.HttpClientTransport
import org.tessera.wallet.jvm.SoftwareKeys

/** The ports a JVM brings: keys, data key, HTTP. */
class SoftwarePortsTest {
    @TempDir
    lateinit var folder: Path

    private val prompt = SigningPrompt(SigningPurpose.LOGIN, null)

    @Test
    fun `keys sign in the form of JWS and survive`() = runBlocking {
        SoftwareKeys(folder).create("a/../b", options(KeyAlgorithm.ES256))
        val keys = SoftwareKeys(folder)
        assertEquals(64, keys.sign("a/../b", byteArrayOf(1), prompt).size)
        assertFailsWith<KeyException.AlreadyExists> { keys.create("a/../b", options(KeyAlgorithm.ES256)) }
        keys.delete("a/../b")
        keys.delete("a/../b")
        assertFailsWith<KeyException.NotFound> { keys.info("a/../b") }

        val rsa = assertIs<DevicePublicKey.Rsa>(keys.create("rsa", options(KeyAlgorithm.RS256)).publicKey)
        val public = RSAPublicKeySpec(BigInteger(1, rsa.n), BigInteger(1, rsa.e))
        val (first, second) = keys.signBatch("rsa", listOf(byteArrayOf(1), byteArrayOf(2)), prompt)
        for ((message, signature) in listOf(1 to first, 2 to second)) {
            val verifier = Signature.getInstance("SHA256withRSA")
            verifier.initVerify(KeyFactory.getInstance("RSA").generatePublic(public))
            verifier.update(byteArrayOf(message.toByte()))
            assertTrue(verifier.verify(signature))
        }
    }

    @Test
    fun `software keys claim no hardware`() = runBlocking {
        val keys = SoftwareKeys(folder)
        val hardware = SecurityLevelRule.Require(KeySecurityLevel.SECURE_ELEMENT)
        assertFailsWith<KeyException.Unsupported> { keys.create("a", options(KeyAlgorithm.ES256).copy(securityLevel = hardware)) }
        val preferred = SecurityLevelRule.Prefer(KeySecurityLevel.SECURE_ELEMENT)
        val made = keys.create("a", options(KeyAlgorithm.ES256).copy(securityLevel = preferred))
        assertEquals(KeySecurityLevel.SOFTWARE, made.securityLevel)
    }

    @Test
    fun `a data key comes back and another file's is told as lost`() = runBlocking {
        val plain = ByteArray(32) { it.toByte() }
        val wrapped = FileDataKey(folder.resolve("a")).wrapKey(plain)
        assertContentEquals(plain, FileDataKey(folder.resolve("a")).unwrapKey(wrapped))
        FileDataKey(folder.resolve("b")).wrapKey(plain)
        for (lost in listOf("b", "missing")) {
            assertFailsWith<KeyException.Invalidated> { FileDataKey(folder.resolve(lost)).unwrapKey(wrapped) }
        }
    }

    @Test
    fun `HTTP gives every status, follows nothing and stops at the limit`() = runBlocking {
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
                timeoutMs = 5_000u,
                maxResponseBytes = 11u,
            )
            val answer = HttpClientTransport().send(request)
            assertEquals("302 body-header", "${answer.status} ${answer.body.decodeToString()}")
            assertFailsWith<TransportException.TooLarge> { HttpClientTransport().send(request.copy(maxResponseBytes = 10u)) }
        } finally {
            server.stop(0)
        }
        Unit
    }

    @Test
    fun `HTTP tells a server without TLS`() = runBlocking {
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
        val request = HttpRequest(HttpMethod.GET, "https://127.0.0.1:${plain.localPort}/", listOf(), byteArrayOf(), 9_000u, 10u)
        assertFailsWith<TransportException.Tls> { HttpClientTransport().send(request) }
        plain.close()
    }

    @Test
    fun `HTTP tells a dead server from a silent one`() = runBlocking {
        val silent = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
        val request = HttpRequest(HttpMethod.GET, "http://127.0.0.1:${silent.localPort}/", listOf(), byteArrayOf(), 300u, 10u)
        assertFailsWith<TransportException.Timeout> { HttpClientTransport().send(request) }
        silent.close()
        assertFailsWith<TransportException.Offline> { HttpClientTransport().send(request.copy(timeoutMs = 5_000u)) }
        Unit
    }

    private fun options(algorithm: KeyAlgorithm) = KeyOptions(
        algorithm,
        SecurityLevelRule.Prefer(KeySecurityLevel.SOFTWARE),
        UserAuthentication.None,
        attestationChallenge = null,
    )
}

package org.tessera.wallet

import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.jvm.openDesktopWallet

/** What crosses the border between Kotlin and Rust, without a server. */
class WalletTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `a wallet opens twice in a row but not at once, and remembers`() = runBlocking {
        openDesktopWallet(folder).use { wallet ->
            wallet.beginBinding(request()).use { assertIs<BindingStage.Started>(it.stage()) }
            val inUse = assertFailsWith<WalletException> { openDesktopWallet(folder) }
            assertEquals(ErrorCode.STORE_IN_USE to Retry.LATER, inUse.code to inUse.retry)
        }
        openDesktopWallet(folder).use { wallet ->
            val unfinished = wallet.unfinishedSessions().single()
            assertEquals(SessionKind.BINDING, unfinished.kind)
            wallet.resumeBinding(unfinished.id).use { it.cancel() }
            assertTrue(wallet.unfinishedSessions().isEmpty())
        }
    }

    @Test
    fun `errors are typed`() = runBlocking {
        openDesktopWallet(folder).use { wallet ->
            assertEquals(ErrorCode.INVALID_LINK, assertFailsWith<WalletException> { wallet.bindingsFor("hello") }.code)
            val link = "tessera://wla-auth?linkCode=abc&iss=https://id.example"
            assertTrue(wallet.bindingsFor(link).isEmpty())
            val unknown = assertFailsWith<WalletException> { wallet.beginLogin(link, null) }
            assertEquals(ErrorCode.UNKNOWN_SERVER to Retry.NEVER, unknown.code to unknown.retry)
            val insecure = request().copy(server = BindingServer.Tessera("http://id.example"))
            assertEquals(ErrorCode.INSECURE_ADDRESS, assertFailsWith<WalletException> { wallet.beginBinding(insecure) }.code)
        }
    }

    @Test
    fun `errors of a transport arrive as their codes and unexpected ones without their text`() = runBlocking {
        val cases = listOf(
            TransportException.Timeout() to ErrorCode.TIMEOUT,
            TransportException.Tls() to ErrorCode.UNTRUSTED_CONNECTION,
            IllegalStateException("MARKER") to ErrorCode.OFFLINE,
        )
        for ((thrown, code) in cases) {
            val error = failureOf(transport { throw thrown })
            assertEquals(code, error.code)
            assertFalse("MARKER" in error.toString())
        }
    }

    @Test
    fun `a cancelled coroutine stops the call and another may begin`() = runBlocking {
        val reached = CompletableDeferred<Unit>()
        val stuck = transport {
            reached.complete(Unit)
            awaitCancellation()
        }
        openDesktopWallet(folder, transport = stuck).use { wallet ->
            wallet.beginBinding(request()).use { session ->
                val call = launch { session.requestOtp(listOf(OtpChannel.EMAIL)) }
                reached.await()
                val busy = assertFailsWith<WalletException> { session.requestOtp(listOf(OtpChannel.EMAIL)) }
                assertEquals(ErrorCode.BUSY, busy.code)
                call.cancelAndJoin()
                val next = launch { session.requestOtp(listOf(OtpChannel.EMAIL)) }
                next.cancelAndJoin()
                session.cancel()
                val over = assertFailsWith<WalletException> { session.requestOtp(listOf(OtpChannel.EMAIL)) }
                assertEquals(ErrorCode.CANCELLED, over.code)
            }
        }
    }

    @Test
    fun `what holds personal data prints its name only`() {
        val request = request().copy(individualId = "MARKER", label = "MARKER", deviceName = "MARKER")
        val printed = listOf(request, BindingFactor.Otp("MARKER"), HttpHeader("Tessera-Wallet", "MARKER")).map { it.toString() }
        assertTrue(printed.none { "MARKER" in it }, printed.toString())
    }

    @Test
    fun `a picture without a code gives none and one of the wrong size is refused`() {
        assertTrue(decodeQr(ByteArray(64 * 64) { -1 }, 64u, 64u).isEmpty())
        assertEquals(ErrorCode.INVALID_INPUT, assertFailsWith<WalletException> { decodeQr(ByteArray(3), 2u, 2u) }.code)
    }

    private suspend fun failureOf(transport: Transport): WalletException =
        openDesktopWallet(folder, transport = transport).use { wallet ->
            wallet.beginBinding(request()).use { session ->
                assertFailsWith<WalletException> { session.requestOtp(listOf(OtpChannel.EMAIL)) }
            }
        }

    private fun transport(answer: suspend (HttpRequest) -> HttpResponse) = object : Transport {
        override suspend fun send(request: HttpRequest): HttpResponse = answer(request)
    }

    private fun request() = bindingRequest("https://id.example", "5860356276")
}

internal fun bindingRequest(origin: String, individualId: String) = BindingRequest(
    server = BindingServer.Tessera(origin),
    individualId = individualId,
    deviceName = "Kotlin test",
    label = "",
    securityLevel = SecurityLevelRule.Prefer(KeySecurityLevel.SECURE_ELEMENT),
    userAuthentication = UserAuthentication.None,
    attest = false,
)

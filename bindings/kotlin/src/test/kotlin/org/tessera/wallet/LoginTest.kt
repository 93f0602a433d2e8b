package org.tessera.wallet

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.jvm.openDesktopWallet

/** Binding and login against a real server, beside the browser of a login stand. */
class LoginTest {
    @TempDir
    lateinit var folder: Path

    private val stand = Stand(assertNotNull(System.getenv("TESSERA_TEST_STAND"), "run by test.sh"))

    @Test
    fun `GS-WAL-07 GS-WAL-08 a phone is bound and logs a browser in`() = runBlocking {
        boundWallet().use { wallet ->
            val (number, link) = stand.beginLogin()
            wallet.beginLogin(link, null).use { session ->
                val review = session.review()
                assertTrue(review.relyingParty.name.isNotEmpty())
                assertTrue(RequestedClaim("name", true) in review.claims)
                val voluntary = review.claims.filterNot { it.essential }.map { it.name }
                val outcome = session.approve(LoginChoices(voluntary, review.scopes, null))
                assertIs<LoginStage.Completed>(session.stage())
                assertEquals("Amara Diallo-Marker", stand.endLogin(number))
                val receipt = wallet.receipts().single()
                assertEquals(outcome.receiptId, receipt.id)
                assertTrue(receipt.claims.containsAll(listOf("email", "name")))
            }
            assertEquals(ActivityKind.LOGIN_APPROVED, wallet.activity().first().kind)
            val renewed = wallet.renewBinding(wallet.bindings().single().id)
            val devices = wallet.devices(renewed.id).filterNot { it.revoked }
            assertEquals("Kotlin test", devices.single { it.current }.name)
            wallet.revokeDevice(renewed.id, devices.single { it.current }.deviceId)
            assertTrue(wallet.bindings().isEmpty())
        }
    }

    @Test
    fun `a wallet that was closed half-way goes on, and a denial reaches the browser`() = runBlocking {
        val (number, session) = boundWallet().use { wallet ->
            val (number, link) = stand.beginLogin()
            val id = wallet.beginLogin(link, null).use { it.id() }
            val again = assertFailsWith<WalletException> { wallet.beginLogin(link, null) }
            assertEquals(ErrorCode.LINK_CODE_REFUSED, again.code)
            number to id
        }
        open().use { wallet ->
            wallet.resumeLogin(session).use { it.deny(DenialReason.NOT_ME) }
            val refused = assertFailsWith<IllegalStateException> { stand.endLogin(number) }
            assertTrue(refused.message.orEmpty().startsWith("409"), refused.message)
        }
    }

    private suspend fun open() = openDesktopWallet(folder, allowLoopbackHttp = true)

    private suspend fun boundWallet(): Wallet {
        val wallet = open()
        wallet.beginBinding(bindingRequest(stand.origin, stand.person)).use { session ->
            session.requestOtp(listOf(OtpChannel.EMAIL))
            session.bind(listOf(BindingFactor.Otp(stand.otp())))
        }
        return wallet
    }
}

/** The login stand: plain text over HTTP, see tests/outside/src/bin/login_stand.rs. */
private class Stand(private val address: String) {
    private val client = HttpClient.newHttpClient()

    val origin get() = get("/server")
    val person get() = get("/person")

    fun otp() = get("/otp")

    /** A browser begins a login: its number and its link. */
    fun beginLogin(): Pair<String, String> {
        val (number, link) = text(request("/logins").POST(BodyPublishers.noBody()).build()).lines()
        return number to link
    }

    /** Waits for the wallet; the name that the relying party learned. */
    fun endLogin(number: String) = get("/logins/$number")

    private fun get(path: String) = text(request(path).build())

    private fun request(path: String) = java.net.http.HttpRequest.newBuilder(URI("$address$path"))

    private fun text(request: java.net.http.HttpRequest): String {
        val answer = client.send(request, BodyHandlers.ofString())
        check(answer.statusCode() == 200) { "${answer.statusCode()} ${answer.body()}" }
        return answer.body()
    }
}

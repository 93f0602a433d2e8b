package org.tessera.wallet

import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.android.lineOf
import org.tessera.wallet.jvm.openDesktopWallet

/** Nothing of a person stands where a developer looks; and what goes wrong inside ends no app. */
class MarkersTest {
    @TempDir
    lateinit var folder: Path

    private val stand = Stand()

    @Test
    fun `a binding and a login leave nothing personal in logs, errors and printed states`() = runBlocking {
        val log = KeptLog()
        val person = stand.newPerson()
        val request = BindingRequest.tessera(
            stand.origin, person.id, "MARKER phone", "MARKER label", userAuthentication = UserAuthentication.None,
        )
        val printed = mutableListOf<Any?>(request)
        val secrets = mutableListOf("MARKER", person.id, person.name)
        openDesktopWallet(folder, allowLoopbackHttp = true, log = log).use { wallet ->
            wallet.startBinding(request).use { flow ->
                printed += flow
                val sent = assertIs<BindingState.OtpSent>((flow.state as BindingState.Started).requestOtp(OtpChannel.EMAIL))
                val otp = stand.otp(person)
                secrets += otp
                val wrong = assertIs<BindingState.OtpSent>(sent.bind(BindingFactor.Otp("MARKER")))
                val bound = assertIs<BindingState.Bound>(wrong.bind(BindingFactor.Otp(otp)))
                printed.addAll(listOf(sent, sent.delivery, wrong, wrong.error, bound, bound.binding))
            }
            val begun = stand.beginLogin()
            secrets += begun.link
            secrets += Regex("linkCode=([^&]+)").find(begun.link)!!.groupValues[1]
            val start = assertIs<LoginStart.Started>(wallet.startLogin(begun.link))
            val review = assertIs<LoginState.Review>(start.login.state)
            val choices = review.review.choices(number = "MARKER")
            val done = assertIs<LoginState.Completed>(review.approve(choices))
            printed.addAll(listOf(start, start.login, review, review.review, choices, done, done.outcome))
            printed.addAll(listOf(wallet, wallet.receipts(), wallet.activity(), wallet.bindings()))
            printed.addAll(wallet.devices(wallet.bindings().single().id))
            printed += assertFailsWith<WalletException> { wallet.bindingsFor("MARKER") }
            start.login.close()
        }
        val lines = printed.map { told(it) } + log.entries.map { "$it ${lineOf(it)}" }
        assertTrue(log.entries.isNotEmpty())
        for (secret in secrets) assertTrue(lines.none { secret in it }, "told: ${lines.filter { secret in it }}")
    }

    @Test
    fun `the texts of unexpected exceptions of the app's own parts go nowhere`() = runBlocking {
        val failing = PlayedTransport { _, _ -> throw IllegalStateException("MARKER") }
        val log = KeptLog()
        openDesktopWallet(folder, transport = failing, log = log).use { wallet ->
            wallet.startBinding(bindingRequest("https://id.example", "MARKER")).use { flow ->
                val state = (flow.state as BindingState.Started).requestOtp(OtpChannel.EMAIL)
                val error = assertNotNull(assertIs<BindingState.Started>(state).error)
                assertEquals(ErrorCode.OFFLINE, error.code)
                assertFalse("MARKER" in told(error))
            }
        }
        assertTrue(log.entries.none { "MARKER" in it.toString() })
    }

    @Test
    fun `a panic in Rust is an exception here, and the wallet goes on`() = runBlocking {
        openDesktopWallet(folder).use { wallet ->
            // No call of the API panics; so one beside it, with a buffer that says of itself what cannot be.
            val panic = { RustBuffer.free(RustBuffer.create(capacity = 0u, len = 5u, data = null)) }
            val text = assertNotNull(assertFailsWith<InternalException> { panic() }.message)
            val error = assertFailsWith<WalletException> { wallet.inBackground { panic() } }
            assertEquals(ErrorCode.INTERNAL to NextStep.REPORT, error.code to error.nextStep)
            assertFalse(text in told(error))
            assertTrue(wallet.bindings().isEmpty())
            assertTrue(decodeQr(ByteArray(64 * 64) { -1 }, 64u, 64u).isEmpty())
        }
    }

    /** What a developer can print of it: its text, and of an error its causes and message too. */
    private fun told(it: Any?): String =
        if (it is Throwable) "$it ${it.message} ${it.cause} ${it.stackTraceToString()}" else it.toString()
}

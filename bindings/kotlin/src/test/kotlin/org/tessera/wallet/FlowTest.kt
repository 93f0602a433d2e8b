package org.tessera.wallet

import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.jvm.openDesktopWallet

/** What a flow adds to a session, without a server. */
class FlowTest {
    @TempDir
    lateinit var folder: Path

    private val reached = CompletableDeferred<Unit>()
    private val stuck = PlayedTransport { _, _ ->
        reached.complete(Unit)
        awaitCancellation()
    }

    @Test
    fun `a step shows that it works, and a state that is over does nothing`() = runBlocking {
        val sent = AtomicInteger()
        val answer = CompletableDeferred<Unit>()
        val slow = PlayedTransport { _, _ ->
            sent.incrementAndGet()
            reached.complete(Unit)
            answer.await()
            throw TransportException.Timeout()
        }
        openDesktopWallet(folder, transport = slow).use { wallet ->
            wallet.startBinding(request()).use { flow ->
                val start = assertIs<BindingState.Started>(flow.state)
                val first = async { start.requestOtp(OtpChannel.EMAIL) }
                reached.await()
                assertSame(BindingState.Working, flow.state)
                assertSame(BindingState.Working, start.requestOtp(OtpChannel.EMAIL))
                answer.complete(Unit)
                val after = assertIs<BindingState.Started>(first.await())
                assertEquals(ErrorCode.TIMEOUT, assertNotNull(after.error).code)
                assertSame(after, flow.state)
                assertSame(after, start.requestOtp(OtpChannel.EMAIL))
                assertEquals(1, sent.get())
            }
        }
    }

    @Test
    fun `a cancelled coroutine cancels the session, a cancelled collector does not`() = runBlocking {
        openDesktopWallet(folder, transport = stuck).use { wallet ->
            wallet.startBinding(request()).use { flow ->
                val collector = launch { flow.states.collect {} }
                collector.cancelAndJoin()
                val seen = async { flow.states.toList() }
                val step = launch { assertIs<BindingState.Started>(flow.state).requestOtp(OtpChannel.EMAIL) }
                reached.await()
                step.cancelAndJoin()
                assertSame(BindingState.Cancelled, flow.state)
                assertSame(BindingState.Cancelled, seen.await().last())
                assertTrue(wallet.unfinishedSessions().isEmpty())
            }
        }
    }

    @Test
    fun `cancel stops the step that runs`() = runBlocking {
        openDesktopWallet(folder, transport = stuck).use { wallet ->
            wallet.startBinding(request()).use { flow ->
                val step = async { assertIs<BindingState.Started>(flow.state).requestOtp(OtpChannel.EMAIL) }
                reached.await()
                flow.cancel()
                assertSame(BindingState.Cancelled, step.await())
                assertSame(BindingState.Cancelled, flow.states.first())
                flow.cancel()
            }
        }
    }

    @Test
    fun `a closed flow does nothing, and its session is found again`() = runBlocking {
        openDesktopWallet(folder, transport = stuck).use { wallet ->
            val flow = wallet.startBinding(request())
            val step = launch { assertIs<BindingState.Started>(flow.state).requestOtp(OtpChannel.EMAIL) }
            reached.await()
            flow.close()
            flow.close()
            assertSame(BindingState.Working, flow.state)
            step.cancelAndJoin()
            assertSame(BindingState.Cancelled, flow.state)

            val left = wallet.startBinding(request())
            val start = assertIs<BindingState.Started>(left.state)
            left.close()
            left.cancel()
            assertSame(start, start.requestOtp(OtpChannel.EMAIL))
            wallet.continueBinding(left.id).use { assertIs<BindingState.Started>(it.state) }
        }
    }

    @Test
    fun `what was scanned says what to do next`() = runBlocking {
        openDesktopWallet(folder).use { wallet ->
            assertEquals(ErrorCode.INVALID_LINK, assertIs<LoginStart.ScanAgain>(wallet.startLogin("hello")).error.code)
            val link = "tessera://wla-auth?linkCode=abc&iss=https://id.example"
            assertEquals(ErrorCode.UNKNOWN_SERVER, assertIs<LoginStart.BindFirst>(wallet.startLogin(link)).error.code)
            assertEquals(NextStep.REPORT, assertFailsWith<WalletException> { wallet.continueLogin("none") }.nextStep)
            assertTrue(wallet.inBackground { bindings() }.isEmpty())
        }
    }

    private fun request() = bindingRequest("https://id.example", "5860356276")
}

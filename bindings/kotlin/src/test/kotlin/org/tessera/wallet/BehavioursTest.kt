package org.tessera.wallet

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.listDirectoryEntries
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.jvm.SoftwareKeys
import org.tessera.wallet.jvm.openDesktopWallet

/** One test for each line of bindings/behaviours.txt, against a running server. Each has a person of its own. */
class BehavioursTest {
    @TempDir
    lateinit var folder: Path

    private val stand = Stand()
    private val person by lazy { stand.newPerson() }

    @Test
    fun bind() = running {
        open().use { wallet ->
            wallet.startBinding(request()).use { flow ->
                val sent = assertIs<BindingState.OtpSent>(started(flow).requestOtp(OtpChannel.EMAIL))
                assertTrue(assertNotNull(sent.delivery.maskedEmail).contains('*'))
                val bound = assertIs<BindingState.Bound>(sent.bind(BindingFactor.Otp(stand.otp(person))))
                assertTrue(bound.isOver)
                assertEquals(stand.origin, bound.binding.server)
            }
            assertTrue(wallet.unfinishedSessions().isEmpty())
            val own = wallet.devices(wallet.bindings().single().id).single()
            assertTrue(own.current && !own.revoked)
        }
    }

    @Test
    fun secondDevice() = running {
        bound("first").use { first ->
            bound("second").use { second ->
                val devices = first.devices(first.bindings().single().id)
                assertEquals(2, devices.count { !it.revoked })
                logIn(second)
                first.revokeDevice(first.bindings().single().id, devices.single { !it.current }.deviceId)
                val refused = assertIs<LoginState.Failed>(approved(second, stand.beginLogin())).error
                assertEquals(ErrorCode.BINDING_ENDED to NextStep.BIND, refused.code to refused.nextStep)
                val ended = assertFailsWith<WalletException> { second.devices(second.bindings().single().id) }
                assertEquals(ErrorCode.BINDING_ENDED to NextStep.BIND, ended.code to ended.nextStep)
                logIn(first)
            }
        }
    }

    @Test
    fun approve() = running {
        bound().use { wallet ->
            val begun = stand.beginLogin()
            started(wallet, begun).use { login ->
                val seen = async { login.states.toList() }
                val review = assertIs<LoginState.Review>(login.state)
                assertTrue(review.review.relyingParty.name.isNotEmpty())
                assertTrue(RequestedClaim("name", true) in review.review.claims)
                val voluntary = review.review.claims.filterNot { it.essential }.map { it.name }
                val done = assertIs<LoginState.Completed>(
                    review.approve(review.review.choices(voluntary, review.review.scopes)),
                )
                assertEquals(person.name, stand.endLogin(begun))
                val receipt = wallet.receipts().single()
                assertEquals(done.outcome.receiptId, receipt.id)
                assertTrue(receipt.claims.containsAll(listOf("email", "name")))
                assertTrue(wallet.verifyReceipt(receipt.id))
                assertIs<LoginState.Completed>(seen.await().last())
            }
            assertEquals(ActivityKind.LOGIN_APPROVED, wallet.activity().first().kind)
        }
    }

    @Test
    fun deny() = running {
        bound().use { wallet ->
            val begun = stand.beginLogin()
            started(wallet, begun).use { login ->
                assertEquals(LoginState.Denied, assertIs<LoginState.Review>(login.state).deny(DenialReason.NOT_ME))
            }
            assertEquals(409, assertFailsWith<Stand.Refused> { stand.endLogin(begun) }.status)
            assertEquals(ActivityKind.LOGIN_DENIED, wallet.activity().first().kind)
        }
    }

    @Test
    fun expiredCode() = running {
        bound().use { wallet ->
            val link = stand.beginExpiredLogin().link
            val told = assertIs<LoginStart.ScanAgain>(wallet.startLogin(link))
            assertEquals(ErrorCode.LINK_EXPIRED, told.error.code)
            // Where the link does not say, the server does.
            val silent = link.replace(Regex("linkExpireDateTime=[^&]*&?"), "")
            assertNotEquals(link, silent)
            val refused = assertIs<LoginStart.ScanAgain>(wallet.startLogin(silent))
            assertEquals(ErrorCode.LINK_CODE_REFUSED, refused.error.code)
            logIn(wallet)
        }
    }

    @Test
    fun unknownServer() = running {
        val sent = AtomicInteger()
        val counting = PlayedTransport { request, real ->
            sent.incrementAndGet()
            real.send(request)
        }
        bound(transport = counting).use { wallet ->
            val before = sent.get()
            val link = stand.beginLoginElsewhere().link
            assertTrue(wallet.bindingsFor(link).isEmpty())
            val unknown = assertIs<LoginStart.BindFirst>(wallet.startLogin(link))
            assertEquals(ErrorCode.UNKNOWN_SERVER to Retry.NEVER, unknown.error.code to unknown.error.retry)
            assertEquals(before, sent.get())
        }
    }

    @Test
    fun offlineAndBack() = running {
        var offline = false
        val network = PlayedTransport { request, real ->
            if (offline) throw TransportException.Offline()
            real.send(request)
        }
        bound(transport = network).use { wallet ->
            val begun = stand.beginLogin()
            offline = true
            val failed = assertIs<LoginStart.Failed>(wallet.startLogin(begun.link))
            assertEquals(ErrorCode.OFFLINE to NextStep.TRY_AGAIN, failed.error.code to failed.error.nextStep)
            offline = false
            started(wallet, begun).use { login ->
                offline = true
                val review = assertIs<LoginState.Review>(login.state)
                val waiting = assertIs<LoginState.Unfinished>(review.approve(review.review.choices()))
                assertEquals(ErrorCode.OFFLINE, assertNotNull(waiting.error).code)
                offline = false
                assertIs<LoginState.Completed>(waiting.finish())
            }
            assertEquals(person.name, stand.endLogin(begun))
        }
    }

    @Test
    fun wrongClock() = running {
        for (minutes in listOf(-5L, 5L)) {
            bound("off by $minutes", clock = ClockOff(minutes * 60_000)).use { wallet ->
                logIn(wallet)
                wallet.renewBinding(wallet.bindings().single().id)
            }
        }
    }

    @Test
    fun keyInvalidated() = running {
        val keys = PlayedKeys(SoftwareKeys(folder.resolve("keys")))
        bound(keys = keys).use { wallet ->
            val old = wallet.bindings().single()
            keys.failure = KeyException.Invalidated()
            val begun = stand.beginLogin()
            started(wallet, begun).use { login ->
                val review = assertIs<LoginState.Review>(login.state)
                val refused = assertIs<LoginState.Review>(review.approve(review.review.choices()))
                val error = assertNotNull(refused.error)
                assertEquals(ErrorCode.KEY_INVALIDATED to NextStep.BIND, error.code to error.nextStep)
                // A key that is locked is another thing: the citizen unlocks it, and the same login goes on.
                keys.failure = KeyException.Locked()
                val locked = assertIs<LoginState.Review>(refused.approve(refused.review.choices()))
                assertEquals(NextStep.UNLOCK, assertNotNull(locked.error).nextStep)
            }
            keys.failure = null
            bindAt(wallet)
            assertNotEquals(old.id, wallet.bindings().single().id)
            logIn(wallet)
        }
    }

    @Test
    fun killedBetweenApproveAndAnswer() = running {
        val taken = CompletableDeferred<Unit>()
        var kill = false
        val network = PlayedTransport { request, real ->
            val answer = real.send(request)
            if (kill && request.url.endsWith("/authenticate")) {
                taken.complete(Unit)
                awaitCancellation()
            }
            answer
        }
        bound("killed", transport = network).use { wallet ->
            val begun = stand.beginLogin()
            val login = started(wallet, begun)
            kill = true
            val review = assertIs<LoginState.Review>(login.state)
            val step = launch { review.approve(review.review.choices()) }
            taken.await()
            // The server has the token and the app its end: what lies on the disk now is all that is left of it.
            val left = folder.resolve("left")
            folder.resolve("killed").toFile().copyRecursively(left.toFile())
            open("left").use { again ->
                val unfinished = again.unfinishedSessions().single()
                assertEquals(SessionKind.LOGIN, unfinished.kind)
                again.continueLogin(unfinished.id).use { resumed ->
                    assertEquals(login.id, resumed.id)
                    assertIs<LoginState.Completed>(assertIs<LoginState.Unfinished>(resumed.state).finish())
                }
                assertEquals(person.name, stand.endLogin(begun))
            }
            step.cancelAndJoin()
            login.close()
        }
    }

    @Test
    fun wrongOtp() = running {
        open().use { wallet ->
            wallet.startBinding(request()).use { flow ->
                val sent = assertIs<BindingState.OtpSent>(started(flow).requestOtp(OtpChannel.EMAIL))
                val otp = stand.otp(person)
                val refused = assertIs<BindingState.OtpSent>(sent.bind(BindingFactor.Otp(otherThan(otp))))
                val error = assertNotNull(refused.error)
                assertEquals(ErrorCode.AUTHENTICATION_FAILED to Retry.NOW, error.code to error.retry)
                assertIs<BindingState.Bound>(refused.bind(BindingFactor.Otp(otp)))
            }
        }
    }

    @Test
    fun lockOut() = running {
        open().use { wallet ->
            val locked = wallet.startBinding(request()).use { flow ->
                var state = assertIs<BindingState.Open>(started(flow).requestOtp(OtpChannel.EMAIL))
                val wrong = otherThan(stand.otp(person))
                var tries = 0
                while (state.error?.code != ErrorCode.ATTEMPTS_EXCEEDED) {
                    check(tries++ < MOST_TRIES) { "the server lets anybody guess on" }
                    state = assertIs<BindingState.Open>(state.bind(BindingFactor.Otp(wrong)))
                }
                flow.cancel()
                assertNotNull(state.error)
            }
            assertEquals(Retry.LATER to NextStep.WAIT, locked.retry to locked.nextStep)
            stand.unlock(person)
            bindAt(wallet)
            logIn(wallet)
        }
    }

    @Test
    fun withdrawConsent() = running {
        bound().use { wallet ->
            val begun = logIn(wallet)
            assertEquals(person.name, stand.nameAgain(begun))
            val receipt = wallet.withdrawConsent(wallet.receipts().single().id)
            assertEquals(ReceiptState.WITHDRAWN, receipt.state)
            assertNotNull(receipt.withdrawnAt)
            assertEquals(409, assertFailsWith<Stand.Refused> { stand.nameAgain(begun) }.status)
        }
    }

    @Test
    fun answerQuestion() = running {
        val keys = PlayedKeys(SoftwareKeys(folder.resolve("keys")))
        bound(keys = keys).use { wallet ->
            val binding = wallet.bindings().single().id
            assertTrue(wallet.questions(binding).isEmpty())
            val asked = stand.ask(person)
            assertEquals("OPEN", stand.standing(asked))
            val question = wallet.questions(binding).single()
            assertEquals(asked to "Your file", question.id to question.purpose)
            val before = keys.prompts.get()
            val receipt = assertNotNull(wallet.answerQuestion(question, listOf("name")))
            assertEquals(1, keys.prompts.get() - before, "a key that asks at every use asks once")
            assertEquals("AGREED name", stand.standing(asked))
            assertTrue(wallet.verifyReceipt(receipt.id))
            assertEquals(ActivityKind.QUESTION_ANSWERED, wallet.activity().first().kind)
            wallet.withdrawConsent(receipt.id)
            assertEquals("WITHDRAWN", stand.standing(asked))
            val again = stand.ask(person)
            assertNull(wallet.answerQuestion(wallet.questions(binding).single(), emptyList()))
            assertEquals("DECLINED", stand.standing(again))
        }
    }

    @Test
    fun renewCertificate() = running {
        bound().use { wallet ->
            val old = wallet.bindings().single()
            val renewed = wallet.renewBinding(old.id)
            assertEquals(old.id, renewed.id)
            assertTrue(renewed.expiresAt >= old.expiresAt)
            assertEquals(ActivityKind.RENEWED, wallet.activity().first().kind)
            logIn(wallet)
        }
    }

    @Test
    fun wipe() = running {
        bound("wiped").use { wallet ->
            logIn(wallet)
            assertEquals(1, folder.resolve("wiped/keys").listDirectoryEntries().size)
            wallet.erase()
            assertTrue(wallet.bindings().isEmpty() && wallet.receipts().isEmpty() && wallet.activity().isEmpty())
            assertTrue(folder.resolve("wiped/keys").listDirectoryEntries().isEmpty())
        }
        open("wiped").use { assertTrue(it.bindings().isEmpty()) }
    }

    @Test
    fun `a cancelled coroutine ends a call without a session, and its request`() = running {
        val reached = CompletableDeferred<Unit>()
        val givenUp = CompletableDeferred<Unit>()
        var stuck = false
        val network = PlayedTransport { request, real ->
            if (!stuck) return@PlayedTransport real.send(request)
            reached.complete(Unit)
            try {
                awaitCancellation()
            } finally {
                givenUp.complete(Unit)
            }
        }
        bound(transport = network).use { wallet ->
            val binding = wallet.bindings().single().id
            stuck = true
            val asked = launch { wallet.devices(binding) }
            reached.await()
            asked.cancelAndJoin()
            givenUp.await()
            stuck = false
            assertTrue(wallet.inBackground { devices(binding) }.single().current)
        }
    }

    @Test
    fun `a number that the page shows is typed, once`() = running {
        bound().use { wallet ->
            val first = stand.beginNumberedLogin()
            started(wallet, first).use { login ->
                val review = assertIs<LoginState.Review>(login.state)
                assertTrue(review.review.numberRequired)
                val without = assertIs<LoginState.Review>(review.approve(review.review.choices()))
                assertEquals(NextStep.TYPE_NUMBER, assertNotNull(without.error).nextStep)
                val right = review.review.choices(number = stand.shownNumber(first))
                assertIs<LoginState.Completed>(without.approve(right))
                assertEquals(person.name, stand.endLogin(first))
            }
            val second = stand.beginNumberedLogin()
            started(wallet, second).use { login ->
                val review = assertIs<LoginState.Review>(login.state)
                val wrong = review.review.choices(number = otherThan(stand.shownNumber(second)))
                val failed = assertIs<LoginState.Failed>(review.approve(wrong))
                assertEquals(ErrorCode.NUMBER_WRONG to NextStep.BEGIN_AGAIN, failed.error.code to failed.error.nextStep)
                assertTrue(failed.isOver)
            }
        }
    }

    private fun running(test: suspend kotlinx.coroutines.CoroutineScope.() -> Unit) = runBlocking { test() }

    private suspend fun open(
        name: String = "wallet",
        transport: Transport = PlayedTransport { request, real -> real.send(request) },
        keys: DeviceKeys? = null,
        clock: Clock? = null,
    ): Wallet {
        val own = Files.createDirectories(folder.resolve(name))
        val used = keys ?: SoftwareKeys(own.resolve("keys"))
        return openDesktopWallet(own, allowLoopbackHttp = true, transport = transport, keys = used, clock = clock)
    }

    private suspend fun bound(
        name: String = "wallet",
        transport: Transport = PlayedTransport { request, real -> real.send(request) },
        keys: DeviceKeys? = null,
        clock: Clock? = null,
    ): Wallet = open(name, transport, keys, clock).also { bindAt(it) }

    private suspend fun bindAt(wallet: Wallet) = wallet.startBinding(request()).use { flow ->
        val sent = assertIs<BindingState.OtpSent>(started(flow).requestOtp(OtpChannel.EMAIL))
        assertIs<BindingState.Bound>(sent.bind(BindingFactor.Otp(stand.otp(person))))
    }

    private suspend fun logIn(wallet: Wallet): Stand.Begun {
        val begun = stand.beginLogin()
        assertIs<LoginState.Completed>(approved(wallet, begun))
        assertEquals(person.name, stand.endLogin(begun))
        return begun
    }

    private suspend fun approved(wallet: Wallet, begun: Stand.Begun): LoginState = started(wallet, begun).use { login ->
        assertIs<LoginState.Review>(login.state).run { approve(review.choices()) }
    }

    private suspend fun started(wallet: Wallet, begun: Stand.Begun): LoginFlow =
        assertIs<LoginStart.Started>(wallet.startLogin(begun.link)).login

    private fun started(flow: BindingFlow) = assertIs<BindingState.Started>(flow.state)

    private fun request() =
        BindingRequest.tessera(stand.origin, person.id, "Kotlin test", userAuthentication = UserAuthentication.None)

    private fun otherThan(otp: String) = otp.map { if (it == '1') '2' else '1' }.joinToString("")

    private companion object {
        const val MOST_TRIES = 20
    }
}

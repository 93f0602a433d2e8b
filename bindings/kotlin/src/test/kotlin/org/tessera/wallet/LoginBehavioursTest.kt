package org.tessera.wallet

import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test

/** Logins: behaviours of bindings/behaviours.txt, against a running server. */
internal class LoginBehavioursTest : Behaviours() {
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
}

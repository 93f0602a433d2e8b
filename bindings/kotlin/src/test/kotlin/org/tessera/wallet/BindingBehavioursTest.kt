package org.tessera.wallet

import kotlin.io.path.listDirectoryEntries
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Test
import org.tessera.wallet.jvm.SoftwareKeys

/** Phones and their keys: behaviours of bindings/behaviours.txt, against a running server. */
internal class BindingBehavioursTest : Behaviours() {
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

    private companion object {
        const val MOST_TRIES = 20
    }
}

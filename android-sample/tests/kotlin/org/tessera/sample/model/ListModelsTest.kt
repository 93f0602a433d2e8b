package org.tessera.sample.model

import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.ActivityEntry
import org.tessera.wallet.ActivityKind
import org.tessera.wallet.ConsentReceipt
import org.tessera.wallet.DenialReason
import org.tessera.wallet.Device
import org.tessera.wallet.ErrorCode
import org.tessera.wallet.NextStep
import org.tessera.wallet.ReceiptState

class ListModelsTest : OnBoundPhone() {
    @TempDir
    lateinit var other: Path

    @Test
    fun `phones are renamed, renewed and revoked, this one last`() = onBoundPhone { phone ->
        TestPhone(other).use { it.bind(stand, person, "Second phone") }
        val binding = phone.wallets.get().bindings().single()
        val model = DevicesModel(binding.id, phone.wallets, phone.scope)
        phone.tap { model.load() }
        val both = model.rows.until<Rows.Ready<*>>().devices()
        assertEquals(setOf("Test phone", "Second phone"), both.map { it.name }.toSet())
        val own = both.single { it.current }

        phone.tap { model.rename(own.deviceId, "Kitchen phone") }
        val renamed = model.rows.untilTold()
        assertEquals(Done.RENAMED, renamed.message)
        assertEquals("Kitchen phone", renamed.rows.single { it.current }.name)

        phone.tap { model.rename(own.deviceId, " ") }
        val refused = model.rows.until<Rows.Ready<*>> { it.message is Problem }
        assertEquals(Problem.Refused(ErrorCode.INVALID_INPUT), refused.message)
        assertEquals(2, refused.rows.size, "the list stays")

        phone.tap { model.renew() }
        model.rows.until<Rows.Ready<*>> { it.message == Done.RENEWED }

        phone.tap { model.revoke(both.single { !it.current }.deviceId) }
        val left = model.rows.until<Rows.Ready<*>> { it.message == Done.REVOKED }.devices()
        assertEquals(listOf(own.deviceId), left.map { it.deviceId })

        phone.tap { model.revoke(own.deviceId) }
        assertEquals(Problem.Refused(ErrorCode.NOT_BOUND), model.rows.until<Rows.Failed>().problem)
        assertTrue(phone.wallets.get().bindings().isEmpty())
    }

    @Test
    fun `a phone that was revoked elsewhere is told to bind again`() = onBoundPhone { phone ->
        val login = stand.begin()
        TestPhone(other).use { second ->
            second.bind(stand, person, "Second phone")
            val devices = DevicesModel(second.wallets.get().bindings().single().id, second.wallets, second.scope)
            second.tap { devices.load() }
            val first = devices.rows.until<Rows.Ready<*>>().devices().single { !it.current }
            second.tap { devices.revoke(first.deviceId) }
            devices.rows.until<Rows.Ready<*>> { it.message == Done.REVOKED }
        }
        LoginModel(phone.wallets, phone.scope).use { model ->
            phone.tap { model.start(login.link) }
            model.page.until<LoginPage.Review>()
            phone.tap { model.approve("") }
            val over = assertIs<Problem.Refused>(model.page.until<LoginPage.Over>().problem)
            assertEquals(ErrorCode.BINDING_ENDED to NextStep.BIND, over.code to over.next)
        }
    }

    @Test
    fun `without a network the list says so, and comes when it is back`() = onBoundPhone { phone ->
        val model = DevicesModel(phone.wallets.get().bindings().single().id, phone.wallets, phone.scope)
        phone.network.isThere = false
        phone.tap { model.load() }
        assertEquals(Problem.Refused(ErrorCode.OFFLINE), model.rows.until<Rows.Failed>().problem)
        phone.network.isThere = true
        phone.tap { model.load() }
        assertEquals(1, model.rows.until<Rows.Ready<*>>().rows.size)
    }

    @Test
    fun `a consent is withdrawn, and what the relying party got is of no more use`() = onBoundPhone { phone ->
        val login = phone.logIn(stand)
        val model = ReceiptsModel(phone.wallets, phone.scope)
        phone.tap { model.load() }
        val receipt = model.rows.until<Rows.Ready<*>>().receipts().single()
        assertEquals(200, stand.nameAgain(login))

        phone.tap { model.verify(receipt.id) }
        assertEquals(Done.RECEIPT_GENUINE, model.rows.untilTold().message)

        phone.network.isThere = false
        phone.tap { model.withdraw(receipt.id) }
        val offline = model.rows.until<Rows.Ready<*>> { it.message is Problem }
        assertEquals(Problem.Refused(ErrorCode.OFFLINE), offline.message)
        assertEquals(ReceiptState.GIVEN, offline.receipts().single().state)

        phone.network.isThere = true
        phone.tap { model.withdraw(receipt.id) }
        val withdrawn = model.rows.until<Rows.Ready<*>> { it.message == Done.WITHDRAWN }
        assertEquals(ReceiptState.WITHDRAWN, withdrawn.receipts().single().state)
        assertEquals(409, stand.nameAgain(login))

        phone.tap { model.refresh() }
        val refreshed = model.rows.until<Rows.Ready<*>> { it.message == Done.RECEIPTS_REFRESHED }
        assertEquals(ReceiptState.WITHDRAWN, refreshed.receipts().single().state)

        phone.tap { model.delete(receipt.id) }
        assertTrue(model.rows.until<Rows.Ready<*>> { it.message == Done.RECEIPT_DELETED }.rows.isEmpty())
    }

    @Test
    fun `a login is reported from the log, which is exported and cleared`() = onBoundPhone { phone ->
        val login = phone.logIn(stand)
        val model = ActivityModel(phone.wallets, phone.scope)
        phone.tap { model.load() }
        val entries = model.rows.until<Rows.Ready<*>>().entries()
        assertEquals(listOf(ActivityKind.LOGIN_APPROVED, ActivityKind.BOUND), entries.map { it.kind })

        phone.tap { model.report(entries.first().id, DenialReason.SUSPICIOUS) }
        val reported = model.rows.until<Rows.Ready<*>> { it.message == Done.REPORTED }.entries()
        assertTrue(reported.any { it.kind == ActivityKind.LOGIN_REPORTED })
        assertEquals(409, stand.nameAgain(login))
        phone.tap { model.report(entries.first().id, DenialReason.SUSPICIOUS) }
        val twice = model.rows.until<Rows.Ready<*>> { it.message is Problem }
        assertEquals(Problem.Refused(ErrorCode.INVALID_INPUT), twice.message)

        val exported = CompletableDeferred<Answer<String>>()
        phone.tap { model.export { exported.complete(it) } }
        val log = assertIs<Answer.Given<String>>(exported.await()).value
        assertTrue("LoginApproved" in log || "login_approved" in log, "the log says what was done")
        assertFalse(person.name in log, "names of claims, no values")

        phone.tap { model.clear() }
        assertTrue(model.rows.until<Rows.Ready<*>> { it.message == Done.LOG_CLEARED }.rows.isEmpty())
        assertEquals(1, phone.wallets.get().receipts().size, "receipts stay")
    }

    private fun Rows.Ready<*>.devices() = rows.map { assertIs<Device>(it) }

    private fun Rows.Ready<*>.receipts() = rows.map { assertIs<ConsentReceipt>(it) }

    private fun Rows.Ready<*>.entries() = rows.map { assertIs<ActivityEntry>(it) }
}

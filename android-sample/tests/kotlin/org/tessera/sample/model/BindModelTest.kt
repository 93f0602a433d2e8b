package org.tessera.sample.model

import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.ErrorCode
import org.tessera.wallet.OtpChannel

class BindModelTest {
    @TempDir
    lateinit var folder: Path

    private val stand = Stand()

    @Test
    fun `GS-WAL-07 a phone is bound with a one-time password, after a wrong one`() = runBlocking<Unit> {
        val person = stand.newPerson()
        TestPhone(folder).use { phone ->
            val model = BindModel(phone.wallets, phone.scope)
            phone.tap { model.begin(BindForm(stand.server, person.id, "Kitchen phone", OtpChannel.EMAIL)) }
            val sent = model.page.until<BindPage.Code>()
            assertTrue('*' in sent.sentTo.maskedEmail.orEmpty(), "the address is masked")
            phone.tap { model.bind(" ") }
            assertEquals(Problem.Missing(Field.CODE), model.page.until<BindPage.Code>().problem)
            val code = stand.otp(person)
            phone.tap { model.bind(code.map { if (it == '0') '1' else '0' }.joinToString("")) }
            val refused = model.page.until<BindPage.Code> { it.problem is Problem.Refused }
            assertEquals(Problem.Refused(ErrorCode.AUTHENTICATION_FAILED), refused.problem)
            phone.tap { model.bind(code) }
            assertEquals("Kitchen phone", model.page.until<BindPage.Bound>().binding.deviceName)
            model.close()
            val home = HomeModel(phone.wallets, phone.scope)
            phone.tap { home.load() }
            val ready = home.page.until<HomePage.Ready>()
            assertEquals(1, ready.bindings.size)
            assertTrue(ready.unfinished.isEmpty())
        }
    }

    @Test
    fun `each field that is left empty is named`() = runBlocking<Unit> {
        TestPhone(folder).use { phone ->
            val model = BindModel(phone.wallets, phone.scope)
            val forms = mapOf(
                Field.SERVER to BindForm(" ", "1", "phone", OtpChannel.EMAIL),
                Field.PERSON to BindForm("id.example", "", "phone", OtpChannel.EMAIL),
                Field.DEVICE_NAME to BindForm("id.example", "1", "", OtpChannel.EMAIL),
            )
            for ((field, form) in forms) {
                phone.tap { model.begin(form) }
                assertEquals(Problem.Missing(field), assertIs<BindPage.Form>(model.page.value).problem)
            }
        }
    }

    @Test
    fun `an address without https is refused, one where nobody is says offline`() = runBlocking<Unit> {
        TestPhone(folder).use { phone ->
            val model = BindModel(phone.wallets, phone.scope)
            phone.tap { model.begin(BindForm("http://id.example", "1", "phone", OtpChannel.EMAIL)) }
            val insecure = model.page.until<BindPage.Form> { it.problem != null }
            assertEquals(Problem.Refused(ErrorCode.INSECURE_ADDRESS), insecure.problem)
            phone.network.isThere = false
            phone.tap { model.begin(BindForm("id.example", "1", "phone", OtpChannel.PHONE)) }
            val offline = model.page.until<BindPage.Form> { it.problem == Problem.Refused(ErrorCode.OFFLINE) }
            assertNotNull(offline.problem)
            model.close()
        }
    }

    @Test
    fun `an app that was killed while the password was on its way goes on`() = runBlocking<Unit> {
        val person = stand.newPerson()
        val session = TestPhone(folder).use { phone ->
            BindModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.begin(BindForm(stand.server, person.id, "Test phone", OtpChannel.EMAIL)) }
                model.page.until<BindPage.Code>()
                assertNotNull(model.sessionId)
            }
        }
        val code = stand.otp(person)
        TestPhone(folder).use { phone ->
            BindModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.resume(session, OtpChannel.EMAIL) }
                model.page.until<BindPage.Code>()
                phone.tap { model.bind(code) }
                model.page.until<BindPage.Bound>()
            }
        }
    }

    @Test
    fun `what was begun can be cancelled, and nothing is left of it`() = runBlocking<Unit> {
        val person = stand.newPerson()
        TestPhone(folder).use { phone ->
            BindModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.begin(BindForm(stand.server, person.id, "Test phone", OtpChannel.EMAIL)) }
                model.page.until<BindPage.Code>()
                phone.tap { model.cancel() }
                assertIs<BindPage.Form>(model.page.value)
            }
            assertTrue(phone.wallets.get().unfinishedSessions().isEmpty())
        }
    }
}

package org.tessera.sample.model

import java.nio.file.Path
import kotlin.test.assertFalse
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.OtpChannel

/** What the models show holds personal data; what they print of themselves does not. */
class TracesTest {
    @TempDir
    lateinit var folder: Path

    private val stand = Stand()

    @Test
    fun `nothing personal is in what the pages print`() = runBlocking<Unit> {
        val person = stand.newPerson()
        val printed = mutableListOf<String>()
        TestPhone(folder).use { phone ->
            val form = BindForm(stand.server, person.id, "Device-Marker", OtpChannel.EMAIL)
            val bind = BindModel(phone.wallets, phone.scope)
            phone.tap { bind.begin(form) }
            printed += listOf(form.toString(), bind.page.until<BindPage.Code>().toString())
            val code = stand.otp(person)
            phone.tap { bind.bind(code) }
            printed += listOf(bind.page.until<BindPage.Bound>().toString(), bind.toString())
            val login = LoginModel(phone.wallets, phone.scope)
            val link = stand.begin().link
            phone.tap { login.start(link) }
            printed += login.page.until<LoginPage.Review>().toString()
            phone.tap { login.tickClaim("email", true) }
            printed += listOf(login.saved.toString(), login.saved?.choices.toString())
            phone.tap { login.approve("") }
            printed += listOf(login.page.until<LoginPage.Approved>().toString(), login.toString())
            val home = HomeModel(phone.wallets, phone.scope)
            phone.tap { home.load() }
            printed += home.page.until<HomePage.Ready>().toString()
            val receipts = ReceiptsModel(phone.wallets, phone.scope)
            phone.tap { receipts.load() }
            printed += receipts.rows.until<Rows.Ready<*>>().run { listOf(toString(), rows.toString()) }
            for (marker in listOf(person.id, person.name, "Device-Marker", code, link, "email")) {
                assertFalse(printed.any { marker in it }, "found in what is printed")
            }
        }
    }
}

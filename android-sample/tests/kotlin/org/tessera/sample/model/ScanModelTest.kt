package org.tessera.sample.model

import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.ErrorCode

class ScanModelTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `a code in a picture is read, one without a code is looked past`() = runBlocking<Unit> {
        TestPhone(folder).use { phone ->
            val model = ScanModel(phone.wallets, phone.scope)
            phone.tap { model.picture(GreyPicture(ByteArray(64 * 64), 64, 64)) }
            model.page.until<ScanPage.Looking>()
            // A picture that comes while one is looked at is dropped, so this one is offered until it is taken.
            while (model.page.value is ScanPage.Looking) phone.tap { model.picture(code()) }
            assertTrue("linkCode=" in model.page.until<ScanPage.Login>().link)
        }
    }

    @Test
    fun `a pasted link is a login, anything else is tried as a credential`() = runBlocking<Unit> {
        TestPhone(folder).use { phone ->
            val model = ScanModel(phone.wallets, phone.scope)
            phone.tap { model.text("  ") }
            assertEquals(Problem.Missing(Field.TEXT), model.page.until<ScanPage.Looking> { it.problem != null }.problem)
            phone.tap { model.text(" tessera://wla-auth?linkCode=abc&iss=https://id.example ") }
            assertEquals("tessera://wla-auth?linkCode=abc&iss=https://id.example", model.page.until<ScanPage.Login>().link)
            phone.tap { model.again() }
            phone.tap { model.text("6BF5YZB2") }
            assertEquals("6BF5YZB2", model.page.until<ScanPage.Other>().text)
        }
    }

    @Test
    fun `a wallet that cannot be opened is no fault of the code`() = runBlocking<Unit> {
        TestPhone(folder).use { phone ->
            phone.wallets.get()
            TestPhone(folder).let { second ->
                val model = ScanModel(second.wallets, second.scope)
                second.tap { model.text("tessera://wla-auth?linkCode=abc") }
                val looking = model.page.until<ScanPage.Looking> { it.problem != null }
                assertEquals(Problem.Refused(ErrorCode.STORE_IN_USE), looking.problem)
            }
        }
    }

    /** A login's code, as a camera would give it. */
    private fun code(): GreyPicture {
        val image = ImageIO.read(checkNotNull(javaClass.getResourceAsStream("/code.png")))
        val luma = ByteArray(image.width * image.height) { at ->
            val colour = image.getRGB(at % image.width, at / image.width)
            (colour and 0xFF).toByte()
        }
        return GreyPicture(luma, image.width, image.height)
    }
}

package org.tessera.wallet

import com.example.desk.firstLogin
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.jvm.openDesktopWallet

/** The program of docs/guide-android.md, as its reader runs it. */
class GuideTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `what the guide runs on a desktop logs a browser in`() = runBlocking {
        val stand = Stand()
        val person = stand.newPerson()
        val begun = stand.beginLogin()
        openDesktopWallet(folder, allowLoopbackHttp = true).use { wallet ->
            val said = firstLogin(wallet) { question ->
                when (question) {
                    "Server" -> stand.origin
                    "Identifier" -> person.id
                    "One-time password" -> stand.otp(person)
                    "Link" -> begun.link
                    else -> error(question)
                }
            }
            assertEquals("the browser is logged in", said)
        }
        assertEquals(person.name, stand.endLogin(begun))
    }
}

package org.tessera.sample.model

import java.nio.file.Files
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.ErrorCode
import org.tessera.wallet.SessionKind

class HomeModelTest {
    @TempDir
    lateinit var folder: Path

    private val stand = Stand()

    @Test
    fun `what was begun and not ended is shown, and can be discarded`() = runBlocking<Unit> {
        val person = stand.newPerson()
        TestPhone(folder).use { phone ->
            phone.bind(stand, person)
            LoginModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.start(stand.begin().link) }
                model.page.until<LoginPage.Review>()
            }
        }
        TestPhone(folder).use { phone ->
            val home = HomeModel(phone.wallets, phone.scope)
            phone.tap { home.load() }
            val begun = home.page.until<HomePage.Ready>().unfinished.single()
            assertEquals(SessionKind.LOGIN, begun.kind)
            phone.tap { home.discard(begun) }
            home.page.until<HomePage.Ready> { it.unfinished.isEmpty() }
        }
    }

    @Test
    fun `where the store's key is lost only a new wallet helps, and is made`() = runBlocking<Unit> {
        TestPhone(folder).use { phone -> assertTrue(phone.wallets.get().bindings().isEmpty()) }
        Files.delete(folder.resolve("data.key"))
        TestPhone(folder).use { phone ->
            val home = HomeModel(phone.wallets, phone.scope)
            phone.tap { home.load() }
            val failed = home.page.until<HomePage.Failed>()
            assertEquals(Problem.Refused(ErrorCode.STORE_LOST), failed.problem)
            assertTrue(failed.canStartOver)
            phone.tap { home.startOver() }
            assertTrue(home.page.until<HomePage.Ready>().bindings.isEmpty())
        }
    }
}

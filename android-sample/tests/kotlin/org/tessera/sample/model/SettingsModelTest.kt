package org.tessera.sample.model

import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.ErrorCode

class SettingsModelTest {
    @TempDir
    lateinit var folder: Path

    @TempDir
    lateinit var other: Path

    private val stand = Stand()

    private class Kept : Preferences {
        override var language = Language.SYSTEM
        override var theme = Theme.SYSTEM
    }

    @Test
    fun `language and colours are kept`() = runBlocking<Unit> {
        TestPhone(folder).use { phone ->
            val kept = Kept()
            val model = SettingsModel(kept, phone.wallets, phone.scope)
            phone.tap {
                model.take(Language.FRENCH)
                model.take(Theme.DARK)
            }
            assertEquals(Language.FRENCH to Theme.DARK, kept.language to kept.theme)
            assertEquals(Language.FRENCH to Theme.DARK, model.page.value.run { language to theme })
        }
    }

    @Test
    fun `a backup brings receipts to another phone, and says where that one must be bound`() = runBlocking<Unit> {
        val person = stand.newPerson()
        val backup = CompletableDeferred<Answer<ByteArray>>()
        TestPhone(folder).use { phone ->
            phone.bind(stand, person, "Old phone")
            phone.logIn(stand)
            val model = SettingsModel(Kept(), phone.wallets, phone.scope)
            for ((first, second) in listOf("short" to "short", PASSPHRASE to "something else")) {
                val refused = CompletableDeferred<Answer<ByteArray>>()
                phone.tap { model.export(first, second) { refused.complete(it) } }
                assertEquals(Problem.WeakPassphrase, assertIs<Answer.Refused>(refused.await()).problem)
            }
            phone.tap { model.export(PASSPHRASE, PASSPHRASE) { backup.complete(it) } }
            backup.await()
        }
        val file = assertIs<Answer.Given<ByteArray>>(backup.await()).value
        assertFalse(person.name in file.decodeToString(), "the file is encrypted")
        TestPhone(other).use { phone ->
            val model = SettingsModel(Kept(), phone.wallets, phone.scope)
            phone.tap { model.restore(file, "not this passphrase") }
            val wrong = model.page.first { it.message is Problem }
            assertEquals(Problem.Refused(ErrorCode.BACKUP_PASSPHRASE_WRONG), wrong.message)
            phone.tap { model.restore(file, PASSPHRASE) }
            val restored = assertNotNull(model.page.first { it.message == Done.RESTORED }.restored)
            assertEquals(1u, restored.receipts)

            val home = HomeModel(phone.wallets, phone.scope)
            phone.tap { home.load() }
            val again = home.page.until<HomePage.Ready>().bindAgain.single()
            assertEquals(person.id to "Old phone", again.individualId to again.deviceName)
            phone.bind(stand, person, "New phone")
            phone.tap { home.load() }
            assertTrue(home.page.until<HomePage.Ready> { it.bindings.isNotEmpty() }.bindAgain.isEmpty())
        }
    }

    @Test
    fun `a wallet that is wiped holds nothing, and works`() = runBlocking<Unit> {
        val person = stand.newPerson()
        TestPhone(folder).use { phone ->
            phone.bind(stand, person)
            phone.logIn(stand)
            val model = SettingsModel(Kept(), phone.wallets, phone.scope)
            phone.tap { model.wipe() }
            model.page.first { it.message == Done.WIPED }
            val wallet = phone.wallets.get()
            assertTrue(wallet.bindings().isEmpty() && wallet.receipts().isEmpty() && wallet.activity().isEmpty())
            val keys = folder.resolve("keys").toFile().list().orEmpty()
            assertTrue(keys.isEmpty(), "its keys are gone")
            phone.bind(stand, person)
        }
    }

    private companion object {
        const val PASSPHRASE = "four words that nobody knows"
    }
}

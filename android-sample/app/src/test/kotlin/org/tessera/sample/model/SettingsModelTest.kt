package org.tessera.sample.model

import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class SettingsModelTest {
    @TempDir
    lateinit var folder: Path

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
}

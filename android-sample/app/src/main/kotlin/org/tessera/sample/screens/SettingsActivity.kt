package org.tessera.sample.screens

import android.os.Bundle
import android.widget.RadioGroup
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.Language
import org.tessera.sample.model.OneWallet
import org.tessera.sample.model.SettingsModel
import org.tessera.sample.model.SettingsPage
import org.tessera.sample.model.Theme

/** Language, colours, and the end of the wallet. */
class SettingsActivity : Screen<SettingsModel>(R.layout.settings, isPersonal = true) {
    override fun make(wallets: OneWallet, scope: CoroutineScope) = SettingsModel(app.preferences, wallets, scope)

    override fun ready(state: Bundle?) {
        val language = requireViewById<RadioGroup>(R.id.language)
        val theme = requireViewById<RadioGroup>(R.id.theme)
        language.check(languages.getValue(model.page.value.language))
        theme.check(themes.getValue(model.page.value.theme))
        language.setOnCheckedChangeListener { _, id -> chosen(languages, id) { model.take(it) } }
        theme.setOnCheckedChangeListener { _, id -> chosen(themes, id) { model.take(it) } }
        onTap(R.id.wipe) {
            confirm(getString(R.string.settings_wipe), getString(R.string.settings_wipe_ask)) { model.wipe() }
        }
        draw(model.page, ::drawn)
    }

    /** Screens below take the choice over when they are shown again. */
    private fun <T> chosen(of: Map<T, Int>, id: Int, take: (T) -> Unit) {
        take(of.entries.first { it.value == id }.key)
        recreate()
    }

    private fun drawn(page: SettingsPage) {
        wait(page.isWorking)
        tell(page.message)
    }

    private companion object {
        val languages = mapOf(
            Language.SYSTEM to R.id.language_system,
            Language.ENGLISH to R.id.language_en,
            Language.FRENCH to R.id.language_fr,
        )
        val themes = mapOf(
            Theme.SYSTEM to R.id.theme_system,
            Theme.LIGHT to R.id.theme_light,
            Theme.DARK to R.id.theme_dark,
        )
    }
}

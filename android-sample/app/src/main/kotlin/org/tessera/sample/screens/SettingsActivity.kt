package org.tessera.sample.screens

import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.widget.RadioGroup
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.Answer
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
        onTap(R.id.export) { choose(Intent.ACTION_CREATE_DOCUMENT, EXPORT) }
        onTap(R.id.restore) { choose(Intent.ACTION_OPEN_DOCUMENT, RESTORE) }
        onTap(R.id.wipe) {
            confirm(getString(R.string.settings_wipe), getString(R.string.settings_wipe_ask)) { model.wipe() }
        }
        draw(model.page, ::drawn)
    }

    /** Where to write, or what to read. The passphrase is asked for afterwards, so that it is kept no longer than needed. */
    private fun choose(action: String, request: Int) = startActivityForResult(
        Intent(action)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("application/octet-stream")
            .putExtra(Intent.EXTRA_TITLE, getString(R.string.settings_file)),
        request,
    )

    @Deprecated("Android's own word for it; its successor is androidx's.")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val file = data?.data
        if (resultCode != RESULT_OK || file == null) return
        when (requestCode) {
            EXPORT -> askPassphrase(R.string.settings_export, twice = true) { export(file, it) }
            RESTORE -> readFile(file, LARGEST) { content ->
                if (content == null) {
                    tell(getString(R.string.settings_file_failed), true)
                } else {
                    askPassphrase(R.string.settings_restore, twice = false) { model.restore(content, it.first) }
                }
            }
        }
    }

    private fun export(file: Uri, passphrase: Pair<String, String>) {
        model.export(passphrase.first, passphrase.second) { answer ->
            when (answer) {
                is Answer.Refused -> tell(answer.problem)
                is Answer.Given -> writeFile(file, answer.value) { isWritten ->
                    val text = if (isWritten) R.string.settings_exported else R.string.settings_file_failed
                    tell(getString(text), !isWritten)
                }
            }
        }
    }

    private fun askPassphrase(title: Int, twice: Boolean, act: (Pair<String, String>) -> Unit) = ask(
        title = getString(title),
        layout = R.layout.passphrase,
        prepare = { views ->
            val second = if (twice) View.VISIBLE else View.GONE
            views.requireViewById<View>(R.id.again_label).visibility = second
            views.requireViewById<View>(R.id.again).visibility = second
        },
        act = { views ->
            val typed = views.requireViewById<TextView>(R.id.passphrase).text.toString()
            act(typed to views.requireViewById<TextView>(R.id.again).text.toString())
        },
    )

    /** Screens below take the choice over when they are shown again. */
    private fun <T> chosen(of: Map<T, Int>, id: Int, take: (T) -> Unit) {
        take(of.entries.first { it.value == id }.key)
        recreate()
    }

    private fun drawn(page: SettingsPage) {
        wait(page.isWorking)
        val servers = page.restored?.bindAgain.orEmpty().joinToString { it.server }
        if (servers.isEmpty()) tell(page.message) else tell(getString(R.string.settings_restored, servers), false)
    }

    private companion object {
        const val EXPORT = 1
        const val RESTORE = 2

        /** Largest file read, in bytes: more than any backup has. */
        const val LARGEST = 64 * 1024 * 1024
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

package org.tessera.sample.screens

import android.app.Activity
import android.app.AlertDialog
import android.view.View
import android.view.WindowManager
import org.tessera.sample.R
import org.tessera.wallet.DenialReason

/** Asks before something that cannot be undone. */
internal fun Activity.confirm(title: String, text: String, act: () -> Unit) {
    AlertDialog.Builder(this)
        .setTitle(title)
        .setMessage(text)
        .setNegativeButton(R.string.action_cancel, null)
        .setPositiveButton(R.string.action_ok) { _, _ -> act() }
        .show()
}

/** Asks for what is typed into the views of a layout. */
internal fun Activity.ask(title: String, layout: Int, prepare: (View) -> Unit, act: (View) -> Unit) {
    val content = layoutInflater.inflate(layout, null)
    prepare(content)
    val dialog = AlertDialog.Builder(this)
        .setTitle(title)
        .setView(content)
        .setNegativeButton(R.string.action_cancel, null)
        .setPositiveButton(R.string.action_ok) { _, _ -> act(content) }
        .show()
    // What is typed here is nobody else's to see, whatever the screen below.
    dialog.window?.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
}

/** Asks why. */
internal fun Activity.askReason(title: String, act: (DenialReason) -> Unit) {
    val reasons = DenialReason.entries
    val texts = reasons.map { getString(textOf(it)) }.toTypedArray()
    AlertDialog.Builder(this)
        .setTitle(title)
        .setItems(texts) { _, which -> act(reasons[which]) }
        .setNegativeButton(R.string.action_cancel, null)
        .show()
}

private fun textOf(reason: DenialReason): Int = when (reason) {
    DenialReason.NOT_ME -> R.string.reason_not_me
    DenialReason.CHANGED_MIND -> R.string.reason_changed_mind
    DenialReason.SUSPICIOUS -> R.string.reason_suspicious
}

package org.tessera.sample.screens

import android.content.res.Resources
import org.tessera.sample.R
import org.tessera.sample.model.Done
import org.tessera.sample.model.Field
import org.tessera.sample.model.Message
import org.tessera.sample.model.Problem

/** What a message says, in the citizen's language. */
internal fun Resources.messageText(message: Message): String = getString(
    when (message) {
        is Done -> textOf(message)
        is Problem.Refused -> textOf(message.code)
        is Problem.Missing -> textOf(message.field)
        is Problem.ReceiptNotGenuine -> R.string.receipt_not_genuine
        is Problem.WeakPassphrase -> R.string.weak_passphrase
    },
)

private fun textOf(done: Done): Int = when (done) {
    Done.RENAMED -> R.string.done_renamed
    Done.REVOKED -> R.string.done_revoked
    Done.RENEWED -> R.string.done_renewed
    Done.RECEIPTS_REFRESHED -> R.string.done_refreshed
    Done.WITHDRAWN -> R.string.done_withdrawn
    Done.RECEIPT_DELETED -> R.string.done_receipt_deleted
    Done.RECEIPT_GENUINE -> R.string.done_receipt_genuine
    Done.REPORTED -> R.string.done_reported
    Done.LOG_CLEARED -> R.string.done_log_cleared
    Done.CREDENTIAL_ADDED -> R.string.done_credential_added
    Done.CREDENTIAL_DELETED -> R.string.done_credential_deleted
    Done.RESTORED -> R.string.done_restored
    Done.WIPED -> R.string.done_wiped
}

private fun textOf(field: Field): Int = when (field) {
    Field.SERVER -> R.string.missing_server
    Field.PERSON -> R.string.missing_person
    Field.DEVICE_NAME -> R.string.missing_device
    Field.CODE -> R.string.missing_code
    Field.NUMBER -> R.string.missing_number
    Field.TEXT -> R.string.missing_text
}

package org.tessera.sample.screens

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.ActivityModel
import org.tessera.sample.model.Answer
import org.tessera.sample.model.OneWallet
import org.tessera.wallet.ActivityEntry
import org.tessera.wallet.ActivityKind
import org.tessera.wallet.at

/** What this phone did; a login that should not have been approved is reported from here. */
class ActivityLogActivity : ListScreen<ActivityEntry, ActivityModel>(R.string.activity_empty) {
    override fun make(wallets: OneWallet, scope: CoroutineScope) = ActivityModel(wallets, scope)

    override fun ready(state: Bundle?) {
        super.ready(state)
        button(R.id.first, R.string.activity_export) { askWhere() }
        button(R.id.second, R.string.activity_clear) {
            confirm(getString(R.string.activity_clear), getString(R.string.activity_clear_ask)) { model.clear() }
        }
    }

    override fun row(of: ActivityEntry, isWorking: Boolean): Row {
        val party = of.relyingParty
        val report = RowAction(
            getString(R.string.activity_report),
            getString(R.string.activity_report_of, party.orEmpty()),
            !isWorking,
        ) { askReason(getString(R.string.activity_report_of, party.orEmpty())) { model.report(of.id, it) } }
        return Row(
            title = getString(kindText(of.kind)),
            details = details(of),
            actions = if (of.kind == ActivityKind.LOGIN_APPROVED) listOf(report) else emptyList(),
        )
    }

    private fun details(of: ActivityEntry) = listOfNotNull(
        resources.timeText(of.at),
        of.relyingParty,
        of.domain ?: of.server,
        of.claims.takeIf { it.isNotEmpty() }?.let { getString(R.string.receipts_data, resources.claimNames(it)) },
        of.error?.let { getString(textOf(it)) },
    ).joinToString("\n")

    private fun askWhere() = startActivityForResult(
        Intent(Intent.ACTION_CREATE_DOCUMENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("application/json")
            .putExtra(Intent.EXTRA_TITLE, getString(R.string.activity_file)),
        EXPORT,
    )

    @Deprecated("Android's own word for it; its successor is androidx's.")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val target = data?.data
        if (requestCode != EXPORT || resultCode != Activity.RESULT_OK || target == null) return
        model.export { answer ->
            when (answer) {
                is Answer.Refused -> tell(answer.problem)
                is Answer.Given -> writeFile(target, answer.value.toByteArray()) { isWritten ->
                    val text = if (isWritten) R.string.activity_exported else R.string.activity_not_exported
                    tell(getString(text), !isWritten)
                }
            }
        }
    }

    private fun kindText(kind: ActivityKind): Int = when (kind) {
        ActivityKind.BOUND -> R.string.activity_bound
        ActivityKind.RENEWED -> R.string.activity_renewed
        ActivityKind.UNBOUND -> R.string.activity_unbound
        ActivityKind.DEVICE_REVOKED -> R.string.activity_revoked
        ActivityKind.LOGIN_APPROVED -> R.string.activity_approved
        ActivityKind.LOGIN_DENIED -> R.string.activity_denied
        ActivityKind.LOGIN_FAILED -> R.string.activity_failed
        ActivityKind.CONSENT_WITHDRAWN -> R.string.activity_withdrawn
        ActivityKind.QUESTION_ANSWERED -> R.string.activity_question_answered
        ActivityKind.LOGIN_REPORTED -> R.string.activity_reported
        ActivityKind.CREDENTIAL_ADDED -> R.string.activity_credential_added
        ActivityKind.CREDENTIAL_DELETED -> R.string.activity_credential_deleted
        ActivityKind.BACKUP_EXPORTED -> R.string.activity_backup_exported
        ActivityKind.BACKUP_RESTORED -> R.string.activity_backup_restored
    }

    private companion object {
        const val EXPORT = 1
    }
}

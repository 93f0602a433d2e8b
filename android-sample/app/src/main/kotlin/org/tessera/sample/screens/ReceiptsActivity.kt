package org.tessera.sample.screens

import android.os.Bundle
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.OneWallet
import org.tessera.sample.model.ReceiptsModel
import org.tessera.wallet.ConsentReceipt
import org.tessera.wallet.ReceiptState
import org.tessera.wallet.at
import org.tessera.wallet.expiresAt
import org.tessera.wallet.withdrawnAt

/** What the citizen agreed to, and its withdrawal. */
class ReceiptsActivity : ListScreen<ConsentReceipt, ReceiptsModel>(R.string.receipts_empty) {
    override fun make(wallets: OneWallet, scope: CoroutineScope) = ReceiptsModel(wallets, scope)

    override fun ready(state: Bundle?) {
        super.ready(state)
        button(R.id.first, R.string.receipts_refresh) { model.refresh() }
    }

    override fun row(of: ConsentReceipt, isWorking: Boolean): Row {
        val actions = buildList {
            // A consent of an eSignet 1.x server has no name there, and cannot be withdrawn from here.
            if (of.state == ReceiptState.GIVEN && of.consentId != null) add(withdrawal(of, !isWorking))
            if (of.statement != null) {
                val spoken = getString(R.string.receipts_verify_of, of.relyingParty)
                add(RowAction(getString(R.string.receipts_verify), spoken, !isWorking) { model.verify(of.id) })
            }
            add(deletion(of, !isWorking))
        }
        return Row(of.relyingParty, details(of), actions)
    }

    private fun details(of: ConsentReceipt) = listOfNotNull(
        of.domain,
        getString(R.string.receipts_given, resources.timeText(of.at)),
        when (of.state) {
            ReceiptState.GIVEN -> null
            ReceiptState.EXPIRED -> getString(R.string.receipts_expired, resources.timeText(of.expiresAt))
            ReceiptState.WITHDRAWN -> getString(R.string.receipts_withdrawn, resources.timeText(of.withdrawnAt))
        },
        of.claims.takeIf { it.isNotEmpty() }?.let { getString(R.string.receipts_data, resources.claimNames(it)) },
        of.scopes.takeIf { it.isNotEmpty() }?.let { getString(R.string.receipts_access, it.joinToString()) },
        if (of.statement == null) getString(R.string.receipts_elsewhere) else null,
    ).joinToString("\n")

    private fun withdrawal(of: ConsentReceipt, isEnabled: Boolean): RowAction {
        val spoken = getString(R.string.receipts_withdraw_of, of.relyingParty)
        return RowAction(getString(R.string.receipts_withdraw), spoken, isEnabled) {
            confirm(spoken, getString(R.string.receipts_withdraw_ask, of.relyingParty)) { model.withdraw(of.id) }
        }
    }

    private fun deletion(of: ConsentReceipt, isEnabled: Boolean): RowAction {
        val spoken = getString(R.string.receipts_delete_of, of.relyingParty)
        return RowAction(getString(R.string.action_delete), spoken, isEnabled) {
            confirm(spoken, getString(R.string.receipts_delete_ask)) { model.delete(of.id) }
        }
    }
}

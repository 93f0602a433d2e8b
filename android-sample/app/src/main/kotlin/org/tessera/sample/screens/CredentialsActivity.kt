package org.tessera.sample.screens

import android.content.Intent
import android.os.Bundle
import java.time.Instant
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.CredentialsModel
import org.tessera.sample.model.OneWallet
import org.tessera.wallet.Credential

/** The credentials in this phone; opened with what was scanned, it adds that. */
class CredentialsActivity : ListScreen<Credential, CredentialsModel>(R.string.credentials_empty) {
    override fun make(wallets: OneWallet, scope: CoroutineScope) = CredentialsModel(wallets, scope)

    override fun ready(state: Bundle?) {
        super.ready(state)
        button(R.id.first, R.string.credentials_add) { startActivity(Intent(this, ScanActivity::class.java)) }
        // Once: not again after a turn of the phone, or when the app was killed in between.
        if (state == null) intent.getStringExtra(Links.SCANNED)?.let(model::add)
        intent.removeExtra(Links.SCANNED)
    }

    override fun row(of: Credential, isWorking: Boolean): Row {
        val title = of.title ?: getString(R.string.credential_title)
        val details = listOfNotNull(
            getString(R.string.credentials_issuer, of.issuerName ?: of.issuer ?: getString(R.string.date_unknown)),
            of.validUntilMs?.let { getString(R.string.credentials_until, resources.timeText(Instant.ofEpochMilli(it))) },
            resources.verificationText(of.verification),
        )
        val show = RowAction(getString(R.string.credentials_show), getString(R.string.credentials_show_of, title)) {
            startActivity(Intent(this, CredentialActivity::class.java).putExtra(Links.CREDENTIAL, of.id))
        }
        val spoken = getString(R.string.credentials_delete_of, title)
        val delete = RowAction(getString(R.string.action_delete), spoken, !isWorking) {
            confirm(spoken, getString(R.string.credentials_delete_ask, title)) { model.delete(of.id) }
        }
        return Row(title, details.joinToString("\n"), listOf(show, delete))
    }
}

package org.tessera.sample.screens

import android.os.Bundle
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.DevicesModel
import org.tessera.sample.model.OneWallet
import org.tessera.sample.model.Problem
import org.tessera.wallet.Device
import org.tessera.wallet.ErrorCode
import org.tessera.wallet.createdAt
import org.tessera.wallet.expiresAt

/** The person's phones at one server. */
class DevicesActivity : ListScreen<Device, DevicesModel>(R.string.devices_empty) {
    override fun make(wallets: OneWallet, scope: CoroutineScope) =
        DevicesModel(intent.getStringExtra(Links.BINDING).orEmpty(), wallets, scope)

    override fun ready(state: Bundle?) {
        super.ready(state)
        button(R.id.first, R.string.devices_renew) { model.renew() }
        button(R.id.second, R.string.devices_forget) {
            confirm(getString(R.string.devices_forget), getString(R.string.devices_forget_ask)) { model.forget() }
        }
    }

    override fun failed(problem: Problem) {
        // This phone was revoked here: nothing is left to show.
        if (problem == Problem.Refused(ErrorCode.NOT_BOUND)) finish() else super.failed(problem)
    }

    override fun row(of: Device, isWorking: Boolean) = Row(
        title = if (of.current) getString(R.string.devices_this, of.name) else of.name,
        details = getString(
            R.string.devices_details,
            resources.timeText(of.createdAt),
            resources.timeText(of.expiresAt),
        ),
        actions = listOf(
            RowAction(
                getString(R.string.devices_rename),
                getString(R.string.devices_rename_of, of.name),
                !isWorking,
            ) { rename(of) },
            RowAction(
                getString(R.string.devices_revoke),
                getString(R.string.devices_revoke_of, of.name),
                !isWorking,
            ) {
                val title = getString(R.string.devices_revoke_of, of.name)
                confirm(title, getString(R.string.devices_revoke_ask, of.name)) { model.revoke(of.deviceId) }
            },
        ),
    )

    private fun rename(device: Device) = ask(
        title = getString(R.string.devices_rename_of, device.name),
        layout = R.layout.name,
        prepare = { it.requireViewById<TextView>(R.id.name).text = device.name },
        act = { model.rename(device.deviceId, it.requireViewById<TextView>(R.id.name).text.toString()) },
    )
}

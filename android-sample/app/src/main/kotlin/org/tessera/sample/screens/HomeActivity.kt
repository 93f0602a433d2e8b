package org.tessera.sample.screens

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.HomeModel
import org.tessera.sample.model.HomePage
import org.tessera.sample.model.OneWallet
import org.tessera.wallet.BindAgain
import org.tessera.wallet.Binding
import org.tessera.wallet.BindingProfile
import org.tessera.wallet.SessionKind
import org.tessera.wallet.UnfinishedSession
import org.tessera.wallet.beganAt
import org.tessera.wallet.expiresAt

/** The first screen: what this phone is bound to, what is unfinished, and the way to everything else. */
class HomeActivity : Screen<HomeModel>(R.layout.home, isPersonal = true) {
    override fun make(wallets: OneWallet, scope: CoroutineScope) = HomeModel(wallets, scope)

    override fun ready(state: Bundle?) {
        onTap(R.id.scan) { open(ScanActivity::class.java) }
        onTap(R.id.bind) { open(BindActivity::class.java) }
        onTap(R.id.receipts) { open(ReceiptsActivity::class.java) }
        onTap(R.id.activity) { open(ActivityLogActivity::class.java) }
        onTap(R.id.credentials) { open(CredentialsActivity::class.java) }
        onTap(R.id.settings) { open(SettingsActivity::class.java) }
        onTap(R.id.about) { open(AboutActivity::class.java) }
        onTap(R.id.start_over) {
            confirm(getString(R.string.home_start_over), getString(R.string.home_start_over_ask)) { model.startOver() }
        }
        draw(model.page, ::drawn)
    }

    override fun onStart() {
        super.onStart()
        model.load()
    }

    private fun drawn(page: HomePage) {
        wait(page is HomePage.Opening)
        show(R.id.open, page is HomePage.Ready)
        show(R.id.start_over, page is HomePage.Failed && page.canStartOver)
        when (page) {
            is HomePage.Opening -> tell(getString(R.string.home_opening), false)
            is HomePage.Failed -> tell(page.problem)
            is HomePage.Ready -> drawn(page)
        }
    }

    private fun drawn(page: HomePage.Ready) {
        val isBound = page.bindings.isNotEmpty()
        tell(if (isBound) null else getString(R.string.home_not_bound), false)
        show(R.id.bound_heading, isBound)
        show(R.id.scan, isBound)
        show(R.id.again_heading, page.bindAgain.isNotEmpty())
        show(R.id.unfinished_heading, page.unfinished.isNotEmpty())
        RowsAdapter.fill(requireViewById(R.id.again), page.bindAgain.map(::row))
        RowsAdapter.fill(requireViewById(R.id.bindings), page.bindings.map(::row))
        RowsAdapter.fill(requireViewById(R.id.unfinished), page.unfinished.map(::row))
    }

    private fun row(binding: Binding): Row {
        val expires = resources.timeText(binding.expiresAt)
        val level = resources.levelName(binding.securityLevel)
        val devices = RowAction(getString(R.string.home_devices), getString(R.string.home_devices_of, binding.server)) {
            open(DevicesActivity::class.java) { putExtra(Links.BINDING, binding.id) }
        }
        return Row(
            title = binding.label.ifEmpty { binding.deviceName },
            details = getString(R.string.home_binding_details, binding.server, expires, level),
            // An eSignet 1.x server keeps no list of phones.
            actions = if (binding.profile == BindingProfile.NATIVE) listOf(devices) else emptyList(),
        )
    }

    private fun row(session: UnfinishedSession): Row {
        val (title, screen) = when (session.kind) {
            SessionKind.BINDING -> getString(R.string.home_unfinished_binding) to BindActivity::class.java
            SessionKind.LOGIN -> getString(R.string.home_unfinished_login) to LoginActivity::class.java
        }
        val goOn = getString(R.string.home_continue)
        val discard = getString(R.string.home_discard)
        return Row(
            title,
            getString(R.string.home_began_at, resources.timeText(session.beganAt)),
            listOf(
                RowAction(goOn, goOn) { open(screen) { putExtra(Links.SESSION, session.id) } },
                RowAction(discard, discard) { model.discard(session) },
            ),
        )
    }

    private fun row(again: BindAgain): Row {
        val bind = RowAction(getString(R.string.home_bind_again), getString(R.string.home_bind_again_at, again.server)) {
            open(BindActivity::class.java) {
                putExtra(Links.SERVER, again.server)
                putExtra(Links.PERSON, again.individualId)
            }
        }
        val skip = RowAction(getString(R.string.home_skip), getString(R.string.home_skip_at, again.server)) {
            model.skip(again)
        }
        return Row(
            title = again.label.ifEmpty { again.server },
            details = getString(R.string.home_bind_again_details, again.server, again.deviceName),
            // An eSignet 1.x server wants the secrets of a partner too, which this app has not.
            actions = if (again.profile == BindingProfile.NATIVE) listOf(bind, skip) else listOf(skip),
        )
    }

    private fun open(screen: Class<out Activity>, with: Intent.() -> Unit = {}) =
        startActivity(Intent(this, screen).apply(with))
}

package org.tessera.sample.screens

import android.os.Build
import android.os.Bundle
import android.widget.RadioButton
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.BindForm
import org.tessera.sample.model.BindModel
import org.tessera.sample.model.BindPage
import org.tessera.sample.model.OneWallet
import org.tessera.wallet.OtpChannel

/** Binds this phone to a server. */
class BindActivity : Screen<BindModel>(R.layout.bind, isPersonal = true, secrets = listOf(R.id.code)) {
    override fun make(wallets: OneWallet, scope: CoroutineScope) = BindModel(wallets, scope)

    override fun ready(state: Bundle?) {
        val device = requireViewById<TextView>(R.id.device)
        if (device.text.isEmpty()) device.text = Build.MODEL
        // After a backup was restored: only to be confirmed.
        if (state == null) {
            intent.getStringExtra(Links.SERVER)?.let { requireViewById<TextView>(R.id.server).text = it }
            intent.getStringExtra(Links.PERSON)?.let { requireViewById<TextView>(R.id.person).text = it }
        }
        onTap(R.id.send) { model.begin(form()) }
        onTap(R.id.bind) { model.bind(requireViewById<TextView>(R.id.code).text.toString()) }
        onTap(R.id.send_again) { model.sendAgain() }
        onTap(R.id.cancel) { model.cancel() }
        onTap(R.id.close) { finish() }
        // After the app was killed, or from the list of what is unfinished.
        val begun = state?.getString(Links.SESSION) ?: intent.getStringExtra(Links.SESSION)
        val channel = state?.getString(CHANNEL)?.let { name -> OtpChannel.entries.find { it.name == name } }
        if (begun != null) model.resume(begun, channel ?: OtpChannel.EMAIL)
        draw(model.page, ::drawn)
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(Links.SESSION, model.sessionId)
        outState.putString(CHANNEL, model.channel.name)
    }

    private fun form() = BindForm(
        server = requireViewById<TextView>(R.id.server).text.toString(),
        person = requireViewById<TextView>(R.id.person).text.toString(),
        deviceName = requireViewById<TextView>(R.id.device).text.toString(),
        channel = if (requireViewById<RadioButton>(R.id.phone).isChecked) OtpChannel.PHONE else OtpChannel.EMAIL,
    )

    private fun drawn(page: BindPage) {
        wait(page is BindPage.Working)
        show(R.id.form, page is BindPage.Form)
        show(R.id.code_step, page is BindPage.Code)
        show(R.id.close, page is BindPage.Bound)
        when (page) {
            is BindPage.Form -> tell(page.problem)
            is BindPage.Working -> tell(null)
            is BindPage.Code -> {
                tell(page.problem)
                val to = listOfNotNull(page.sentTo.maskedEmail, page.sentTo.maskedPhone).joinToString()
                requireViewById<TextView>(R.id.sent_to).text =
                    if (to.isEmpty()) getString(R.string.bind_sent) else getString(R.string.bind_sent_to, to)
            }
            is BindPage.Bound -> {
                val level = resources.levelName(page.binding.securityLevel)
                tell(getString(R.string.bind_done, page.binding.server, level), false)
            }
        }
    }

    private companion object {
        const val CHANNEL = "channel"
    }
}

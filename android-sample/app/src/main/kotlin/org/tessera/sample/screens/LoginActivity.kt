package org.tessera.sample.screens

import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import org.tessera.sample.R
import org.tessera.sample.model.Choices
import org.tessera.sample.model.LoginModel
import org.tessera.sample.model.LoginPage
import org.tessera.sample.model.OneWallet
import org.tessera.sample.model.SavedLogin
import org.tessera.wallet.Binding
import org.tessera.wallet.DenialReason

/** One login: opened with what was scanned, by a link on this phone, or to go on with one that was begun. */
class LoginActivity : Screen<LoginModel>(R.layout.login, isPersonal = true, secrets = listOf(R.id.number)) {
    private val review by lazy { ReviewPart(this, model::tickClaim, model::tickScope) }

    override fun make(wallets: OneWallet, scope: CoroutineScope) = LoginModel(wallets, scope)

    override fun ready(state: Bundle?) {
        onTap(R.id.approve) { model.approve(requireViewById<TextView>(R.id.number).text.toString()) }
        onTap(R.id.deny) { askReason(getString(R.string.login_deny), model::deny) }
        onTap(R.id.report) { model.deny(DenialReason.NOT_ME) }
        onTap(R.id.finish) { model.finish() }
        onTap(R.id.put_away) { model.cancel() }
        onTap(R.id.close) { finish() }
        begin(state)
        draw(model.page, ::drawn)
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        val saved = model.saved ?: return
        outState.putString(Links.SESSION, saved.sessionId)
        outState.putStringArrayList(CLAIMS, ArrayList(saved.choices.claims))
        outState.putStringArrayList(SCOPES, ArrayList(saved.choices.scopes))
    }

    /** A link can be taken once: after the app was killed the session goes on, not the link. */
    private fun begin(state: Bundle?) {
        val session = state?.getString(Links.SESSION) ?: intent.getStringExtra(Links.SESSION)
        val link = intent.getStringExtra(Links.SCANNED) ?: intent.dataString
        when {
            session != null -> model.resume(SavedLogin(session, choices(state)))
            link != null -> model.start(link)
            else -> finish()
        }
    }

    private fun choices(state: Bundle?) = Choices(
        state?.getStringArrayList(CLAIMS).orEmpty().toSet(),
        state?.getStringArrayList(SCOPES).orEmpty().toSet(),
    )

    private fun drawn(page: LoginPage) {
        wait(page is LoginPage.Starting || page is LoginPage.Sending)
        show(R.id.bindings, page is LoginPage.ChooseBinding)
        show(R.id.decide, page is LoginPage.Review)
        show(R.id.finish, page is LoginPage.Unanswered)
        show(R.id.put_away, page is LoginPage.Review || page is LoginPage.Unanswered)
        show(R.id.go_back, page is LoginPage.Approved && page.returnUri != null)
        show(R.id.close, page.isOver)
        show(R.id.review, page is LoginPage.Review || page is LoginPage.Sending || page is LoginPage.Unanswered)
        when (page) {
            is LoginPage.Starting -> say(R.string.login_starting)
            is LoginPage.ChooseBinding -> {
                say(R.string.login_choose)
                RowsAdapter.fill(requireViewById(R.id.bindings), page.bindings.map(::row))
            }
            is LoginPage.Review -> {
                tell(page.problem)
                review.draw(page.review, page.choices)
            }
            is LoginPage.Sending -> {
                say(R.string.login_sending)
                review.draw(page.review, null)
            }
            is LoginPage.Unanswered -> {
                page.problem?.let { tell(it) } ?: say(R.string.login_unanswered)
                review.draw(page.review, null)
            }
            is LoginPage.Approved -> {
                say(R.string.login_approved)
                page.returnUri?.let { uri -> onTap(R.id.go_back) { goBack(uri) } }
            }
            is LoginPage.Denied -> say(R.string.login_denied)
            is LoginPage.Over -> tell(page.problem)
            is LoginPage.Cancelled -> say(R.string.login_cancelled)
        }
    }

    private fun say(text: Int) = tell(getString(text), false)

    private fun row(binding: Binding): Row {
        val name = binding.label.ifEmpty { binding.deviceName }
        val choose = RowAction(getString(R.string.home_continue), "$name, ${binding.server}") { model.choose(binding.id) }
        return Row(name, binding.server, listOf(choose))
    }

    /** Exactly the link that the server gave, in the browser; the wallet took no other than `https`. */
    private fun goBack(uri: String) {
        try {
            startActivity(Intent(Intent.ACTION_VIEW, Uri.parse(uri)).addCategory(Intent.CATEGORY_BROWSABLE))
            finish()
        } catch (_: ActivityNotFoundException) {
            say(R.string.login_approved)
        }
    }

    private companion object {
        const val CLAIMS = "claims"
        const val SCOPES = "scopes"
    }
}

package org.tessera.sample.screens

import android.app.Activity
import android.view.View
import android.view.ViewGroup
import android.widget.CheckBox
import android.widget.TextView
import org.tessera.sample.R
import org.tessera.sample.model.Choices
import org.tessera.wallet.LoginChannel
import org.tessera.wallet.LoginReview
import org.tessera.wallet.expiresAt
import org.tessera.wallet.startedAt

/** Who asks for what, and where the login was begun: what is verified apart from what anybody can claim. */
internal class ReviewPart(
    private val screen: Activity,
    private val tickClaim: (String, Boolean) -> Unit,
    private val tickScope: (String, Boolean) -> Unit,
) {
    private val resources = screen.resources
    private var drawn: LoginReview? = null

    /** Draws it; without [choices] nothing can be ticked any more. */
    fun draw(review: LoginReview, choices: Choices?) {
        if (drawn != review) {
            drawn = review
            header(review)
            from(review)
        }
        choices(review, choices)
    }

    private fun header(review: LoginReview) {
        val party = review.relyingParty
        text(R.id.asks, screen.getString(R.string.login_asks, party.name))
        val verified = screen.getString(R.string.login_verified, review.issuer)
        val domain = party.domain?.let { screen.getString(R.string.login_domain, it) }
        text(R.id.verified, listOfNotNull(verified, domain).joinToString("\n"))
        text(R.id.page, review.pageOrigin?.let { screen.getString(R.string.login_page, it) })
        text(R.id.expires, review.expiresAt?.let { screen.getString(R.string.login_expires, resources.timeText(it)) })
    }

    private fun from(review: LoginReview) {
        val channel = when (review.channel) {
            LoginChannel.CROSS_DEVICE -> R.string.login_cross_device
            LoginChannel.SAME_DEVICE -> R.string.login_same_device
        }
        text(R.id.channel, screen.getString(channel))
        val from = review.from
        val near = when (from.near) {
            true -> screen.getString(R.string.login_near)
            false -> screen.getString(R.string.login_far)
            null -> null
        }
        val lines = listOfNotNull(
            from.browser?.let { screen.getString(R.string.login_browser, it) },
            from.place?.let { screen.getString(R.string.login_place, it) },
            from.startedAt?.let { screen.getString(R.string.login_started, resources.timeText(it)) },
            near,
        )
        text(R.id.from, lines.joinToString("\n").ifEmpty { null })
    }

    private fun choices(review: LoginReview, choices: Choices?) {
        val claims = review.claims.map { claim ->
            val name = resources.claimName(claim.name)
            if (claim.essential) {
                // Shown as ticked, and not to be unticked: without it there is no login.
                Line(screen.getString(R.string.login_essential, name), isOn = true, isFree = false) {}
            } else {
                Line(name, claim.name in choices?.claims.orEmpty(), choices != null) { tickClaim(claim.name, it) }
            }
        }
        fill(R.id.claims, claims)
        if (claims.isEmpty()) {
            val nothing = TextView(screen, null, 0, R.style.Text)
            nothing.setText(R.string.login_claims_none)
            screen.requireViewById<ViewGroup>(R.id.claims).addView(nothing)
        }
        show(R.id.scopes_heading, review.scopes.isNotEmpty())
        fill(R.id.scopes, review.scopes.map { scope ->
            Line(scope, scope in choices?.scopes.orEmpty(), choices != null) { tickScope(scope, it) }
        })
        show(R.id.number_step, review.numberRequired && choices != null)
    }

    private class Line(val text: String, val isOn: Boolean, val isFree: Boolean, val tick: (Boolean) -> Unit)

    /** Boxes that are there already are kept: who hears the screen must not lose the one in focus. */
    private fun fill(id: Int, lines: List<Line>) {
        val parent = screen.requireViewById<ViewGroup>(id)
        if (parent.childCount != lines.size || parent.getChildAt(0) !is CheckBox) {
            parent.removeAllViews()
            repeat(lines.size) { screen.layoutInflater.inflate(R.layout.choice, parent, true) }
        }
        lines.forEachIndexed { at, line ->
            val box = parent.getChildAt(at) as CheckBox
            box.setOnCheckedChangeListener(null)
            box.text = line.text
            box.isChecked = line.isOn
            box.isEnabled = line.isFree
            box.setOnCheckedChangeListener { _, isOn -> line.tick(isOn) }
        }
    }

    private fun text(id: Int, text: String?) {
        val view = screen.requireViewById<TextView>(id)
        view.text = text
        show(id, text != null)
    }

    private fun show(id: Int, isShown: Boolean) {
        screen.requireViewById<View>(id).visibility = if (isShown) View.VISIBLE else View.GONE
    }
}

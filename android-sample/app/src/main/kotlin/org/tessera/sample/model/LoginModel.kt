package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.tessera.wallet.DenialReason
import org.tessera.wallet.LoginFlow
import org.tessera.wallet.LoginReview
import org.tessera.wallet.LoginStart
import org.tessera.wallet.LoginState
import org.tessera.wallet.WalletException
import org.tessera.wallet.choices
import org.tessera.wallet.code
import org.tessera.wallet.continueLogin
import org.tessera.wallet.startLogin

/** One login: review, choices, decision. */
class LoginModel(wallets: OneWallet, scope: CoroutineScope) : ScreenModel(wallets, scope), AutoCloseable {
    private val shown = MutableStateFlow<LoginPage>(LoginPage.Starting)
    private var scanned: String? = null
    private var login: LoginFlow? = null
    private var ticked = Choices()

    /** What to show. */
    val page: StateFlow<LoginPage> = shown.asStateFlow()

    /** What to keep in case the app is killed; nothing where no login is open. */
    val saved: SavedLogin?
        get() = login?.takeUnless { it.state.isOver }?.let { SavedLogin(it.id, ticked) }

    /** Takes the code of a scanned or opened link. Only once: a code can be taken once. */
    fun start(link: String) {
        if (scanned != null || login != null) return
        scanned = link
        work { begin(link, null) }
    }

    /** Logs in with this binding, where several can serve. */
    fun choose(bindingId: String) {
        val link = scanned ?: return
        if (shown.value !is LoginPage.ChooseBinding) return
        work { begin(link, bindingId) }
    }

    /** Goes on with a login that was begun before the app was killed. */
    fun resume(saved: SavedLogin) {
        if (scanned != null || login != null) return
        ticked = saved.choices
        work {
            when (val answer = ask { continueLogin(saved.sessionId) }) {
                is Answer.Given -> adopt(answer.value)
                is Answer.Refused -> shown.value = LoginPage.Over(answer.problem)
            }
        }
    }

    /** Ticks or unticks a voluntary claim; essential ones and what nobody asked for stay as they are. */
    fun tickClaim(name: String, on: Boolean) = tick { review ->
        if (review.claims.none { it.name == name && !it.essential }) return@tick null
        Choices(if (on) ticked.claims + name else ticked.claims - name, ticked.scopes)
    }

    /** Permits or refuses a scope that was asked for. */
    fun tickScope(name: String, on: Boolean) = tick { review ->
        if (name !in review.scopes) return@tick null
        Choices(ticked.claims, if (on) ticked.scopes + name else ticked.scopes - name)
    }

    /** Approves what is ticked, with the number typed from the browser where one is asked for. */
    fun approve(number: String) {
        val state = login?.state as? LoginState.Review ?: return
        if (state.review.numberRequired && number.isBlank()) {
            shown.value = LoginPage.Review(state.review, ticked, Problem.Missing(Field.NUMBER))
            return
        }
        val agreed = state.review.choices(ticked.claims, ticked.scopes, number.trim().takeIf { it.isNotEmpty() })
        step(state) { state.approve(agreed) }
    }

    /** Says no, and tells the server why, so that it warns the browser or has somebody look at it. */
    fun deny(reason: DenialReason) {
        val state = login?.state as? LoginState.Review ?: return
        step(state) { state.deny(reason) }
    }

    /** Sends again what was approved. */
    fun finish() {
        val state = login?.state as? LoginState.Unfinished ?: return
        step(state) { state.finish() }
    }

    /** Puts the login away without a word to the server; stops a step that runs. */
    fun cancel() {
        try {
            login?.cancel()
            shown.value = LoginPage.Cancelled
        } catch (refused: WalletException) {
            shown.value = LoginPage.Over(Problem.Refused(refused.code))
        }
    }

    /** The screen is gone. A login that is not over stays in the store. */
    override fun close() {
        login?.close()
    }

    private suspend fun begin(link: String, bindingId: String?) {
        shown.value = LoginPage.Starting
        when (val answer = ask { startLogin(link, bindingId) }) {
            is Answer.Refused -> shown.value = LoginPage.Over(answer.problem)
            is Answer.Given -> when (val start = answer.value) {
                is LoginStart.Started -> adopt(start.login)
                is LoginStart.ChooseBinding -> shown.value = LoginPage.ChooseBinding(start.bindings)
                is LoginStart.BindFirst -> over(start.error)
                is LoginStart.ScanAgain -> over(start.error)
                is LoginStart.Failed -> over(start.error)
            }
        }
    }

    private fun step(from: LoginState, run: suspend () -> LoginState) = work {
        if (from is LoginState.Review) shown.value = LoginPage.Sending(from.review)
        if (from is LoginState.Unfinished) shown.value = LoginPage.Sending(from.review)
        when (val answer = attempt(run)) {
            is Answer.Given -> show(answer.value)
            is Answer.Refused -> shown.value = LoginPage.Over(answer.problem)
        }
    }

    private fun tick(change: (LoginReview) -> Choices?) {
        val now = shown.value as? LoginPage.Review ?: return
        ticked = change(now.review) ?: return
        shown.value = LoginPage.Review(now.review, ticked, null)
    }

    private fun adopt(begun: LoginFlow) {
        login = begun
        show(begun.state)
    }

    private fun show(state: LoginState) {
        shown.value = when (state) {
            is LoginState.Review -> LoginPage.Review(state.review, ticked, state.error?.let(::problem))
            is LoginState.Working -> LoginPage.Sending(state.review)
            is LoginState.Unfinished -> LoginPage.Unanswered(state.review, state.error?.let(::problem))
            is LoginState.Completed -> LoginPage.Approved(state.outcome.returnUri)
            is LoginState.Denied -> LoginPage.Denied
            is LoginState.Failed -> LoginPage.Over(problem(state.error))
            is LoginState.Cancelled -> LoginPage.Cancelled
        }
    }

    private fun over(error: WalletException) {
        shown.value = LoginPage.Over(problem(error))
    }

    private fun problem(error: WalletException) = Problem.Refused(error.code)
}

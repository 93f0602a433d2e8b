package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import org.tessera.wallet.Binding
import org.tessera.wallet.BindingFactor
import org.tessera.wallet.BindingFlow
import org.tessera.wallet.BindingRequest
import org.tessera.wallet.BindingState
import org.tessera.wallet.OtpChannel
import org.tessera.wallet.OtpDelivery
import org.tessera.wallet.code
import org.tessera.wallet.continueBinding
import org.tessera.wallet.startBinding
import org.tessera.wallet.tessera

/** What the citizen typed to bind the phone. */
class BindForm(val server: String, val person: String, val deviceName: String, val channel: OtpChannel)

/** What the screen that binds shows. */
sealed interface BindPage {
    /** The form; [problem] says what is wrong with it. */
    class Form(val problem: Problem?) : BindPage

    /** A step runs. */
    data object Working : BindPage

    /** A one-time password was sent; to be typed. */
    class Code(val sentTo: OtpDelivery, val problem: Problem?) : BindPage

    /** The phone is bound. */
    class Bound(val binding: Binding) : BindPage
}

/** Binds this phone to a server with a one-time password. */
class BindModel(wallets: OneWallet, scope: CoroutineScope) : ScreenModel(wallets, scope), AutoCloseable {
    private val shown = MutableStateFlow<BindPage>(BindPage.Form(null))
    private var flow: BindingFlow? = null

    /** What to show. */
    val page: StateFlow<BindPage> = shown.asStateFlow()

    /** How the one-time password is sent. */
    var channel = OtpChannel.EMAIL
        private set

    /** Names the binding that was begun: for [resume] after the app was killed. */
    val sessionId: String? get() = flow?.id

    /** Begins, and has a one-time password sent. */
    fun begin(form: BindForm) {
        val missing = missing(form)
        if (missing != null) {
            shown.value = BindPage.Form(Problem.Missing(missing))
            return
        }
        work {
            shown.value = BindPage.Working
            channel = form.channel
            val request = BindingRequest.tessera(address(form.server), form.person, form.deviceName)
            when (val answer = ask { startBinding(request) }) {
                is Answer.Given -> {
                    replace(answer.value)
                    send(answer.value)
                }
                is Answer.Refused -> shown.value = BindPage.Form(answer.problem)
            }
        }
    }

    /** Goes on with a binding that was begun before the app was killed. */
    fun resume(sessionId: String, channel: OtpChannel) {
        if (flow != null) return
        this.channel = channel
        work {
            shown.value = BindPage.Working
            when (val answer = ask { continueBinding(sessionId) }) {
                is Answer.Given -> {
                    replace(answer.value)
                    show(answer.value.state)
                }
                is Answer.Refused -> shown.value = BindPage.Form(answer.problem)
            }
        }
    }

    /** Sends another one-time password. */
    fun sendAgain() {
        val begun = flow ?: return
        work { send(begun) }
    }

    /** Binds with the one-time password. */
    fun bind(code: String) {
        val state = flow?.state as? BindingState.OtpSent ?: return
        if (code.isBlank()) {
            shown.value = BindPage.Code(state.delivery, Problem.Missing(Field.CODE))
            return
        }
        work {
            shown.value = BindPage.Working
            attemptStep { state.bind(BindingFactor.Otp(code.trim())) }
        }
    }

    /** Ends what was begun: back to the form. */
    fun cancel() {
        flow?.let { begun -> begun.use { it.cancel() } }
        flow = null
        shown.value = BindPage.Form(null)
    }

    /** The screen is gone. What was begun stays in the store. */
    override fun close() {
        flow?.close()
    }

    private suspend fun send(begun: BindingFlow) {
        val state = begun.state as? BindingState.Open ?: return
        shown.value = BindPage.Working
        attemptStep { state.requestOtp(channel) }
    }

    private suspend fun attemptStep(step: suspend () -> BindingState) = when (val answer = attempt(step)) {
        is Answer.Given -> show(answer.value)
        is Answer.Refused -> shown.value = BindPage.Form(answer.problem)
    }

    private fun show(state: BindingState) {
        shown.value = when (state) {
            is BindingState.Started -> BindPage.Form(state.error?.let { Problem.Refused(it.code) })
            is BindingState.OtpSent -> BindPage.Code(state.delivery, state.error?.let { Problem.Refused(it.code) })
            is BindingState.Working -> BindPage.Working
            is BindingState.Bound -> BindPage.Bound(state.binding)
            is BindingState.Cancelled -> BindPage.Form(null)
        }
    }

    /** A form that is sent again begins anew. */
    private fun replace(begun: BindingFlow) {
        flow?.let { before -> before.use { it.cancel() } }
        flow = begun
    }

    private fun missing(form: BindForm): Field? = when {
        form.server.isBlank() -> Field.SERVER
        form.person.isBlank() -> Field.PERSON
        form.deviceName.isBlank() -> Field.DEVICE_NAME
        else -> null
    }

    /** What people type for an address: the scheme goes without saying. */
    private fun address(typed: String): String = typed.trim().let { if ("://" in it) it else "https://$it" }
}

package org.tessera.wallet

/**
 * Where a binding stands. Each state carries what may be done in it, and each step gives the state that follows.
 *
 * A state that is no longer the current one does nothing: its steps give the current state.
 */
sealed interface BindingState {
    /** Whether nothing can follow. */
    val isOver: Boolean get() = this is Bound || this is Cancelled

    /** The person is to prove who he is: [Started] or [OtpSent]. */
    sealed class Open(private val flow: BindingFlow) : BindingState {
        /** Why the step before did not succeed. */
        abstract val error: WalletException?

        /** Has the server send a one-time password; again for another. Followed by [OtpSent], or this state with an error. */
        suspend fun requestOtp(vararg channels: OtpChannel): BindingState =
            flow.step(this) { it.requestOtp(channels.toList()) }

        /**
         * Makes the key and binds it, with what the person proves himself with.
         *
         * Followed by [Bound], or this state with an error. Cancelling the coroutine cancels the binding.
         */
        suspend fun bind(vararg factors: BindingFactor): BindingState = flow.step(this) { it.bind(factors.toList()) }
    }

    /** Nothing was sent yet. */
    class Started internal constructor(flow: BindingFlow, override val error: WalletException?) : Open(flow)

    /** A one-time password is on its way. */
    class OtpSent internal constructor(
        flow: BindingFlow,
        /** Where to, masked by the server. */
        val delivery: OtpDelivery,
        override val error: WalletException?,
    ) : Open(flow)

    /** A step is under way. Only [BindingFlow.cancel] is left. */
    data object Working : BindingState

    /** Done. */
    class Bound internal constructor(
        /** The binding. */
        val binding: Binding,
    ) : BindingState

    /** Ended by the app. */
    data object Cancelled : BindingState
}

package org.tessera.wallet

/**
 * Where a login stands. Each state carries what may be done in it, and each step gives the state that follows.
 *
 * A state that is no longer the current one does nothing: its steps give the current state. So a button that is tapped
 * twice approves once.
 */
sealed interface LoginState {
    /** Whether nothing can follow. */
    val isOver: Boolean get() = this is Completed || this is Denied || this is Failed || this is Cancelled

    /** The citizen is to decide. */
    class Review internal constructor(
        private val flow: LoginFlow,
        /** What to show. */
        val review: LoginReview,
        /** Why the step before did not succeed. */
        val error: WalletException?,
    ) : LoginState {
        /**
         * Approves: signs token and consent under one prompt, then sends them.
         *
         * Followed by [Completed]; [Review] with an error where it may be tried again; [Unfinished] where the answer was
         * lost; [Failed]. Cancelling the coroutine cancels the login.
         */
        suspend fun approve(choices: LoginChoices): LoginState = flow.step(this, review) { it.approve(choices) }

        /** Says no, to the server too. Followed by [Denied], or by [Review] with an error. */
        suspend fun deny(reason: DenialReason? = null): LoginState = flow.step(this, review) { it.deny(reason) }
    }

    /** A step is under way. Only [LoginFlow.cancel] is left. */
    class Working internal constructor(
        /** What was shown. */
        val review: LoginReview,
    ) : LoginState

    /** Approved, and the server's answer is missing: also after the app was killed in between. */
    class Unfinished internal constructor(
        private val flow: LoginFlow,
        /** What was approved. */
        val review: LoginReview,
        /** Why the step before did not succeed. */
        val error: WalletException?,
    ) : LoginState {
        /** Sends again what was approved, without a new decision. Followed by [Completed], [Unfinished], [Review] or [Failed]. */
        suspend fun finish(): LoginState = flow.step(this, review) { it.finish() }
    }

    /** The browser is logged in. */
    class Completed internal constructor(
        /** How; on the same device with the link to open next. */
        val outcome: LoginOutcome,
    ) : LoginState

    /** The citizen said no. */
    data object Denied : LoginState

    /** Over without success. */
    class Failed internal constructor(
        /** Why. */
        val error: WalletException,
    ) : LoginState

    /** Ended by the app. */
    data object Cancelled : LoginState
}

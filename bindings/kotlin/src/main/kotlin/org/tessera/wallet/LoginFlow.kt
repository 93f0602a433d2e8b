package org.tessera.wallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.flow.Flow

/**
 * One login, from the review to its end. Begun by [startLogin], found again by [continueLogin].
 *
 * The login lies in the wallet's store after every step: an app that is killed finds it among
 * [Wallet.unfinishedSessions]. [close] only frees memory; [cancel] ends the login, and so does cancelling the coroutine of
 * a step.
 */
class LoginFlow internal constructor(session: LoginSession) : AutoCloseable {
    private val standing = Standing<LoginSession, LoginState>(session, LoginState::isOver, LoginSession::cancel) { now, error ->
        stateOf(now.stage(), error)
    }

    /** Names the login for [continueLogin]. */
    val id: String = session.id()

    /** Where the login stands now. */
    val state: LoginState get() = standing.now

    /** Where the login stands, from now on; ends when the login is over. Any number may collect; none of them ends the login. */
    val states: Flow<LoginState> = standing.states

    /**
     * Stops the step that runs and ends the login in this phone; the server is not told. Does nothing to one that is over.
     *
     * @throws WalletException `STORE_FAILED`: the login is found again when the wallet is opened.
     */
    @Throws(WalletException::class)
    fun cancel() = standing.cancel()

    /** Frees the memory, after the step that runs. The login stays in the store where it is not over. */
    override fun close() = standing.close()

    internal suspend fun step(from: LoginState, review: LoginReview, run: suspend (LoginSession) -> Unit): LoginState =
        standing.step(from, LoginState.Working(review), run)

    private fun stateOf(stage: LoginStage, error: WalletException?): LoginState = when (stage) {
        is LoginStage.Review -> LoginState.Review(this, stage.review, error)
        is LoginStage.Unfinished -> LoginState.Unfinished(this, stage.review, error)
        is LoginStage.Completed -> LoginState.Completed(stage.outcome)
        is LoginStage.Denied -> LoginState.Denied
        is LoginStage.Failed -> LoginState.Failed(error ?: failure(stage.code))
        is LoginStage.Cancelled -> LoginState.Cancelled
    }
}

/**
 * Takes the code of what was scanned: from then on this wallet alone can approve that login. Nothing is sent to a server
 * that the wallet is not bound to.
 *
 * [bindingId] is needed where several bindings can serve; [LoginStart.ChooseBinding] says so.
 */
suspend fun Wallet.startLogin(scanned: String, bindingId: String? = null): LoginStart = try {
    inBackground { LoginStart.Started(LoginFlow(beginLogin(scanned, bindingId))) }
} catch (error: WalletException) {
    when (error.nextStep) {
        NextStep.CHOOSE_BINDING -> LoginStart.ChooseBinding(inBackground { bindingsFor(scanned) })
        NextStep.SCAN_AGAIN -> LoginStart.ScanAgain(error)
        NextStep.BIND -> LoginStart.BindFirst(error)
        else -> LoginStart.Failed(error)
    }
}

/**
 * Goes on with a login of [Wallet.unfinishedSessions].
 *
 * @throws WalletException `INVALID_INPUT` where there is none, `NOT_BOUND` where its binding is gone, and those of the store.
 */
@Throws(WalletException::class, CancellationException::class)
suspend fun Wallet.continueLogin(sessionId: String): LoginFlow =
    inBackground { LoginFlow(resumeLogin(sessionId)) }

/** What came of a scanned text. */
sealed interface LoginStart {
    /** A login to review. */
    class Started internal constructor(
        /** The login. To be closed by the app. */
        val login: LoginFlow,
    ) : LoginStart

    /** Several bindings can serve it: let the citizen choose, then call [startLogin] with the binding's id. */
    class ChooseBinding internal constructor(
        /** Those that can serve it. */
        val bindings: List<Binding>,
    ) : LoginStart

    /** The wallet is not bound to this server, or not any more. */
    class BindFirst internal constructor(
        /** Which of the two. */
        val error: WalletException,
    ) : LoginStart

    /** No login link, or one that was used or is too old: scan the next one. */
    class ScanAgain internal constructor(
        /** Which of them. */
        val error: WalletException,
    ) : LoginStart

    /** Anything else; [nextStep] of the error says what to do. */
    class Failed internal constructor(
        /** Why. */
        val error: WalletException,
    ) : LoginStart
}

/**
 * Choices for this review: essential claims go without saying, others only where named here.
 *
 * [number] is what the citizen typed from the browser, where [LoginReview.numberRequired].
 */
fun LoginReview.choices(
    acceptedVoluntaryClaims: Collection<String> = emptyList(),
    permittedScopes: Collection<String> = emptyList(),
    number: String? = null,
): LoginChoices = LoginChoices(acceptedVoluntaryClaims.toList(), permittedScopes.toList(), number)

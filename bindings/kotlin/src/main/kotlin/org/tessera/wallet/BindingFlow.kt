package org.tessera.wallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.flow.Flow

/**
 * One binding of this phone to a server. Begun by [startBinding], found again by [continueBinding].
 *
 * It lies in the wallet's store after every step: an app that is killed finds it among [Wallet.unfinishedSessions].
 * [close] only frees memory; [cancel] ends the binding, and so does cancelling the coroutine of a step.
 */
class BindingFlow internal constructor(session: BindingSession) : AutoCloseable {
    private val standing = Standing<BindingSession, BindingState>(session, BindingState::isOver, BindingSession::cancel) { now, error ->
        stateOf(now.stage(), error)
    }

    /** Names the binding for [continueBinding]. */
    val id: String = session.id()

    /** Where the binding stands now. */
    val state: BindingState get() = standing.now

    /** Where the binding stands, from now on; ends when it is over. Any number may collect; none of them ends the binding. */
    val states: Flow<BindingState> = standing.states

    /**
     * Stops the step that runs and ends the binding. Does nothing to one that is over.
     *
     * @throws WalletException `STORE_FAILED`: it is found again when the wallet is opened.
     */
    @Throws(WalletException::class)
    fun cancel() = standing.cancel()

    /** Frees the memory, after the step that runs. The binding stays in the store where it is not over. */
    override fun close() = standing.close()

    internal suspend fun step(from: BindingState, run: suspend (BindingSession) -> Unit): BindingState =
        standing.step(from, BindingState.Working, run)

    private fun stateOf(stage: BindingStage, error: WalletException?): BindingState = when (stage) {
        is BindingStage.Started -> BindingState.Started(this, error)
        is BindingStage.OtpSent -> BindingState.OtpSent(this, stage.delivery, error)
        is BindingStage.Bound -> BindingState.Bound(stage.binding)
        is BindingStage.Cancelled -> BindingState.Cancelled
    }
}

/**
 * Begins to bind this phone; nothing is sent yet.
 *
 * @throws WalletException `INVALID_INPUT`, `INSECURE_ADDRESS`, and those of the store.
 */
@Throws(WalletException::class, CancellationException::class)
suspend fun Wallet.startBinding(request: BindingRequest): BindingFlow =
    inBackground { BindingFlow(beginBinding(request)) }

/**
 * Goes on with a binding of [Wallet.unfinishedSessions].
 *
 * @throws WalletException `INVALID_INPUT` where there is none, and those of the store.
 */
@Throws(WalletException::class, CancellationException::class)
suspend fun Wallet.continueBinding(sessionId: String): BindingFlow =
    inBackground { BindingFlow(resumeBinding(sessionId)) }

/**
 * A binding to a Tessera server, with what most apps want: the strongest key the device has, asked for by biometrics or
 * device code at every use, attested by the device's maker where it can.
 *
 * [origin] is the server's, e.g. `https://id.example`; [individualId] the person's identifier; [deviceName] what the citizen
 * calls this phone, 1 to 64 characters, kept by the server; [label] what the app calls this person, kept here only.
 */
fun BindingRequest.Companion.tessera(
    origin: String,
    individualId: String,
    deviceName: String,
    label: String = "",
    securityLevel: SecurityLevelRule = SecurityLevelRule.Prefer(KeySecurityLevel.SECURE_ELEMENT),
    userAuthentication: UserAuthentication = UserAuthentication.EveryUse,
    attest: Boolean = true,
): BindingRequest = BindingRequest(
    BindingServer.Tessera(origin),
    individualId,
    deviceName,
    label,
    securityLevel,
    userAuthentication,
    attest,
)

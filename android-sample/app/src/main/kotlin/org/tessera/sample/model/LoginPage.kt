package org.tessera.sample.model

import org.tessera.wallet.Binding
import org.tessera.wallet.LoginReview

/** What the screen of a login shows. */
sealed interface LoginPage {
    /** Whether nothing can follow. */
    val isOver: Boolean get() = this is Approved || this is Denied || this is Over || this is Cancelled

    /** The code is being taken. */
    data object Starting : LoginPage

    /** Several bindings can serve it: the citizen chooses. */
    class ChooseBinding(val bindings: List<Binding>) : LoginPage

    /** The citizen is to decide. */
    class Review(val review: LoginReview, val choices: Choices, val problem: Problem?) : LoginPage

    /** The decision is on its way. */
    class Sending(val review: LoginReview) : LoginPage

    /** Approved, and no answer came: it can be sent again. */
    class Unanswered(val review: LoginReview, val problem: Problem?) : LoginPage

    /** The browser is logged in. [returnUri] is to be opened where the login began on this phone. */
    class Approved(val returnUri: String?) : LoginPage

    /** The citizen said no. */
    data object Denied : LoginPage

    /** Over, or never begun. */
    class Over(val problem: Problem) : LoginPage

    /** Put away by the citizen. */
    data object Cancelled : LoginPage
}

/** What is ticked so far. Essential claims are not in it: they cannot be left out. */
class Choices(val claims: Set<String> = emptySet(), val scopes: Set<String> = emptySet())

/** What survives when the app is killed: which login, and what was ticked. The number typed does not. */
class SavedLogin(val sessionId: String, val choices: Choices)

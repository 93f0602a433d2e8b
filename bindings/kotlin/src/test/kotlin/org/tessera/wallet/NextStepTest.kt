package org.tessera.wallet

import kotlin.test.assertEquals
import org.junit.jupiter.api.Test

/** What an app does about an error goes with whether it may try again. */
class NextStepTest {
    @Test
    fun `a step that is offered at once is one that may be tried at once`() {
        // The retry of each code is wallet-core's (errors.rs); these are those an app meets most.
        val steps = mapOf(
            ErrorCode.OFFLINE to NextStep.TRY_AGAIN,
            ErrorCode.LOCKED to NextStep.UNLOCK,
            ErrorCode.ATTEMPTS_EXCEEDED to NextStep.WAIT,
            ErrorCode.LINK_EXPIRED to NextStep.SCAN_AGAIN,
            ErrorCode.KEY_INVALIDATED to NextStep.BIND,
            ErrorCode.NUMBER_NEEDED to NextStep.TYPE_NUMBER,
            ErrorCode.NUMBER_WRONG to NextStep.BEGIN_AGAIN,
            ErrorCode.OUTCOME_UNKNOWN to NextStep.LOOK_AT_BROWSER,
            ErrorCode.UNTRUSTED_CONNECTION to NextStep.STOP,
            ErrorCode.STORE_LOST to NextStep.RESET_WALLET,
        )
        for ((code, step) in steps) assertEquals(step, code.nextStep)
        assertEquals(NextStep.entries.toSet(), ErrorCode.entries.map { it.nextStep }.toSet(), "a step that no error asks for")
    }
}

package org.tessera.wallet

import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.tessera.wallet.jvm.SoftwareKeys

/** What was agreed to: behaviours of bindings/behaviours.txt, against a running server. */
internal class ConsentBehavioursTest : Behaviours() {
    @Test
    fun withdrawConsent() = running {
        bound().use { wallet ->
            val begun = logIn(wallet)
            assertEquals(person.name, stand.nameAgain(begun))
            val receipt = wallet.withdrawConsent(wallet.receipts().single().id)
            assertEquals(ReceiptState.WITHDRAWN, receipt.state)
            assertNotNull(receipt.withdrawnAt)
            assertEquals(409, assertFailsWith<Stand.Refused> { stand.nameAgain(begun) }.status)
        }
    }

    @Test
    fun answerQuestion() = running {
        val keys = PlayedKeys(SoftwareKeys(folder.resolve("keys")))
        bound(keys = keys).use { wallet ->
            val binding = wallet.bindings().single().id
            assertTrue(wallet.questions(binding).isEmpty())
            val asked = stand.ask(person)
            assertEquals("OPEN", stand.standing(asked))
            val question = wallet.questions(binding).single()
            assertEquals(asked to "Your file", question.id to question.purpose)
            val before = keys.prompts.get()
            val receipt = assertNotNull(wallet.answerQuestion(question, listOf("name")))
            assertEquals(1, keys.prompts.get() - before, "a key that asks at every use asks once")
            assertEquals("AGREED name", stand.standing(asked))
            assertTrue(wallet.verifyReceipt(receipt.id))
            assertEquals(ActivityKind.QUESTION_ANSWERED, wallet.activity().first().kind)
            wallet.withdrawConsent(receipt.id)
            assertEquals("WITHDRAWN", stand.standing(asked))
            val again = stand.ask(person)
            assertNull(wallet.answerQuestion(wallet.questions(binding).single(), emptyList()))
            assertEquals("DECLINED", stand.standing(again))
        }
    }
}

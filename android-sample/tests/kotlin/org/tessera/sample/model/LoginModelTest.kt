package org.tessera.sample.model

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.tessera.wallet.DenialReason
import org.tessera.wallet.ErrorCode

class LoginModelTest : OnBoundPhone() {
    @Test
    fun `GS-WAL-08 a voluntary claim is left out, an essential one cannot be`() = onBoundPhone { phone ->
        val login = stand.begin()
        LoginModel(phone.wallets, phone.scope).use { model ->
            phone.tap { model.start(login.link) }
            val review = model.page.until<LoginPage.Review>()
            assertTrue(review.review.claims.any { it.name == "name" && it.essential })
            assertTrue(review.review.claims.any { it.name == "email" && !it.essential })
            assertTrue(review.choices.claims.isEmpty(), "nothing is ticked that was not chosen")
            phone.tap {
                model.tickClaim("name", false)
                model.tickClaim("email", true)
                model.tickClaim("email", false)
                model.tickClaim("nobody_asked", true)
            }
            phone.tap { model.approve("") }
            model.page.until<LoginPage.Approved>()
        }
        assertEquals(person.name, stand.end(login))
        assertEquals(listOf("name"), phone.wallets.get().receipts().single().claims)
    }

    @Test
    fun `a voluntary claim that is ticked is given`() = onBoundPhone { phone ->
        val login = stand.begin()
        LoginModel(phone.wallets, phone.scope).use { model ->
            phone.tap { model.start(login.link) }
            model.page.until<LoginPage.Review>()
            phone.tap { model.tickClaim("email", true) }
            assertEquals(setOf("email"), model.page.until<LoginPage.Review>().choices.claims)
            phone.tap {
                model.approve("")
                // A second tap does nothing.
                model.approve("")
            }
            model.page.until<LoginPage.Approved>()
        }
        assertEquals(person.name, stand.end(login))
        assertEquals(listOf("email", "name"), phone.wallets.get().receipts().single().claims)
    }

    @Test
    fun `the number in the browser must be typed, and the right one logs in`() = onBoundPhone { phone ->
        val login = stand.begin("/numbered")
        LoginModel(phone.wallets, phone.scope).use { model ->
            phone.tap { model.start(login.link) }
            assertTrue(model.page.until<LoginPage.Review>().review.numberRequired)
            phone.tap { model.approve(" ") }
            val missing = model.page.until<LoginPage.Review> { it.problem != null }
            assertEquals(Problem.Missing(Field.NUMBER), missing.problem)
            val number = stand.shown(login)
            phone.tap { model.approve(number) }
            model.page.until<LoginPage.Approved>()
        }
        assertEquals(person.name, stand.end(login))
    }

    @Test
    fun `a wrong number ends the login`() = onBoundPhone { phone ->
        val login = stand.begin("/numbered")
        LoginModel(phone.wallets, phone.scope).use { model ->
            phone.tap { model.start(login.link) }
            model.page.until<LoginPage.Review>()
            val other = (stand.shown(login).toInt() + 1) % 1000
            phone.tap { model.approve(other.toString().padStart(3, '0')) }
            assertEquals(Problem.Refused(ErrorCode.NUMBER_WRONG), model.page.until<LoginPage.Over>().problem)
            assertEquals(null, model.saved)
        }
        assertTrue(phone.wallets.get().receipts().isEmpty())
    }

    @Test
    fun `who denies logs nobody in, and the browser is told`() = onBoundPhone { phone ->
        val login = stand.begin()
        LoginModel(phone.wallets, phone.scope).use { model ->
            phone.tap { model.start(login.link) }
            model.page.until<LoginPage.Review>()
            phone.tap { model.deny(DenialReason.NOT_ME) }
            model.page.until<LoginPage.Denied>()
        }
        assertFalse(stand.end(login).contains(person.name))
        assertTrue(phone.wallets.get().receipts().isEmpty())
    }

    @Test
    fun `an app that was killed at the review goes on with what was ticked`() = runBlocking<Unit> {
        val login = stand.begin()
        val saved = TestPhone(folder).use { phone ->
            phone.bind(stand, person)
            LoginModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.start(login.link) }
                model.page.until<LoginPage.Review>()
                phone.tap { model.tickClaim("email", true) }
                assertNotNull(model.saved)
            }
        }
        TestPhone(folder).use { phone ->
            // Opening the link again would not help: its code was taken.
            LoginModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.start(login.link) }
                assertEquals(Problem.Refused(ErrorCode.LINK_CODE_REFUSED), model.page.until<LoginPage.Over>().problem)
            }
            LoginModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.resume(saved) }
                assertEquals(setOf("email"), model.page.until<LoginPage.Review>().choices.claims)
                phone.tap { model.approve("") }
                model.page.until<LoginPage.Approved>()
            }
            assertEquals(person.name, stand.end(login))
            assertEquals(listOf("email", "name"), phone.wallets.get().receipts().single().claims)
        }
    }

    @Test
    fun `an approval whose answer is missing is sent again, also after the app was killed`() = runBlocking<Unit> {
        val login = stand.begin()
        val saved = TestPhone(folder).use { phone ->
            phone.bind(stand, person)
            LoginModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.start(login.link) }
                model.page.until<LoginPage.Review>()
                phone.network.isThere = false
                phone.tap { model.approve("") }
                assertEquals(Problem.Refused(ErrorCode.OFFLINE), model.page.until<LoginPage.Unanswered>().problem)
                assertNotNull(model.saved)
            }
        }
        TestPhone(folder).use { phone ->
            LoginModel(phone.wallets, phone.scope).use { model ->
                phone.tap { model.resume(saved) }
                model.page.until<LoginPage.Unanswered>()
                phone.tap { model.finish() }
                model.page.until<LoginPage.Approved>()
            }
        }
        assertEquals(person.name, stand.end(login))
    }

    @Test
    fun `a code that is too old is not sent`() = onBoundPhone { phone ->
        val login = stand.begin("/expired")
        assertEquals(Problem.Refused(ErrorCode.LINK_EXPIRED), phone.refusal(login.link))
    }

    @Test
    fun `nothing is sent to a server that the phone is not bound to`() = onBoundPhone { phone ->
        val login = stand.begin("/elsewhere")
        assertEquals(Problem.Refused(ErrorCode.UNKNOWN_SERVER), phone.refusal(login.link))
    }

    @Test
    fun `what is no link is told apart`() = onBoundPhone { phone ->
        assertEquals(Problem.Refused(ErrorCode.INVALID_LINK), phone.refusal("https://example.org/"))
    }

    @Test
    fun `without a network nothing is begun, and the code can be scanned again`() = onBoundPhone { phone ->
        val login = stand.begin()
        phone.network.isThere = false
        assertEquals(Problem.Refused(ErrorCode.OFFLINE), phone.refusal(login.link))
        phone.network.isThere = true
        LoginModel(phone.wallets, phone.scope).use { model ->
            phone.tap { model.start(login.link) }
            model.page.until<LoginPage.Review>()
            phone.tap { model.cancel() }
            assertIs<LoginPage.Cancelled>(model.page.value)
        }
        assertTrue(phone.wallets.get().unfinishedSessions().isEmpty())
    }

    @Test
    fun `with two bindings the citizen chooses`() = onBoundPhone { phone ->
        val other = stand.newPerson()
        phone.bind(stand, other, "The other's")
        val login = stand.begin()
        LoginModel(phone.wallets, phone.scope).use { model ->
            phone.tap { model.start(login.link) }
            val bindings = model.page.until<LoginPage.ChooseBinding>().bindings
            assertEquals(2, bindings.size)
            phone.tap { model.choose(bindings.single { it.deviceName == "The other's" }.id) }
            model.page.until<LoginPage.Review>()
            phone.tap { model.approve("") }
            model.page.until<LoginPage.Approved>()
        }
        assertEquals(other.name, stand.end(login))
    }

    private suspend fun TestPhone.refusal(link: String): Problem = LoginModel(wallets, scope).use { model ->
        tap { model.start(link) }
        model.page.until<LoginPage.Over>().problem
    }
}

package org.tessera.sample.model

import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.Clock
import org.tessera.wallet.Credential
import org.tessera.wallet.CredentialDoubt
import org.tessera.wallet.CredentialIssuer
import org.tessera.wallet.CredentialVerification
import org.tessera.wallet.ErrorCode

/** Credentials of the public test vectors of Claim 169 (protocol/tests/vectors/claim169), on a phone without a network. */
class CredentialsModelTest {
    @TempDir
    lateinit var folder: Path

    private val issuer = CredentialIssuer(
        issuer = "https://mosip.example.org",
        name = "Ministry of the Interior",
        keys = listOf(
            """{"kty":"EC","crv":"P-256","x":"SE2NEl6mx4r5t7sWu7-My9O1ASuNMQ8cR5IBZWZtJXI",
                "y":"Nn_ZK85f5fJQimygveUBOFPLLI4dwxPvrrK5pO5JLwo"}""",
        ),
        certificates = emptyList(),
    )

    @Test
    fun `a credential of a pinned issuer is added, shown and deleted`() = runBlocking<Unit> {
        TestPhone(folder, listOf(issuer), inTheirTime).use { phone ->
            phone.network.isThere = false
            val model = CredentialsModel(phone.wallets, phone.scope)
            phone.tap { model.add(signed) }
            val added = model.rows.until<Rows.Ready<*>>()
            assertEquals(Done.CREDENTIAL_ADDED, added.message)
            val credential = assertIs<Credential>(added.rows.single())
            assertEquals("ECDSA Test Person", credential.title)
            assertEquals("Ministry of the Interior", credential.issuerName)
            assertIs<CredentialVerification.Verified>(credential.verification)

            val one = CredentialModel(credential.id, phone.wallets, phone.scope)
            phone.tap { one.load() }
            val shown = one.page.until<CredentialPage.Shown>()
            assertTrue(shown.details.claims.any { it.name == "id" && it.value == "ID-ECDSA-001" })
            assertFalse("ECDSA" in "$shown $one ${shown.details} $credential", "nothing personal is printed")

            phone.tap { model.delete(credential.id) }
            assertTrue(model.rows.until<Rows.Ready<*>> { it.message == Done.CREDENTIAL_DELETED }.rows.isEmpty())
            phone.tap { one.load() }
            assertEquals(Problem.Refused(ErrorCode.INVALID_INPUT), one.page.until<CredentialPage.Failed>().problem)
        }
    }

    @Test
    fun `why a credential does not stand is said, and its time that is over`() = runBlocking<Unit> {
        TestPhone(folder, clock = FixedClock(LONG_AFTER_MS)).use { phone ->
            val model = CredentialsModel(phone.wallets, phone.scope)
            phone.tap { model.add(signed) }
            val credential = assertIs<Credential>(model.rows.until<Rows.Ready<*>>().rows.single())
            val doubts = assertIs<CredentialVerification.NotVerified>(credential.verification).doubts
            assertEquals(setOf(CredentialDoubt.UNKNOWN_ISSUER, CredentialDoubt.EXPIRED), doubts.toSet())
            assertEquals(null, credential.issuerName)
        }
    }

    @Test
    fun `what is no credential, or for somebody else, is refused and the list stays`() = runBlocking<Unit> {
        TestPhone(folder).use { phone ->
            val model = CredentialsModel(phone.wallets, phone.scope)
            phone.tap { model.add("https://example.org/") }
            val refused = model.rows.until<Rows.Ready<*>>()
            assertEquals(Problem.Refused(ErrorCode.INVALID_CREDENTIAL), refused.message)
            assertTrue(refused.rows.isEmpty())
            phone.tap { model.add(vector("valid/encrypted-aes256")) }
            model.rows.until<Rows.Ready<*>> { it.message == Problem.Refused(ErrorCode.CREDENTIAL_ENCRYPTED) }
        }
    }

    /** A clock that stands still, so that no credential expires while this test grows old. */
    private class FixedClock(private val ms: Long) : Clock {
        override fun nowMs(): Long = ms
    }

    companion object {
        /** The vectors are of 2023-11-14 and valid until 2027-01-15. */
        private const val ISSUED_MS = 1_700_000_100_000
        private const val LONG_AFTER_MS = 1_900_000_000_000

        /** A credential of the issuer of the vectors. */
        val signed = vector("valid/ecdsa-p256-signed")

        /** A time in which it is good. */
        val inTheirTime: Clock = FixedClock(ISSUED_MS)

        private fun vector(name: String): String {
            val file = checkNotNull(CredentialsModelTest::class.java.getResourceAsStream("/$name.json")) { name }
            val json = file.use { it.readBytes().decodeToString() }
            return checkNotNull(Regex("\"qr_data\": *\"([^\"]*)\"").find(json)).groupValues[1]
        }
    }
}

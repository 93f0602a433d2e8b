package org.tessera.sample.screens

import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.json.JSONException
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.sample.model.CredentialsModel
import org.tessera.sample.model.CredentialsModelTest
import org.tessera.sample.model.Rows
import org.tessera.sample.model.TestPhone
import org.tessera.sample.model.until
import org.tessera.wallet.Credential
import org.tessera.wallet.CredentialVerification

/** The issuers that come with the app. Run with Android's own JSON. */
class PinnedIssuersTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `the list that comes with the sample is empty`() {
        val shipped = Path.of("android-sample/app/src/main/res/raw/credential_issuers.json").readText()
        assertTrue(pinnedIssuers(shipped).isEmpty())
    }

    @Test
    fun `an issuer of the list is believed`() = runBlocking<Unit> {
        val issuers = pinnedIssuers(
            """[{"issuer": "https://mosip.example.org", "name": "Ministry of the Interior", "keys": [
                {"kty": "EC", "crv": "P-256", "x": "SE2NEl6mx4r5t7sWu7-My9O1ASuNMQ8cR5IBZWZtJXI",
                 "y": "Nn_ZK85f5fJQimygveUBOFPLLI4dwxPvrrK5pO5JLwo"}]}]""",
        )
        TestPhone(folder, issuers, CredentialsModelTest.inTheirTime).use { phone ->
            val model = CredentialsModel(phone.wallets, phone.scope)
            phone.tap { model.add(CredentialsModelTest.signed) }
            val credential = assertIs<Credential>(model.rows.until<Rows.Ready<*>>().rows.single())
            assertIs<CredentialVerification.Verified>(credential.verification)
            assertEquals("Ministry of the Interior", credential.issuerName)
        }
    }

    @Test
    fun `certificates are read, and a list that is written otherwise is not taken for an empty one`() {
        val read = pinnedIssuers("""[{"issuer": "a", "name": "b", "certificates": ["MAA="]}]""").single()
        assertTrue(read.keys.isEmpty())
        assertContentEquals(byteArrayOf(0x30, 0), read.certificates.single())
        for (wrong in listOf("", "{}", """[{"name": "b"}]""")) {
            assertFailsWith<JSONException>(wrong) { pinnedIssuers(wrong) }
        }
        assertFailsWith<IllegalArgumentException> {
            pinnedIssuers("""[{"issuer": "a", "name": "b", "certificates": ["-"]}]""")
        }
    }
}

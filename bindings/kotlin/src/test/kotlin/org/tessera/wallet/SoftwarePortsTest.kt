package org.tessera.wallet

import java.math.BigInteger
import java.nio.file.Path
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.RSAPublicKeySpec
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.tessera.wallet.jvm.FileDataKey
import org.tessera.wallet.jvm.SoftwareKeys

/** Keys and data key of a JVM. */
class SoftwarePortsTest {
    @TempDir
    lateinit var folder: Path

    private val prompt = SigningPrompt(SigningPurpose.LOGIN, null)

    @Test
    fun `keys sign in the form of JWS and survive`() = runBlocking {
        SoftwareKeys(folder).create("a/../b", options(KeyAlgorithm.ES256))
        val keys = SoftwareKeys(folder)
        assertEquals(64, keys.sign("a/../b", byteArrayOf(1), prompt).size)
        assertFailsWith<KeyException.AlreadyExists> { keys.create("a/../b", options(KeyAlgorithm.ES256)) }
        keys.delete("a/../b")
        keys.delete("a/../b")
        assertFailsWith<KeyException.NotFound> { keys.info("a/../b") }

        val rsa = assertIs<DevicePublicKey.Rsa>(keys.create("rsa", options(KeyAlgorithm.RS256)).publicKey)
        val public = RSAPublicKeySpec(BigInteger(1, rsa.n), BigInteger(1, rsa.e))
        val (first, second) = keys.signBatch("rsa", listOf(byteArrayOf(1), byteArrayOf(2)), prompt)
        for ((message, signature) in listOf(1 to first, 2 to second)) {
            val verifier = Signature.getInstance("SHA256withRSA")
            verifier.initVerify(KeyFactory.getInstance("RSA").generatePublic(public))
            verifier.update(byteArrayOf(message.toByte()))
            assertTrue(verifier.verify(signature))
        }
    }

    @Test
    fun `software keys claim no hardware`() = runBlocking {
        val keys = SoftwareKeys(folder)
        val hardware = SecurityLevelRule.Require(KeySecurityLevel.SECURE_ELEMENT)
        assertFailsWith<KeyException.Unsupported> { keys.create("a", options(KeyAlgorithm.ES256).copy(securityLevel = hardware)) }
        val preferred = SecurityLevelRule.Prefer(KeySecurityLevel.SECURE_ELEMENT)
        val made = keys.create("a", options(KeyAlgorithm.ES256).copy(securityLevel = preferred))
        assertEquals(KeySecurityLevel.SOFTWARE, made.securityLevel)
    }

    @Test
    fun `a data key comes back and another file's is told as lost`() = runBlocking {
        val plain = ByteArray(32) { it.toByte() }
        val wrapped = FileDataKey(folder.resolve("a")).wrapKey(plain)
        assertContentEquals(plain, FileDataKey(folder.resolve("a")).unwrapKey(wrapped))
        FileDataKey(folder.resolve("b")).wrapKey(plain)
        for (lost in listOf("b", "missing")) {
            assertFailsWith<KeyException.Invalidated> { FileDataKey(folder.resolve(lost)).unwrapKey(wrapped) }
        }
    }

    private fun options(algorithm: KeyAlgorithm) = KeyOptions(
        algorithm,
        SecurityLevelRule.Prefer(KeySecurityLevel.SOFTWARE),
        UserAuthentication.None,
        attestationChallenge = null,
    )
}

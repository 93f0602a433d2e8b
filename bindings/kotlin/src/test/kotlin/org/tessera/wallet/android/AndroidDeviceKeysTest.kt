package org.tessera.wallet.android

import android.security.keystore.KeyProperties
import java.security.ProviderException
import java.security.Security
import java.security.Signature
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.tessera.wallet.DevicePublicKey
import org.tessera.wallet.KeyAlgorithm
import org.tessera.wallet.KeyException
import org.tessera.wallet.KeyOptions
import org.tessera.wallet.KeySecurityLevel
import org.tessera.wallet.SecurityLevelRule
import org.tessera.wallet.SigningPrompt
import org.tessera.wallet.SigningPurpose
import org.tessera.wallet.UserAuthentication

/** The Android key store as the wallet uses it, over a provider that answers as Android's does. */
class AndroidDeviceKeysTest {
    private val store = PlayedKeyStore()
    private val prompts = mutableListOf<SigningPrompt>()
    private var answer: () -> Unit = { store.unlocked = true }
    private val prompt = KeyPrompt { asked, _ ->
        prompts += asked
        answer()
    }
    private val login = SigningPrompt(SigningPurpose.LOGIN, "Registry")
    private var device = DeviceAbilities(apiLevel = 35, strongBox = true, screenLock = true)
    private val keys = AndroidDeviceKeys({ device }, prompt, KeyUnlock.BIOMETRIC_OR_CODE)

    @BeforeEach
    fun install() {
        Security.addProvider(store)
    }

    @AfterEach
    fun remove() = Security.removeProvider(store.name)

    @Test
    fun `a key is made in the StrongBox, signs in the form of JWS, and is found again`() = runBlocking {
        val made = keys.create("a", options())
        assertEquals(KeySecurityLevel.SECURE_ELEMENT, made.securityLevel)
        assertEquals(UserAuthentication.None, made.userAuthentication)
        assertIs<DevicePublicKey.P256>(made.publicKey)
        assertEquals(made.publicKey.toString(), keys.info("a").publicKey.toString())
        assertFailsWith<KeyException.AlreadyExists> { keys.create("a", options()) }
        val signatures = keys.signBatch("a", listOf(byteArrayOf(1), byteArrayOf(2)), login)
        assertEquals(listOf(64, 64), signatures.map { it.size })
        assertTrue(prompts.isEmpty())
        keys.delete("a")
        keys.delete("a")
        assertFailsWith<KeyException.NotFound> { keys.info("a") }
        assertFailsWith<KeyException.NotFound> { keys.sign("a", byteArrayOf(1), login) }
        assertFailsWith<KeyException.NotFound> { keys.attest("a", ByteArray(32)) }
        Unit
    }

    @Test
    fun `an RSA key signs for eSignet`() = runBlocking {
        keys.create("rsa", options().copy(algorithm = KeyAlgorithm.RS256))
        val signature = keys.sign("rsa", byteArrayOf(7), login)
        val verified = Signature.getInstance("SHA256withRSA").run {
            initVerify(store.kept.getValue("rsa").pair!!.public)
            update(7)
            verify(signature)
        }
        assertTrue(verified)
    }

    @Test
    fun `a StrongBox that fails gives way to the TEE, and the key says so`() = runBlocking {
        for (failure in listOf(PlayedKeyStore.unavailable, PlayedKeyStore.broken)) {
            store.strongBoxFailure = failure
            assertEquals(KeySecurityLevel.TRUSTED_ENVIRONMENT, keys.create("a", options()).securityLevel)
            assertFalse(store.kept.getValue("a").asked.isStrongBoxBacked)
            keys.delete("a")
            val required = options().copy(securityLevel = SecurityLevelRule.Require(KeySecurityLevel.SECURE_ELEMENT))
            assertIs<KeyException>(runCatching { keys.create("a", required) }.exceptionOrNull())
            assertTrue(store.kept.isEmpty())
        }
    }

    @Test
    fun `a level that is not reached leaves no key`() = runBlocking {
        device = DeviceAbilities(apiLevel = 35, strongBox = false, screenLock = true)
        store.usualLevel = KeyProperties.SECURITY_LEVEL_SOFTWARE
        val trusted = options().copy(securityLevel = SecurityLevelRule.Require(KeySecurityLevel.TRUSTED_ENVIRONMENT))
        assertFailsWith<KeyException.Unsupported> { keys.create("a", trusted) }
        assertTrue(store.kept.isEmpty())
        assertEquals(KeySecurityLevel.SOFTWARE, keys.create("a", options()).securityLevel)
    }

    @Test
    fun `before Android 12 no StrongBox is claimed`() = runBlocking {
        device = DeviceAbilities(apiLevel = 30, strongBox = true, screenLock = true)
        val made = keys.create("a", options())
        assertTrue(store.kept.getValue("a").asked.isStrongBoxBacked)
        assertEquals(KeySecurityLevel.TRUSTED_ENVIRONMENT, made.securityLevel)
    }

    @Test
    fun `a key for every use asks before each, once for a batch`() = runBlocking {
        val made = keys.create("a", options(UserAuthentication.EveryUse))
        assertEquals(UserAuthentication.EveryUse, made.userAuthentication)
        val asked = store.kept.getValue("a").asked
        val biometricOrCode = KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
        assertTrue(asked.isUserAuthenticationRequired)
        assertEquals(biometricOrCode, asked.userAuthenticationType)
        assertEquals(3, keys.signBatch("a", List(3) { byteArrayOf(1) }, login).size)
        assertEquals(listOf(login), prompts)
        // Also while the phone would let it pass.
        keys.sign("a", byteArrayOf(1), login)
        assertEquals(2, prompts.size)
    }

    @Test
    fun `a timed key asks where its time is over`() = runBlocking {
        val made = keys.create("a", options(UserAuthentication.ValidFor(300u)))
        assertEquals(UserAuthentication.ValidFor(300u), made.userAuthentication)
        store.unlocked = true
        keys.sign("a", byteArrayOf(1), login)
        assertTrue(prompts.isEmpty())
        store.unlocked = false
        assertEquals(2, keys.signBatch("a", List(2) { byteArrayOf(1) }, login).size)
        assertEquals(1, prompts.size)
        // A prompt that was passed and did not unlock the key, as with a weak sensor.
        store.unlocked = false
        answer = {}
        assertFailsWith<KeyException.Locked> { keys.sign("a", byteArrayOf(1), login) }
        answer = { throw KeyException.Cancelled() }
        assertFailsWith<KeyException.Cancelled> { keys.sign("a", byteArrayOf(1), login) }
        Unit
    }

    @Test
    fun `a key that is gone for good is told from a locked one, and asks nobody`() = runBlocking {
        keys.create("timed", options(UserAuthentication.ValidFor(300u)))
        keys.create("free", options())
        for (alias in listOf("timed", "free")) {
            store.kept.getValue(alias).invalidated = true
            assertFailsWith<KeyException.Invalidated> { keys.sign(alias, byteArrayOf(1), login) }
        }
        assertTrue(prompts.isEmpty())
    }

    @Test
    fun `the attestation holds the server's challenge`() = runBlocking {
        val challenge = "challenge".toByteArray()
        keys.create("a", options().copy(attestationChallenge = challenge))
        assertContentEquals(challenge, store.kept.getValue("a").asked.attestationChallenge)
        val attestation = keys.attest("a", ByteArray(32))
        assertEquals("android-key" to 2, attestation.format to attestation.certificates.size)
        keys.create("b", options())
        assertFailsWith<KeyException.Unsupported> { keys.attest("b", ByteArray(32)) }
        store.attestationFailure = { ProviderException("Failed to generate attestation certificate chain") }
        assertFailsWith<KeyException.Unsupported> { keys.create("c", options().copy(attestationChallenge = challenge)) }
        assertEquals(KeyAlgorithm.ES256, keys.create("c", options()).algorithm)
    }

    @Test
    fun `the data key is wrapped by a key of the phone`() = runBlocking {
        val plain = ByteArray(32) { it.toByte() }
        val wrapped = AndroidDataKey().wrapKey(plain)
        assertEquals(12 + 32 + 16, wrapped.size)
        assertFalse(wrapped.contentEquals(AndroidDataKey().wrapKey(plain)))
        assertContentEquals(plain, AndroidDataKey().unwrapKey(wrapped))
        assertEquals(256, store.kept.getValue("tessera.store").asked.keySize)
        val changed = wrapped.copyOf().also { it[20] = (it[20] + 1).toByte() }
        assertFailsWith<KeyException.Invalidated> { AndroidDataKey().unwrapKey(changed) }
        assertFailsWith<KeyException.Invalidated> { AndroidDataKey("another").unwrapKey(wrapped) }
        assertFailsWith<KeyException.Invalidated> { AndroidDataKey().unwrapKey(ByteArray(3)) }
        Unit
    }

    private fun options(asks: UserAuthentication = UserAuthentication.None) = KeyOptions(
        KeyAlgorithm.ES256,
        SecurityLevelRule.Prefer(KeySecurityLevel.SECURE_ELEMENT),
        asks,
        attestationChallenge = null,
    )
}

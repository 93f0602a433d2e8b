package org.tessera.wallet.android

import android.annotation.SuppressLint
import android.app.KeyguardManager
import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.ProviderException
import java.security.Signature
import java.security.cert.X509Certificate
import java.security.interfaces.ECPublicKey
import java.security.interfaces.RSAPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.RSAKeyGenParameterSpec
import org.tessera.wallet.DeviceKeys
import org.tessera.wallet.DevicePublicKey
import org.tessera.wallet.KeyAlgorithm
import org.tessera.wallet.KeyAttestation
import org.tessera.wallet.KeyException
import org.tessera.wallet.KeyInfo
import org.tessera.wallet.KeyOptions
import org.tessera.wallet.KeySecurityLevel
import org.tessera.wallet.SigningPrompt
import org.tessera.wallet.UserAuthentication
import org.tessera.wallet.ecdsaSignatureFromDer

/**
 * Keys of the Android Keystore: made in the phone's secure hardware, never outside it.
 *
 * **Where a key lives.** A key that should be in the StrongBox and cannot be (there is none, or it says it is there and
 * fails) is made where the device puts keys otherwise. [KeyInfo.securityLevel] is always what the key store says of the key
 * that was made. Before Android 12 it does not tell a StrongBox from a TEE: then `TRUSTED_ENVIRONMENT` is said, and a key
 * that requires `SECURE_ELEMENT` is refused.
 *
 * **When it asks.** Keys made with [UserAuthentication.None] sign without asking. [UserAuthentication.ValidFor] asks where
 * the citizen did not unlock the phone or a key in that time. [UserAuthentication.EveryUse] asks before every use; one
 * `signBatch` is one use and one prompt. What the hardware holds such a key to is that the citizen was there in the last
 * five seconds: Android has no prompt for several signatures otherwise.
 *
 * No Google Play service is used. Android 8.0 (API 26) or newer.
 */
@SuppressLint("NewApi") // What is newer is asked for by DeviceAbilities.apiLevel, so that tests can play any phone.
class AndroidDeviceKeys internal constructor(
    private val device: () -> DeviceAbilities,
    private val prompt: KeyPrompt,
    private val unlock: KeyUnlock,
) : DeviceKeys {
    /** Keys of this app. [prompt] asks for the citizen; [unlock] says what he unlocks new keys with. */
    @JvmOverloads
    constructor(
        context: Context,
        prompt: KeyPrompt = BiometricKeyPrompt(context),
        unlock: KeyUnlock = KeyUnlock.BIOMETRIC_OR_CODE,
    ) : this({ abilitiesOf(context.applicationContext) }, prompt, unlock)

    override suspend fun create(alias: String, options: KeyOptions): KeyInfo = guarded {
        val device = device()
        requirePossible(options.userAuthentication, unlock, device)
        if (keyStore().containsAlias(alias)) throw KeyException.AlreadyExists()
        val places = placesFor(options.securityLevel, device)
        if (places.isEmpty()) throw KeyException.Unsupported()
        generateAtFirst(places, alias, options, device)
        val made = described(alias)
        if (!options.securityLevel.allows(made.securityLevel)) {
            keyStore().deleteEntry(alias)
            throw KeyException.Unsupported()
        }
        made
    }

    override suspend fun info(alias: String): KeyInfo = guarded { described(alias) }

    /** The chain over the challenge given at creation; what it says of the key needs no [clientDataHash]. */
    override suspend fun attest(alias: String, clientDataHash: ByteArray): KeyAttestation = guarded {
        val chain = keyStore().getCertificateChain(alias) ?: throw KeyException.NotFound()
        val own = chain.firstOrNull() as? X509Certificate ?: throw KeyException.NotFound()
        // A key made without a challenge has a certificate too: signed by itself, and saying nothing.
        if (own.getExtensionValue(ATTESTATION_EXTENSION) == null) throw KeyException.Unsupported()
        KeyAttestation("android-key", chain.map { it.encoded }, null)
    }

    override suspend fun sign(alias: String, message: ByteArray, prompt: SigningPrompt): ByteArray =
        signBatch(alias, listOf(message), prompt).single()

    override suspend fun signBatch(alias: String, messages: List<ByteArray>, prompt: SigningPrompt): List<ByteArray> {
        val key = guarded { keyOf(alias) }
        val asksAlways = guarded { authenticationOf(key) } is UserAuthentication.EveryUse
        if (asksAlways) {
            this.prompt.authenticate(prompt, unlock)
            return guarded { signatures(key, messages) }
        }
        val first = guarded {
            try {
                signatures(key, messages)
            } catch (failed: GeneralSecurityException) {
                if (asksForCitizen(failed)) null else throw failed
            }
        }
        if (first != null) return first
        this.prompt.authenticate(prompt, unlock)
        return guarded { signatures(key, messages) }
    }

    override suspend fun delete(alias: String): Unit = guarded {
        keyStore().run { if (containsAlias(alias)) deleteEntry(alias) }
    }

    private fun generateAtFirst(places: List<KeyPlace>, alias: String, options: KeyOptions, device: DeviceAbilities) {
        for (place in places) {
            try {
                return generate(place, alias, options, device)
            } catch (failed: ProviderException) {
                // Not only StrongBoxUnavailableException: some phones have a StrongBox that fails in other ways.
                if (place == places.last()) throw generationFailure(failed, options)
            }
        }
    }

    private fun generate(place: KeyPlace, alias: String, options: KeyOptions, device: DeviceAbilities) {
        val name = when (options.algorithm) {
            KeyAlgorithm.ES256 -> KeyProperties.KEY_ALGORITHM_EC
            KeyAlgorithm.RS256 -> KeyProperties.KEY_ALGORITHM_RSA
        }
        val generator = KeyPairGenerator.getInstance(name, PROVIDER)
        generator.initialize(parameters(place, alias, options, device))
        generator.generateKeyPair()
    }

    private fun parameters(
        place: KeyPlace,
        alias: String,
        options: KeyOptions,
        device: DeviceAbilities,
    ): KeyGenParameterSpec {
        val builder = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
            .setDigests(KeyProperties.DIGEST_SHA256)
        when (options.algorithm) {
            KeyAlgorithm.ES256 -> builder.setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            KeyAlgorithm.RS256 -> builder
                .setAlgorithmParameterSpec(RSAKeyGenParameterSpec(RSA_BITS, RSAKeyGenParameterSpec.F4))
                .setSignaturePaddings(KeyProperties.SIGNATURE_PADDING_RSA_PKCS1)
        }
        if (place == KeyPlace.STRONGBOX && device.apiLevel >= Build.VERSION_CODES.P) builder.setIsStrongBoxBacked(true)
        options.attestationChallenge?.let { builder.setAttestationChallenge(it) }
        unlockedSeconds(options.userAuthentication)?.let { seconds ->
            builder.setUserAuthenticationRequired(true)
            if (device.apiLevel >= Build.VERSION_CODES.R) {
                builder.setUserAuthenticationParameters(seconds, unlock.keyTypes())
            } else {
                @Suppress("DEPRECATION") // Its successor is of Android 11.
                builder.setUserAuthenticationValidityDurationSeconds(seconds)
            }
        }
        return builder.build()
    }

    private fun signatures(key: PrivateKey, messages: List<ByteArray>): List<ByteArray> = messages.map { message ->
        val ecdsa = key.algorithm == KeyProperties.KEY_ALGORITHM_EC
        val signature = Signature.getInstance(if (ecdsa) "SHA256withECDSA" else "SHA256withRSA").run {
            initSign(key)
            update(message)
            sign()
        }
        if (ecdsa) ecdsaSignatureFromDer(signature) else signature
    }

    private fun described(alias: String): KeyInfo {
        val key = keyOf(alias)
        val told = told(key)
        val (algorithm, public) = when (val public = keyStore().getCertificate(alias)?.publicKey) {
            is ECPublicKey ->
                KeyAlgorithm.ES256 to DevicePublicKey.P256(public.w.affineX.toByteArray(), public.w.affineY.toByteArray())
            is RSAPublicKey ->
                KeyAlgorithm.RS256 to DevicePublicKey.Rsa(public.modulus.toByteArray(), public.publicExponent.toByteArray())
            null -> throw KeyException.NotFound()
            else -> throw KeyException.Unsupported()
        }
        return KeyInfo(alias, algorithm, public, levelOf(told), authenticationOf(key))
    }

    private fun keyOf(alias: String): PrivateKey =
        keyStore().getKey(alias, null) as? PrivateKey ?: throw KeyException.NotFound()

    private fun authenticationOf(key: PrivateKey): UserAuthentication = told(key).run {
        authenticationOf(isUserAuthenticationRequired, userAuthenticationValidityDurationSeconds)
    }

    private fun told(key: PrivateKey): android.security.keystore.KeyInfo =
        KeyFactory.getInstance(key.algorithm, PROVIDER).getKeySpec(key, android.security.keystore.KeyInfo::class.java)

    private fun levelOf(told: android.security.keystore.KeyInfo): KeySecurityLevel =
        if (device().apiLevel >= Build.VERSION_CODES.S) {
            levelOf(told.securityLevel)
        } else {
            @Suppress("DEPRECATION") // Its successor is of Android 12.
            levelOf(told.isInsideSecureHardware)
        }

    private fun keyStore(): KeyStore = KeyStore.getInstance(PROVIDER).apply { load(null) }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val RSA_BITS = 2048

        /** Android key attestation's place in a certificate. */
        const val ATTESTATION_EXTENSION = "1.3.6.1.4.1.11129.2.1.17"
    }
}

/** A device that cannot attest says so only by failing: then the wallet asks once more, without a challenge. */
internal fun generationFailure(failure: Throwable, options: KeyOptions): KeyException {
    val known = keyFailure(failure)
    return if (known is KeyException.Failed && options.attestationChallenge != null) KeyException.Unsupported() else known
}

private fun KeyUnlock.keyTypes(): Int = when (this) {
    KeyUnlock.BIOMETRIC_OR_CODE -> KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
    KeyUnlock.BIOMETRIC -> KeyProperties.AUTH_BIOMETRIC_STRONG
}

private fun abilitiesOf(context: Context): DeviceAbilities {
    val apiLevel = Build.VERSION.SDK_INT
    return DeviceAbilities(
        apiLevel = apiLevel,
        strongBox = apiLevel >= Build.VERSION_CODES.P &&
            context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE),
        screenLock = context.getSystemService(KeyguardManager::class.java)?.isDeviceSecure == true,
    )
}

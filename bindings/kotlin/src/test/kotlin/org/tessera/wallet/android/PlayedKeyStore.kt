package org.tessera.wallet.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.Provider
import java.security.ProviderException
import java.security.Signature
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/**
 * A provider `AndroidKeyStore` for the JDK that makes, keeps and refuses keys as Android's does, with keys of the JDK. What
 * the phone is like stands in its variables.
 */
internal class PlayedKeyStore : Provider("AndroidKeyStore", "1", "Android's key store, played") {
    /** What goes wrong when a key is made in the StrongBox. */
    var strongBoxFailure: (() -> ProviderException)? = null

    /** What goes wrong when a key is made with a challenge. */
    var attestationFailure: (() -> ProviderException)? = null

    /** Where keys are that are not in the StrongBox. */
    var usualLevel = KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT

    /** Whether the citizen has just unlocked the phone's keys. */
    var unlocked = false

    val kept = mutableMapOf<String, Entry>()

    /** One key, and how it was asked for. */
    class Entry(val asked: KeyGenParameterSpec, val pair: KeyPair?, val secret: SecretKey?, val level: Int) {
        var invalidated = false
    }

    /** Handles to keys: nothing of the key is in them. */
    open class Handle(val entry: Entry, private val name: String) : Key {
        override fun getAlgorithm(): String = name
        override fun getFormat(): String? = null
        override fun getEncoded(): ByteArray? = null
    }

    class PrivateHandle(entry: Entry) : Handle(entry, entry.pair!!.private.algorithm), PrivateKey

    class SecretHandle(entry: Entry) : Handle(entry, "AES"), SecretKey

    init {
        service("KeyStore", "AndroidKeyStore") { Store() }
        for (name in listOf("EC", "RSA")) {
            service("KeyPairGenerator", name) { PairGenerator(name) }
            service("KeyFactory", name) { Factory() }
        }
        service("KeyGenerator", "AES") { SecretGenerator() }
        service("Signature", "SHA256withECDSA", PrivateHandle::class.java) { Signing("SHA256withECDSA") }
        service("Signature", "SHA256withRSA", PrivateHandle::class.java) { Signing("SHA256withRSA") }
        service("Cipher", "AES/GCM/NoPadding", SecretHandle::class.java) { Sealing() }
    }

    private fun service(type: String, name: String, keys: Class<*>? = null, make: () -> Any) {
        val attributes = keys?.let { mapOf("SupportedKeyClasses" to it.name) }
        putService(object : Service(this, type, name, javaClass.name, null, attributes) {
            override fun newInstance(constructorParameter: Any?): Any = make()
            override fun supportsParameter(parameter: Any?): Boolean = keys == null || keys.isInstance(parameter)
        })
    }

    private fun made(asked: KeyGenParameterSpec, pair: KeyPair?, secret: SecretKey?) {
        if (asked.isStrongBoxBacked) strongBoxFailure?.let { throw it() }
        if (asked.attestationChallenge != null) attestationFailure?.let { throw it() }
        val level = if (asked.isStrongBoxBacked) KeyProperties.SECURITY_LEVEL_STRONGBOX else usualLevel
        kept[asked.keystoreAlias] = Entry(asked, pair, secret, level)
    }

    private inner class PairGenerator(private val name: String) : java.security.KeyPairGeneratorSpi() {
        private lateinit var asked: KeyGenParameterSpec

        override fun initialize(keysize: Int, random: java.security.SecureRandom?) = throw UnsupportedOperationException()

        override fun initialize(params: java.security.spec.AlgorithmParameterSpec?, random: java.security.SecureRandom?) {
            asked = params as KeyGenParameterSpec
        }

        override fun generateKeyPair(): KeyPair {
            val real = KeyPairGenerator.getInstance(name, if (name == "EC") "SunEC" else "SunRsaSign")
            real.initialize(asked.algorithmParameterSpec)
            val pair = real.generateKeyPair()
            made(asked, pair, null)
            return pair
        }
    }

    private inner class SecretGenerator : javax.crypto.KeyGeneratorSpi() {
        private lateinit var asked: KeyGenParameterSpec

        override fun engineInit(random: java.security.SecureRandom?) = throw UnsupportedOperationException()
        override fun engineInit(keysize: Int, random: java.security.SecureRandom?) = throw UnsupportedOperationException()
        override fun engineInit(params: java.security.spec.AlgorithmParameterSpec?, random: java.security.SecureRandom?) {
            asked = params as KeyGenParameterSpec
        }

        override fun engineGenerateKey(): SecretKey {
            val bytes = ByteArray(asked.keySize / 8).also(java.security.SecureRandom()::nextBytes)
            made(asked, null, SecretKeySpec(bytes, "AES"))
            return SecretHandle(kept.getValue(asked.keystoreAlias))
        }
    }

    private class Factory : java.security.KeyFactorySpi() {
        override fun <T : java.security.spec.KeySpec> engineGetKeySpec(key: Key, keySpec: Class<T>): T {
            val entry = (key as Handle).entry
            val asked = entry.asked
            val inHardware = entry.level != KeyProperties.SECURITY_LEVEL_SOFTWARE
            return keySpec.cast(
                KeyInfo(
                    asked.keystoreAlias, inHardware, KeyProperties.ORIGIN_GENERATED, asked.keySize, null, null, null,
                    asked.purposes, emptyArray(), emptyArray(), emptyArray(), emptyArray(), asked.isUserAuthenticationRequired,
                    asked.userAuthenticationValidityDurationSeconds, asked.userAuthenticationType, inHardware, false, false,
                    false, false, false, entry.level, KeyProperties.UNRESTRICTED_USAGE_COUNT,
                ),
            )
        }

        override fun engineGeneratePublic(keySpec: java.security.spec.KeySpec?) = throw UnsupportedOperationException()
        override fun engineGeneratePrivate(keySpec: java.security.spec.KeySpec?) = throw UnsupportedOperationException()
        override fun engineTranslateKey(key: Key?) = throw UnsupportedOperationException()
    }

    private fun requireUsable(entry: Entry) {
        if (entry.invalidated) throw KeyPermanentlyInvalidatedException()
        if (entry.asked.isUserAuthenticationRequired && !unlocked) throw UserNotAuthenticatedException()
    }

    private inner class Signing(private val name: String) : java.security.SignatureSpi() {
        private lateinit var real: Signature

        override fun engineInitSign(privateKey: PrivateKey) {
            val entry = (privateKey as Handle).entry
            requireUsable(entry)
            real = Signature.getInstance(name, if (name.endsWith("ECDSA")) "SunEC" else "SunRsaSign")
            real.initSign(entry.pair!!.private)
        }

        override fun engineUpdate(b: Byte) = real.update(b)
        override fun engineUpdate(b: ByteArray, off: Int, len: Int) = real.update(b, off, len)
        override fun engineSign(): ByteArray = real.sign()
        override fun engineInitVerify(publicKey: java.security.PublicKey?) = throw UnsupportedOperationException()
        override fun engineVerify(sigBytes: ByteArray?) = throw UnsupportedOperationException()

        @Deprecated("of SignatureSpi")
        override fun engineSetParameter(param: String?, value: Any?) = throw UnsupportedOperationException()

        @Deprecated("of SignatureSpi")
        override fun engineGetParameter(param: String?) = throw UnsupportedOperationException()
    }

    private inner class Sealing : javax.crypto.CipherSpi() {
        private val real = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE")

        override fun engineInit(opmode: Int, key: Key, random: java.security.SecureRandom?) =
            real.init(opmode, usable(key))

        override fun engineInit(
            opmode: Int,
            key: Key,
            params: java.security.spec.AlgorithmParameterSpec?,
            random: java.security.SecureRandom?,
        ) {
            // As on the phone: nobody but the key store chooses a nonce to encrypt with.
            require(opmode == Cipher.DECRYPT_MODE && params is GCMParameterSpec)
            real.init(opmode, usable(key), params)
        }

        private fun usable(key: Key): SecretKey = (key as Handle).entry.also(::requireUsable).secret!!

        override fun engineDoFinal(input: ByteArray, inputOffset: Int, inputLen: Int): ByteArray =
            real.doFinal(input, inputOffset, inputLen)

        override fun engineGetIV(): ByteArray = real.iv
        override fun engineSetMode(mode: String?) = Unit
        override fun engineSetPadding(padding: String?) = Unit
        override fun engineGetBlockSize() = real.blockSize
        override fun engineGetOutputSize(inputLen: Int) = real.getOutputSize(inputLen)
        override fun engineGetParameters() = real.parameters
        override fun engineInit(
            opmode: Int,
            key: Key?,
            params: java.security.AlgorithmParameters?,
            random: java.security.SecureRandom?,
        ) = throw UnsupportedOperationException()

        override fun engineUpdate(input: ByteArray?, inputOffset: Int, inputLen: Int) = throw UnsupportedOperationException()
        override fun engineUpdate(input: ByteArray?, inputOffset: Int, inputLen: Int, output: ByteArray?, outputOffset: Int) =
            throw UnsupportedOperationException()

        override fun engineDoFinal(input: ByteArray?, inputOffset: Int, inputLen: Int, output: ByteArray?, outputOffset: Int) =
            throw UnsupportedOperationException()
    }

    private inner class Store : java.security.KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? = kept[alias]?.let { entry ->
            if (entry.pair != null) PrivateHandle(entry) else SecretHandle(entry)
        }

        override fun engineGetCertificateChain(alias: String) = kept[alias]?.pair?.let { pair ->
            val challenge = kept.getValue(alias).asked.attestationChallenge
            val own = PlayedCertificate(pair.public, challenge)
            if (challenge == null) arrayOf(own) else arrayOf(own, PlayedCertificate(pair.public, null))
        } ?: emptyArray()

        override fun engineGetCertificate(alias: String) = engineGetCertificateChain(alias).firstOrNull()
        override fun engineContainsAlias(alias: String) = alias in kept
        override fun engineDeleteEntry(alias: String) {
            kept.remove(alias)
        }

        override fun engineLoad(stream: java.io.InputStream?, password: CharArray?) = Unit
        override fun engineGetCreationDate(alias: String?) = throw UnsupportedOperationException()
        override fun engineSetKeyEntry(alias: String?, key: Key?, password: CharArray?, chain: Array<out java.security.cert.Certificate>?) =
            throw UnsupportedOperationException()

        override fun engineSetKeyEntry(alias: String?, key: ByteArray?, chain: Array<out java.security.cert.Certificate>?) =
            throw UnsupportedOperationException()

        override fun engineSetCertificateEntry(alias: String?, cert: java.security.cert.Certificate?) =
            throw UnsupportedOperationException()

        override fun engineAliases() = java.util.Collections.enumeration(kept.keys)
        override fun engineSize() = kept.size
        override fun engineIsKeyEntry(alias: String?) = alias in kept
        override fun engineIsCertificateEntry(alias: String?) = false
        override fun engineGetCertificateAlias(cert: java.security.cert.Certificate?) = null
        override fun engineStore(stream: java.io.OutputStream?, password: CharArray?) = Unit
    }

    companion object {
        /** As a StrongBox says that it has no room or knows no such key. */
        val unavailable: () -> ProviderException = { StrongBoxUnavailableException() }

        /** As some phones fail whose StrongBox is none. */
        val broken: () -> ProviderException = { ProviderException("Failed to generate key pair.") }
    }
}

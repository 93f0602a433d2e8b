package org.tessera.wallet.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.KeyStore
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import org.tessera.wallet.DataKeyWrap
import org.tessera.wallet.KeyException

/**
 * Wraps the store's data key with an AES-256 key of the Android Keystore, made when first needed: a copy of the app's files
 * is of no use in another phone. The key asks nobody, so that the wallet opens without a prompt.
 *
 * [alias] names the key. A second store of the same app may share it.
 */
class AndroidDataKey @JvmOverloads constructor(private val alias: String = "tessera.store") : DataKeyWrap {
    override suspend fun wrapKey(plain: ByteArray): ByteArray = guarded {
        val cipher = Cipher.getInstance(TRANSFORMATION)
        // The key store makes the nonce itself, so that none can be used twice.
        cipher.init(Cipher.ENCRYPT_MODE, key() ?: generated())
        val nonce = cipher.iv
        if (nonce.size != NONCE_BYTES) throw KeyException.Failed("a nonce of ${nonce.size} bytes")
        nonce + cipher.doFinal(plain)
    }

    override suspend fun unwrapKey(wrapped: ByteArray): ByteArray = guarded {
        if (wrapped.size <= NONCE_BYTES) throw KeyException.Invalidated()
        val cipher = Cipher.getInstance(TRANSFORMATION)
        val nonce = GCMParameterSpec(TAG_BITS, wrapped, 0, NONCE_BYTES)
        cipher.init(Cipher.DECRYPT_MODE, key() ?: throw KeyException.Invalidated(), nonce)
        try {
            cipher.doFinal(wrapped, NONCE_BYTES, wrapped.size - NONCE_BYTES)
        } catch (_: AEADBadTagException) {
            // Changed by somebody, or wrapped by a key that is gone.
            throw KeyException.Invalidated()
        }
    }

    private fun key(): SecretKey? = KeyStore.getInstance(PROVIDER).run {
        load(null)
        getKey(alias, null) as? SecretKey
    }

    private fun generated(): SecretKey {
        val generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER)
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        generator.init(
            KeyGenParameterSpec.Builder(alias, purposes)
                .setKeySize(KEY_BITS)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .build(),
        )
        return generator.generateKey()
    }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val TRANSFORMATION = "AES/GCM/NoPadding"
        const val KEY_BITS = 256
        const val NONCE_BYTES = 12
        const val TAG_BITS = 128
    }
}

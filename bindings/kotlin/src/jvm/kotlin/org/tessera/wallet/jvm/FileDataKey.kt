package org.tessera.wallet.jvm

import java.io.IOException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.security.GeneralSecurityException
import java.security.SecureRandom
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec
import org.tessera.wallet.DataKeyWrap
import org.tessera.wallet.KeyException

/**
 * Wraps the store's data key with an AES-256 key in a file, made when first needed. For desktops and tests: whoever
 * reads the file can read the store.
 */
class FileDataKey(private val file: Path) : DataKeyWrap {
    override suspend fun wrapKey(plain: ByteArray): ByteArray = guarded {
        val key = ByteArray(KEY_BYTES).also(SecureRandom()::nextBytes)
        try {
            writeNewPrivateFile(file, key)
        } catch (_: FileAlreadyExistsException) {
            // The key of an earlier store: used again.
        }
        val nonce = ByteArray(NONCE_BYTES).also(SecureRandom()::nextBytes)
        nonce + cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(plain)
    }

    override suspend fun unwrapKey(wrapped: ByteArray): ByteArray = guarded {
        if (wrapped.size < NONCE_BYTES) throw KeyException.Invalidated()
        val nonce = wrapped.copyOf(NONCE_BYTES)
        cipher(Cipher.DECRYPT_MODE, nonce).doFinal(wrapped, NONCE_BYTES, wrapped.size - NONCE_BYTES)
    }

    private fun cipher(mode: Int, nonce: ByteArray): Cipher =
        Cipher.getInstance("AES/GCM/NoPadding").apply {
            init(mode, SecretKeySpec(Files.readAllBytes(file), "AES"), GCMParameterSpec(TAG_BITS, nonce))
        }

    private inline fun guarded(work: () -> ByteArray): ByteArray = try {
        work()
    } catch (_: NoSuchFileException) {
        throw KeyException.Invalidated()
    } catch (_: GeneralSecurityException) {
        throw KeyException.Invalidated()
    } catch (failed: IOException) {
        throw KeyException.Failed(failed.javaClass.name)
    }

    private companion object {
        const val KEY_BYTES = 32
        const val NONCE_BYTES = 12
        const val TAG_BITS = 128
    }
}

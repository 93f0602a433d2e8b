package org.tessera.wallet.android

import android.annotation.SuppressLint
import android.security.KeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import java.security.GeneralSecurityException
import java.security.ProviderException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.tessera.wallet.KeyException

/**
 * What a failure of Android's key store means. It throws many things, some of them around others: what decides may lie
 * anywhere in the chain of causes. Texts are not looked at and not kept: they differ by device, and may hold an alias.
 */
internal fun keyFailure(failure: Throwable): KeyException {
    val causes = generateSequence(failure) { it.cause }.take(MAX_CAUSES).toList()
    causes.filterIsInstance<KeyException>().firstOrNull()?.let { return it }
    return when {
        // Before the one below: it is as well an InvalidKeyException, and only one of them can be helped by unlocking.
        causes.any { it is KeyPermanentlyInvalidatedException } -> KeyException.Invalidated()
        causes.any { it is UserNotAuthenticatedException } -> KeyException.Locked()
        else -> causes.filterIsInstance<KeyStoreException>().firstNotNullOfOrNull { told(it) }
            ?: KeyException.Failed(causes.last().javaClass.name)
    }
}

/** Runs on a thread that may wait, and turns what the key store throws into what the wallet knows. */
internal suspend fun <T> guarded(work: () -> T): T = withContext(Dispatchers.IO) {
    try {
        work()
    } catch (failed: GeneralSecurityException) {
        throw keyFailure(failed)
    } catch (failed: ProviderException) {
        throw keyFailure(failed)
    } catch (failed: IllegalStateException) {
        throw keyFailure(failed)
    }
}

/** Whether a citizen who unlocks the key makes the same call succeed. */
internal fun asksForCitizen(failure: Throwable): Boolean = keyFailure(failure) is KeyException.Locked

/** What the key store itself says, from Android 13 on; before, its class says nothing that an app may read. */
@SuppressLint("NewApi") // A phone that has it not says so by a LinkageError.
private fun told(failure: KeyStoreException): KeyException? = try {
    when (failure.numericErrorCode) {
        KeyStoreException.ERROR_USER_AUTHENTICATION_REQUIRED -> KeyException.Locked()
        KeyStoreException.ERROR_KEY_CORRUPTED -> KeyException.Invalidated()
        KeyStoreException.ERROR_KEY_DOES_NOT_EXIST -> KeyException.NotFound()
        else -> null
    }
} catch (_: LinkageError) {
    null
}

private const val MAX_CAUSES = 10

package org.tessera.wallet.android

import android.os.Build
import org.tessera.wallet.KeyException
import org.tessera.wallet.UserAuthentication

/** What the citizen unlocks a key with. */
enum class KeyUnlock {
    /** Fingerprint, face, or the code of the screen lock. The key outlives a new fingerprint. */
    BIOMETRIC_OR_CODE,

    /**
     * Fingerprint or face only (class 3), from Android 11 on. A finger or face enrolled later ends the key: whoever learned
     * the code cannot add his own.
     */
    BIOMETRIC,
}

/**
 * For how long after an unlocking the key signs, in seconds; nothing where it never asks.
 *
 * Android's key store lets one prompt allow either one operation or all operations of some seconds. A login signs three
 * times, so a key for every use is of the second kind: [EVERY_USE_SECONDS], and the prompt is shown before every use all
 * the same.
 */
internal fun unlockedSeconds(asked: UserAuthentication): Int? = when (asked) {
    is UserAuthentication.None -> null
    is UserAuthentication.EveryUse -> EVERY_USE_SECONDS
    is UserAuthentication.ValidFor -> asked.seconds.toLong().coerceIn(1, Int.MAX_VALUE.toLong()).toInt()
}

/** The same read back from a key: [seconds] as the key store tells them, negative where every operation asks. */
internal fun authenticationOf(required: Boolean, seconds: Int): UserAuthentication = when {
    !required -> UserAuthentication.None
    seconds <= EVERY_USE_SECONDS -> UserAuthentication.EveryUse
    else -> UserAuthentication.ValidFor(seconds.toUInt())
}

/** Throws [KeyException.Unsupported] where this device cannot make a key that asks so. */
internal fun requirePossible(asked: UserAuthentication, unlock: KeyUnlock, device: DeviceAbilities) {
    if (asked is UserAuthentication.None) return
    if (!device.screenLock) throw KeyException.Unsupported()
    // Before, a key that stays unlocked for a time takes the code of the screen lock always.
    if (unlock == KeyUnlock.BIOMETRIC && device.apiLevel < Build.VERSION_CODES.R) throw KeyException.Unsupported()
}

/** Long enough for the three signatures of a login in a slow StrongBox. */
internal const val EVERY_USE_SECONDS = 5

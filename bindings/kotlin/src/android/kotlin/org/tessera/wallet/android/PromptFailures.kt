package org.tessera.wallet.android

import android.hardware.biometrics.BiometricPrompt
import org.tessera.wallet.KeyException

/** What an error of `BiometricPrompt` means. Its text is for the citizen, and Android has shown it. */
internal fun promptFailure(error: Int): KeyException = when (error) {
    BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED,
    BiometricPrompt.BIOMETRIC_ERROR_CANCELED,
    NEGATIVE_BUTTON -> KeyException.Cancelled()
    BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT,
    BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT,
    BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT,
    BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE,
    BiometricPrompt.BIOMETRIC_ERROR_UNABLE_TO_PROCESS -> KeyException.Locked()
    BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS,
    BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT,
    BiometricPrompt.BIOMETRIC_ERROR_NO_DEVICE_CREDENTIAL,
    SECURITY_UPDATE_REQUIRED -> KeyException.Unsupported()
    else -> KeyException.Failed("BiometricPrompt error $error")
}

/** Told by androidx and by some phones; Android's own constant is not public. */
private const val NEGATIVE_BUTTON = 13

/** The sensor waits for a security update (`BIOMETRIC_ERROR_SECURITY_UPDATE_REQUIRED`, not public before Android 15). */
private const val SECURITY_UPDATE_REQUIRED = 15

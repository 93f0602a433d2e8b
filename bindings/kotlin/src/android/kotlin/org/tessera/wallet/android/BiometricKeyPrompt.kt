package org.tessera.wallet.android

import android.annotation.SuppressLint
import android.content.Context
import android.hardware.biometrics.BiometricManager.Authenticators.BIOMETRIC_STRONG
import android.hardware.biometrics.BiometricManager.Authenticators.DEVICE_CREDENTIAL
import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.os.CancellationSignal
import android.os.Handler
import android.os.Looper
import java.util.concurrent.Executor
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.suspendCancellableCoroutine
import org.tessera.wallet.SigningPrompt

/**
 * Android's own prompt: fingerprint or face, and the code of the screen lock where [KeyUnlock] takes it. Shown on the main
 * thread from wherever it is called; taken away where the caller is cancelled.
 *
 * `android.hardware.biometrics.BiometricPrompt`, so that the app needs no androidx. Before Android 10 that one takes no
 * code: there the screen of the screen lock is shown instead ([UnlockActivity]), which takes both.
 */
class BiometricKeyPrompt @JvmOverloads constructor(
    context: Context,
    private val texts: (SigningPrompt) -> KeyPromptTexts = KeyPromptTexts::english,
) : KeyPrompt {
    private val context = context.applicationContext
    private val mainThread = Executor { Handler(Looper.getMainLooper()).post(it) }

    override suspend fun authenticate(prompt: SigningPrompt, unlock: KeyUnlock) {
        val said = texts(prompt)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            show(said, unlock)
        } else {
            UnlockActivity.show(context, said)
        }
    }

    @SuppressLint("NewApi") // Called from Android 10 on only.
    private suspend fun show(said: KeyPromptTexts, unlock: KeyUnlock) = suspendCancellableCoroutine { waiting ->
        val signal = CancellationSignal()
        val callback = object : BiometricPrompt.AuthenticationCallback() {
            override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult?) {
                if (waiting.isActive) waiting.resume(Unit)
            }

            override fun onAuthenticationError(errorCode: Int, errString: CharSequence?) {
                if (waiting.isActive) waiting.resumeWithException(promptFailure(errorCode))
            }
        }
        waiting.invokeOnCancellation { signal.cancel() }
        mainThread.execute {
            // Whoever asked may have gone while this waited for its turn.
            if (waiting.isActive) built(said, unlock).authenticate(signal, mainThread, callback)
        }
    }

    @SuppressLint("NewApi") // As above.
    private fun built(said: KeyPromptTexts, unlock: KeyUnlock): BiometricPrompt {
        val builder = BiometricPrompt.Builder(context).setTitle(said.title)
        said.subtitle?.let { builder.setSubtitle(it) }
        when {
            Build.VERSION.SDK_INT < Build.VERSION_CODES.R ->
                @Suppress("DEPRECATION") // Its successor is of Android 11.
                builder.setDeviceCredentialAllowed(true)
            unlock == KeyUnlock.BIOMETRIC_OR_CODE -> builder.setAllowedAuthenticators(BIOMETRIC_STRONG or DEVICE_CREDENTIAL)
            // Android wants a button where no code can be typed. Pressing it is told as an error, like any dismissal.
            else -> builder.setAllowedAuthenticators(BIOMETRIC_STRONG).setNegativeButton(said.cancel, mainThread) { _, _ -> }
        }
        return builder.build()
    }
}

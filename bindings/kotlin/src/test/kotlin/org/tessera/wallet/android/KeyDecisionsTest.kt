package org.tessera.wallet.android

import android.hardware.biometrics.BiometricPrompt
import android.security.KeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.security.InvalidKeyException
import java.security.ProviderException
import java.security.UnrecoverableKeyException
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.tessera.wallet.KeyAlgorithm
import org.tessera.wallet.KeyException
import org.tessera.wallet.KeyOptions
import org.tessera.wallet.KeySecurityLevel
import org.tessera.wallet.LogEntry
import org.tessera.wallet.LogEvent
import org.tessera.wallet.LogLevel
import org.tessera.wallet.SecurityLevelRule
import org.tessera.wallet.UserAuthentication

/** What is decided about keys, device by device. */
class KeyDecisionsTest {
    private val prefer = SecurityLevelRule.Prefer(KeySecurityLevel.SECURE_ELEMENT)
    private val require = SecurityLevelRule.Require(KeySecurityLevel.SECURE_ELEMENT)

    @Test
    fun `StrongBox is tried where the device has one, and required only where it can be told`() {
        assertEquals(listOf(KeyPlace.STRONGBOX, KeyPlace.USUAL), placesFor(prefer, device(31, strongBox = true)))
        assertEquals(listOf(KeyPlace.STRONGBOX, KeyPlace.USUAL), placesFor(prefer, device(28, strongBox = true)))
        assertEquals(listOf(KeyPlace.USUAL), placesFor(prefer, device(35, strongBox = false)))
        assertEquals(listOf(KeyPlace.USUAL), placesFor(prefer, device(27, strongBox = true)))
        assertEquals(listOf(KeyPlace.STRONGBOX), placesFor(require, device(31, strongBox = true)))
        assertEquals(emptyList(), placesFor(require, device(30, strongBox = true)))
        assertEquals(emptyList(), placesFor(require, device(35, strongBox = false)))
        for (level in listOf(KeySecurityLevel.SOFTWARE, KeySecurityLevel.TRUSTED_ENVIRONMENT)) {
            for (rule in listOf(SecurityLevelRule.Prefer(level), SecurityLevelRule.Require(level))) {
                assertEquals(listOf(KeyPlace.USUAL), placesFor(rule, device(35, strongBox = true)))
            }
        }
    }

    @Test
    fun `the level is what was told, never more`() {
        assertEquals(KeySecurityLevel.SECURE_ELEMENT, levelOf(KeyProperties.SECURITY_LEVEL_STRONGBOX))
        assertEquals(KeySecurityLevel.TRUSTED_ENVIRONMENT, levelOf(KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT))
        assertEquals(KeySecurityLevel.TRUSTED_ENVIRONMENT, levelOf(KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE))
        assertEquals(KeySecurityLevel.SOFTWARE, levelOf(KeyProperties.SECURITY_LEVEL_SOFTWARE))
        assertEquals(KeySecurityLevel.SOFTWARE, levelOf(KeyProperties.SECURITY_LEVEL_UNKNOWN))
        assertEquals(KeySecurityLevel.TRUSTED_ENVIRONMENT, levelOf(insideSecureHardware = true))
        assertEquals(KeySecurityLevel.SOFTWARE, levelOf(insideSecureHardware = false))
        assertTrue(prefer.allows(KeySecurityLevel.SOFTWARE))
        assertFalse(require.allows(KeySecurityLevel.TRUSTED_ENVIRONMENT))
        assertTrue(SecurityLevelRule.Require(KeySecurityLevel.TRUSTED_ENVIRONMENT).allows(KeySecurityLevel.SECURE_ELEMENT))
    }

    @Test
    fun `what a key asks for is read back as it was made`() {
        for (asked in listOf(UserAuthentication.None, UserAuthentication.EveryUse, UserAuthentication.ValidFor(60u))) {
            val seconds = unlockedSeconds(asked)
            assertEquals(asked, authenticationOf(seconds != null, seconds ?: -1))
        }
        // A key made by another program to ask for every operation.
        assertEquals(UserAuthentication.EveryUse, authenticationOf(true, -1))
        assertEquals(1, unlockedSeconds(UserAuthentication.ValidFor(0u)))
        assertEquals(Int.MAX_VALUE, unlockedSeconds(UserAuthentication.ValidFor(UInt.MAX_VALUE)))
    }

    @Test
    fun `a key that asks needs a screen lock, and biometrics alone a newer Android`() {
        val none = UserAuthentication.None
        val every = UserAuthentication.EveryUse
        requirePossible(none, KeyUnlock.BIOMETRIC, device(26, screenLock = false))
        requirePossible(every, KeyUnlock.BIOMETRIC_OR_CODE, device(26))
        requirePossible(every, KeyUnlock.BIOMETRIC, device(30))
        assertFailsWith<KeyException.Unsupported> { requirePossible(every, KeyUnlock.BIOMETRIC, device(29)) }
        assertFailsWith<KeyException.Unsupported> {
            requirePossible(every, KeyUnlock.BIOMETRIC_OR_CODE, device(35, screenLock = false))
        }
    }

    @Test
    fun `gone for good is told from locked, wherever it stands among the causes`() {
        val invalidated = KeyPermanentlyInvalidatedException("MARKER")
        assertIs<KeyException.Invalidated>(keyFailure(invalidated))
        assertIs<KeyException.Invalidated>(keyFailure(UnrecoverableKeyException("MARKER").initCause(invalidated)))
        val locked = UserNotAuthenticatedException("MARKER")
        assertIs<KeyException.Locked>(keyFailure(locked))
        assertIs<KeyException.Locked>(keyFailure(ProviderException("MARKER", InvalidKeyException(locked))))
        assertTrue(asksForCitizen(locked))
        assertFalse(asksForCitizen(invalidated))
        assertIs<KeyException.Locked>(keyFailure(ProviderException(KeyStoreException(-26, "MARKER"))))
        val unknown = assertIs<KeyException.Failed>(keyFailure(ProviderException("MARKER", InvalidKeyException("MARKER"))))
        assertEquals(InvalidKeyException::class.java.name, unknown.detail)
        val own = KeyException.AlreadyExists()
        assertEquals(own, keyFailure(ProviderException(own)))
    }

    @Test
    fun `a device that fails only with a challenge is asked once more without`() {
        val options = KeyOptions(KeyAlgorithm.ES256, prefer, UserAuthentication.None, attestationChallenge = byteArrayOf(1))
        val failed = StrongBoxUnavailableException()
        assertIs<KeyException.Unsupported>(generationFailure(failed, options))
        assertIs<KeyException.Failed>(generationFailure(failed, options.copy(attestationChallenge = null)))
        assertIs<KeyException.Locked>(generationFailure(ProviderException(UserNotAuthenticatedException()), options))
    }

    @Test
    fun `a dismissed prompt is told from one that cannot be passed now`() {
        val cases = mapOf(
            BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED to KeyException.Cancelled::class,
            BiometricPrompt.BIOMETRIC_ERROR_CANCELED to KeyException.Cancelled::class,
            13 to KeyException.Cancelled::class,
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT to KeyException.Locked::class,
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT to KeyException.Locked::class,
            BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS to KeyException.Unsupported::class,
            BiometricPrompt.BIOMETRIC_ERROR_VENDOR to KeyException.Failed::class,
        )
        for ((error, expected) in cases) assertEquals(expected, promptFailure(error)::class, "error $error")
    }

    @Test
    fun `a line of the log names what happened`() {
        val entry = LogEntry(LogLevel.WARN, LogEvent.EXCHANGE, "authenticate", 120u)
        assertEquals("EXCHANGE authenticate 120 ms", lineOf(entry))
        assertEquals(android.util.Log.WARN, priorityOf(entry.level))
    }

    private fun device(apiLevel: Int, strongBox: Boolean = false, screenLock: Boolean = true) =
        DeviceAbilities(apiLevel, strongBox, screenLock)
}

package org.tessera.wallet.android

import android.os.Build
import android.security.keystore.KeyProperties
import org.tessera.wallet.KeySecurityLevel
import org.tessera.wallet.SecurityLevelRule

/** Where a new key is tried. */
internal enum class KeyPlace {
    /** A processor of its own. */
    STRONGBOX,

    /** Wherever the device puts it: the TEE, where it has one. */
    USUAL,
}

/** What decides where a key can live. */
internal class DeviceAbilities(
    /** `Build.VERSION.SDK_INT`. */
    val apiLevel: Int,
    /** Whether the device says that it has a StrongBox (`PackageManager.FEATURE_STRONGBOX_KEYSTORE`). */
    val strongBox: Boolean,
    /** Whether the phone has a screen lock that a key can ask for (`KeyguardManager.isDeviceSecure`). */
    val screenLock: Boolean,
)

/** The places to try, best first; none where the rule cannot be met. */
internal fun placesFor(rule: SecurityLevelRule, device: DeviceAbilities): List<KeyPlace> {
    // Before Android 12 nobody tells afterwards whether a key is in the StrongBox, so nobody can require it.
    val tells = device.apiLevel >= Build.VERSION_CODES.S
    val has = device.strongBox && device.apiLevel >= Build.VERSION_CODES.P
    return when (rule) {
        is SecurityLevelRule.Require -> when (rule.level) {
            KeySecurityLevel.SECURE_ELEMENT -> if (has && tells) listOf(KeyPlace.STRONGBOX) else emptyList()
            KeySecurityLevel.TRUSTED_ENVIRONMENT, KeySecurityLevel.SOFTWARE -> listOf(KeyPlace.USUAL)
        }
        is SecurityLevelRule.Prefer -> when (rule.level) {
            KeySecurityLevel.SECURE_ELEMENT ->
                if (has) listOf(KeyPlace.STRONGBOX, KeyPlace.USUAL) else listOf(KeyPlace.USUAL)
            KeySecurityLevel.TRUSTED_ENVIRONMENT, KeySecurityLevel.SOFTWARE -> listOf(KeyPlace.USUAL)
        }
    }
}

/** Whether a key at this level is what the rule asks for. */
internal fun SecurityLevelRule.allows(reached: KeySecurityLevel): Boolean = when (this) {
    is SecurityLevelRule.Require -> reached >= level
    is SecurityLevelRule.Prefer -> true
}

/** The level as the key store tells it from Android 12 on (`KeyInfo.getSecurityLevel`). */
internal fun levelOf(told: Int): KeySecurityLevel = when (told) {
    KeyProperties.SECURITY_LEVEL_STRONGBOX -> KeySecurityLevel.SECURE_ELEMENT
    KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT, KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE ->
        KeySecurityLevel.TRUSTED_ENVIRONMENT
    else -> KeySecurityLevel.SOFTWARE
}

/** The level as it is told before Android 12: in some hardware, or in none. */
internal fun levelOf(insideSecureHardware: Boolean): KeySecurityLevel =
    if (insideSecureHardware) KeySecurityLevel.TRUSTED_ENVIRONMENT else KeySecurityLevel.SOFTWARE

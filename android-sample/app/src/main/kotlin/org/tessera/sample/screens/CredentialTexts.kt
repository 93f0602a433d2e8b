package org.tessera.sample.screens

import android.content.res.Resources
import org.tessera.sample.R
import org.tessera.wallet.CredentialDoubt
import org.tessera.wallet.CredentialVerification

/** Whether a credential stands, and every reason why not. */
internal fun Resources.verificationText(verification: CredentialVerification): String = when (verification) {
    is CredentialVerification.Verified -> getString(R.string.credential_verified)
    is CredentialVerification.NotVerified -> verification.doubts.joinToString("\n") { getString(doubtText(it)) }
}

private fun doubtText(doubt: CredentialDoubt): Int = when (doubt) {
    CredentialDoubt.UNSIGNED -> R.string.doubt_unsigned
    CredentialDoubt.UNSUPPORTED_ALGORITHM -> R.string.doubt_algorithm
    CredentialDoubt.UNKNOWN_ISSUER -> R.string.doubt_issuer
    CredentialDoubt.UNKNOWN_KEY -> R.string.doubt_key
    CredentialDoubt.UNTRUSTED_CERTIFICATE -> R.string.doubt_certificate
    CredentialDoubt.BAD_SIGNATURE -> R.string.doubt_signature
    CredentialDoubt.NOT_YET_VALID -> R.string.doubt_early
    CredentialDoubt.EXPIRED -> R.string.doubt_late
}

package org.tessera.sample.screens

import android.content.res.Resources
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import org.tessera.sample.R
import org.tessera.wallet.KeySecurityLevel

private val claimTexts = mapOf(
    "name" to R.string.claim_name,
    "given_name" to R.string.claim_given_name,
    "family_name" to R.string.claim_family_name,
    "birthdate" to R.string.claim_birthdate,
    "gender" to R.string.claim_gender,
    "email" to R.string.claim_email,
    "phone_number" to R.string.claim_phone_number,
    "address" to R.string.claim_address,
    "picture" to R.string.claim_picture,
    "individual_id" to R.string.claim_individual_id,
    // Of credentials (Claim 169).
    "full_name" to R.string.claim_name,
    "secondary_full_name" to R.string.claim_secondary_name,
    "first_name" to R.string.claim_given_name,
    "middle_name" to R.string.claim_middle_name,
    "last_name" to R.string.claim_family_name,
    "id" to R.string.claim_individual_id,
    "date_of_birth" to R.string.claim_birthdate,
    "nationality" to R.string.claim_nationality,
    "phone" to R.string.claim_phone_number,
    "marital_status" to R.string.claim_marital_status,
    "guardian" to R.string.claim_guardian,
    "legal_status" to R.string.claim_legal_status,
    "country_of_issuance" to R.string.claim_country,
    "location_code" to R.string.claim_location,
    "language" to R.string.settings_language,
    "secondary_language" to R.string.claim_secondary_language,
    "version" to R.string.claim_version,
    "biometrics" to R.string.claim_biometrics,
)

/** A claim's name (OpenID Connect Core 1.0 §5.1) in the citizen's language; one that is not known as it is written. */
internal fun Resources.claimName(claim: String): String = claimTexts[claim]?.let(::getString) ?: claim

/** Several of them. */
internal fun Resources.claimNames(claims: List<String>): String = claims.joinToString { claimName(it) }

/** Where a key lives. */
internal fun Resources.levelName(level: KeySecurityLevel): String = getString(
    when (level) {
        KeySecurityLevel.SOFTWARE -> R.string.key_software
        KeySecurityLevel.TRUSTED_ENVIRONMENT -> R.string.key_trusted
        KeySecurityLevel.SECURE_ELEMENT -> R.string.key_element
    },
)

/** A time as it is written here. */
internal fun Resources.timeText(at: Instant?): String = at
    ?.let { DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT).format(it, this) }
    ?: getString(R.string.date_unknown)

private fun DateTimeFormatter.format(at: Instant, resources: Resources): String =
    withLocale(resources.configuration.locales[0]).withZone(ZoneId.systemDefault()).format(at)

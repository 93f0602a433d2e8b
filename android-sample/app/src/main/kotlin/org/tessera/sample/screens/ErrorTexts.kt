package org.tessera.sample.screens

import org.tessera.sample.R
import org.tessera.wallet.ErrorCode

/** What an error of the wallet says, and what to do next. A code that a new SDK adds does not compile here until it has a text. */
internal fun textOf(code: ErrorCode): Int = when (code) {
    ErrorCode.INVALID_INPUT -> R.string.error_invalid_input
    ErrorCode.INVALID_LINK -> R.string.error_invalid_link
    ErrorCode.LINK_EXPIRED -> R.string.error_link_expired
    ErrorCode.UNKNOWN_SERVER -> R.string.error_unknown_server
    ErrorCode.BINDING_CHOICE_NEEDED -> R.string.error_binding_choice
    ErrorCode.NOT_BOUND -> R.string.error_not_bound
    ErrorCode.ALREADY_BOUND -> R.string.error_already_bound
    ErrorCode.WRONG_STATE -> R.string.error_wrong_state
    ErrorCode.BUSY -> R.string.error_busy
    ErrorCode.CANCELLED -> R.string.error_cancelled
    ErrorCode.PROMPT_DISMISSED -> R.string.error_prompt_dismissed
    ErrorCode.LINK_CODE_REFUSED -> R.string.error_link_code_refused
    ErrorCode.LOGIN_ENDED -> R.string.error_login_ended
    ErrorCode.FACTOR_UNSUPPORTED -> R.string.error_factor_unsupported
    ErrorCode.NUMBER_NEEDED -> R.string.error_number_needed
    ErrorCode.NUMBER_WRONG -> R.string.error_number_wrong
    ErrorCode.LOGIN_NOT_ALLOWED -> R.string.error_login_not_allowed
    ErrorCode.AUTHENTICATION_FAILED -> R.string.error_authentication_failed
    ErrorCode.ATTEMPTS_EXCEEDED -> R.string.error_attempts_exceeded
    ErrorCode.BINDING_ENDED -> R.string.error_binding_ended
    ErrorCode.OUTCOME_UNKNOWN -> R.string.error_outcome_unknown
    ErrorCode.OFFLINE -> R.string.error_offline
    ErrorCode.TIMEOUT -> R.string.error_timeout
    ErrorCode.UNTRUSTED_CONNECTION -> R.string.error_untrusted
    ErrorCode.INSECURE_ADDRESS -> R.string.error_insecure_address
    ErrorCode.SERVER_UNAVAILABLE -> R.string.error_unavailable
    ErrorCode.SERVER_REFUSED -> R.string.error_refused
    ErrorCode.UNEXPECTED_ANSWER -> R.string.error_unexpected
    ErrorCode.INVALID_CREDENTIAL -> R.string.error_invalid_credential
    ErrorCode.CREDENTIAL_ENCRYPTED -> R.string.error_credential_encrypted
    ErrorCode.BACKUP_PASSPHRASE_WRONG -> R.string.error_backup_passphrase
    ErrorCode.BACKUP_DAMAGED -> R.string.error_backup_damaged
    ErrorCode.BACKUP_TOO_NEW -> R.string.error_backup_too_new
    ErrorCode.LOCKED -> R.string.error_locked
    ErrorCode.KEY_INVALIDATED -> R.string.error_key_invalidated
    ErrorCode.KEY_UNSUPPORTED -> R.string.error_key_unsupported
    ErrorCode.KEY_STORE_FAILED -> R.string.error_key_store
    ErrorCode.STORE_LOST -> R.string.error_store_lost
    ErrorCode.STORE_CORRUPT -> R.string.error_store_corrupt
    ErrorCode.STORE_IN_USE -> R.string.error_store_in_use
    ErrorCode.STORE_TOO_NEW -> R.string.error_store_too_new
    ErrorCode.STORE_FAILED -> R.string.error_store_failed
    ErrorCode.NO_RANDOMNESS -> R.string.error_no_randomness
    ErrorCode.INTERNAL -> R.string.error_internal
}

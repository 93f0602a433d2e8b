package org.tessera.sample.model

import org.tessera.wallet.ErrorCode
import org.tessera.wallet.NextStep
import org.tessera.wallet.nextStep

/** What a screen tells, in the citizen's language: that something is done, or why not. */
sealed interface Message

/** What was done. */
enum class Done : Message {
    RENAMED, REVOKED, RENEWED, RECEIPTS_REFRESHED, WITHDRAWN, RECEIPT_DELETED, RECEIPT_GENUINE, REPORTED, LOG_CLEARED,
    CREDENTIAL_ADDED, CREDENTIAL_DELETED, RESTORED, WIPED,
}

/** Why something was not done. */
sealed interface Problem : Message {
    /** The wallet says why. */
    data class Refused(val code: ErrorCode) : Problem {
        /** What the citizen can do about it. */
        val next: NextStep get() = code.nextStep
    }

    /** A field was left empty. */
    data class Missing(val field: Field) : Problem

    /** A receipt says something else than what was signed. */
    data object ReceiptNotGenuine : Problem

    /** The passphrases differ, or are shorter than [MIN_PASSPHRASE]. */
    data object WeakPassphrase : Problem
}

/** What is typed in. */
enum class Field { SERVER, PERSON, DEVICE_NAME, CODE, NUMBER, TEXT }

/** Shortest passphrase of a backup, in characters. */
const val MIN_PASSPHRASE = 12

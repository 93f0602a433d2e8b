package org.tessera.wallet

/** What an app does about an error. */
enum class NextStep {
    /** Offer to try again at once. */
    TRY_AGAIN,

    /** Have the citizen unlock the device or the key, then the same call. */
    UNLOCK,

    /** Try again after a while. */
    WAIT,

    /** Go on scanning: the page shows a new code. */
    SCAN_AGAIN,

    /** Bind this phone to the server, for the first time or again. */
    BIND,

    /** Let the citizen choose one of [Wallet.bindingsFor]. */
    CHOOSE_BINDING,

    /** Have the citizen type the number that the browser shows. */
    TYPE_NUMBER,

    /** This login is over: begin another in the browser. */
    BEGIN_AGAIN,

    /** The answer was lost: the browser shows whether it is logged in. */
    LOOK_AT_BROWSER,

    /** This wallet cannot log in there: the browser has other ways. */
    USE_BROWSER,

    /** Ask for another security level or another protection of the key. */
    OTHER_KEY,

    /** Do not go on: the connection cannot be trusted. */
    STOP,

    /** Delete the store, open a new one and bind again. */
    RESET_WALLET,

    /** Update the app. */
    UPDATE_APP,

    /** Nothing: the app wanted it so. */
    NOTHING,

    /** A mistake of the app or of the server: show it, and tell its developer. */
    REPORT,
}

/** What to do about this error. */
val WalletException.nextStep: NextStep get() = code.nextStep

/** What to do about an error of this code. */
val ErrorCode.nextStep: NextStep
    get() = when (this) {
        ErrorCode.BUSY, ErrorCode.PROMPT_DISMISSED, ErrorCode.AUTHENTICATION_FAILED, ErrorCode.OFFLINE,
        ErrorCode.TIMEOUT, ErrorCode.BACKUP_PASSPHRASE_WRONG -> NextStep.TRY_AGAIN
        ErrorCode.LOCKED -> NextStep.UNLOCK
        ErrorCode.ATTEMPTS_EXCEEDED, ErrorCode.SERVER_UNAVAILABLE, ErrorCode.STORE_IN_USE, ErrorCode.STORE_FAILED,
        ErrorCode.NO_RANDOMNESS -> NextStep.WAIT
        ErrorCode.INVALID_LINK, ErrorCode.LINK_EXPIRED, ErrorCode.LINK_CODE_REFUSED,
        ErrorCode.INVALID_CREDENTIAL -> NextStep.SCAN_AGAIN
        ErrorCode.UNKNOWN_SERVER, ErrorCode.NOT_BOUND, ErrorCode.ALREADY_BOUND, ErrorCode.BINDING_ENDED,
        ErrorCode.KEY_INVALIDATED -> NextStep.BIND
        ErrorCode.BINDING_CHOICE_NEEDED -> NextStep.CHOOSE_BINDING
        ErrorCode.NUMBER_NEEDED -> NextStep.TYPE_NUMBER
        ErrorCode.NUMBER_WRONG, ErrorCode.LOGIN_ENDED -> NextStep.BEGIN_AGAIN
        ErrorCode.OUTCOME_UNKNOWN -> NextStep.LOOK_AT_BROWSER
        ErrorCode.FACTOR_UNSUPPORTED, ErrorCode.LOGIN_NOT_ALLOWED -> NextStep.USE_BROWSER
        ErrorCode.KEY_UNSUPPORTED -> NextStep.OTHER_KEY
        ErrorCode.UNTRUSTED_CONNECTION, ErrorCode.INSECURE_ADDRESS -> NextStep.STOP
        ErrorCode.STORE_LOST, ErrorCode.STORE_CORRUPT -> NextStep.RESET_WALLET
        ErrorCode.STORE_TOO_NEW, ErrorCode.BACKUP_TOO_NEW -> NextStep.UPDATE_APP
        ErrorCode.CANCELLED -> NextStep.NOTHING
        ErrorCode.WRONG_STATE, ErrorCode.INVALID_INPUT, ErrorCode.SERVER_REFUSED, ErrorCode.UNEXPECTED_ANSWER,
        ErrorCode.KEY_STORE_FAILED, ErrorCode.CREDENTIAL_ENCRYPTED, ErrorCode.BACKUP_DAMAGED,
        ErrorCode.INTERNAL -> NextStep.REPORT
    }

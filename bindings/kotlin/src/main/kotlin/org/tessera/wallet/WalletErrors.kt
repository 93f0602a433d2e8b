package org.tessera.wallet

/** What went wrong: a closed list to switch on. */
val WalletException.code: ErrorCode
    get() = when (this) {
        is WalletException.Failed -> code
    }

/** Whether and when the same call may succeed. */
val WalletException.retry: Retry
    get() = when (this) {
        is WalletException.Failed -> retry
    }

/** More for a developer; no personal data. */
val WalletException.details: ErrorDetails
    get() = when (this) {
        is WalletException.Failed -> details
    }

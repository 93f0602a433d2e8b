package org.tessera.wallet

/**
 * A panic of the library as an error like any other, `INTERNAL`. What it says of itself may hold anything: it goes nowhere.
 */
internal inline fun <T> panicsAsErrors(call: () -> T): T = try {
    call()
} catch (_: InternalException) {
    throw failure(ErrorCode.INTERNAL)
}

internal fun failure(code: ErrorCode): WalletException =
    WalletException.Failed(code, Retry.NEVER, ErrorDetails(null, null))

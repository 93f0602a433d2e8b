package org.tessera.wallet

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * Runs calls of the wallet away from the thread that draws: `wallet.inBackground { receipts() }`. A panic of the library
 * arrives as `INTERNAL`. Cancelling the coroutine ends the call that runs and the request that it sent, here as elsewhere; the
 * server may have taken the request before.
 *
 * The calls of [Wallet] read the store where they are called. Those of this layer ([startLogin], the steps of a
 * [LoginFlow]) move away by themselves.
 *
 * @throws WalletException what the calls throw.
 */
suspend fun <T> Wallet.inBackground(call: suspend Wallet.() -> T): T =
    withContext(Dispatchers.IO) { panicsAsErrors { call() } }

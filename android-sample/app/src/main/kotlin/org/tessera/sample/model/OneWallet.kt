package org.tessera.sample.model

import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import org.tessera.wallet.Wallet

/** Where a wallet lies: the phone's Keystore and private files in the app, a folder in tests. */
interface WalletPlace {
    /** Opens the wallet, or makes it. Throws the wallet's errors. */
    suspend fun open(): Wallet

    /** Deletes the files and keys of a wallet that cannot be opened any more. */
    suspend fun delete()
}

/** The app's one wallet, opened when first asked for: its file can be open once only, so all screens share it. */
class OneWallet(private val place: WalletPlace) {
    private val turn = Mutex()
    private var open: Wallet? = null

    /** The wallet. Throws its errors; the next call tries again. */
    suspend fun get(): Wallet = turn.withLock { open ?: place.open().also { open = it } }

    /** Begins anew where the store is lost; what was bound must be bound again. */
    suspend fun startOver() = turn.withLock {
        open?.close()
        open = null
        place.delete()
    }
}

package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import org.tessera.wallet.ActivityEntry
import org.tessera.wallet.DenialReason
import org.tessera.wallet.Wallet

/** What this phone did. */
class ActivityModel(wallets: OneWallet, scope: CoroutineScope) : ListModel<ActivityEntry>(wallets, scope) {
    override suspend fun Wallet.read(): List<ActivityEntry> = activity()

    /** Reports an approved login that should not have been: what it yielded is revoked at once. */
    fun report(entryId: String, reason: DenialReason) = change {
        reportLogin(entryId, reason)
        Done.REPORTED
    }

    /** Deletes the log; receipts stay. */
    fun clear() = change {
        clearActivity()
        Done.LOG_CLEARED
    }

    /** Gives the log as JSON to who asks, for the citizen to keep. */
    fun export(give: (Answer<String>) -> Unit) {
        work { give(ask { exportActivity() }) }
    }
}

package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import org.tessera.wallet.BindingProfile
import org.tessera.wallet.ConsentReceipt
import org.tessera.wallet.Wallet

/** What the citizen agreed to. */
class ReceiptsModel(wallets: OneWallet, scope: CoroutineScope) : ListModel<ConsentReceipt>(wallets, scope) {
    override suspend fun Wallet.read(): List<ConsentReceipt> = receipts()

    /** Asks every server what was agreed to or withdrawn elsewhere. */
    fun refresh() = change {
        bindings().filter { it.profile == BindingProfile.NATIVE }.forEach { refreshReceipts(it.id) }
        Done.RECEIPTS_REFRESHED
    }

    /** Ends all that was agreed to with this relying party. */
    fun withdraw(receiptId: String) = change {
        withdrawConsent(receiptId)
        Done.WITHDRAWN
    }

    /** Holds a receipt against what this phone's key signed; no server is asked. */
    fun verify(receiptId: String) = change {
        if (verifyReceipt(receiptId)) Done.RECEIPT_GENUINE else Problem.ReceiptNotGenuine
    }

    /** Deletes this phone's copy; the consent stays. */
    fun delete(receiptId: String) = change {
        deleteReceipt(receiptId)
        Done.RECEIPT_DELETED
    }
}

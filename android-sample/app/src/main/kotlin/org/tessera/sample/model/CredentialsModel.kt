package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import org.tessera.wallet.Credential
import org.tessera.wallet.Wallet

/** The credentials in this phone. */
class CredentialsModel(wallets: OneWallet, scope: CoroutineScope) : ListModel<Credential>(wallets, scope) {
    override suspend fun Wallet.read(): List<Credential> = credentials()

    /** Keeps what a QR code holds, then shows the list; nothing is sent. One that is there already is kept once. */
    fun add(text: String) = open {
        addCredential(text)
        Done.CREDENTIAL_ADDED
    }

    /** Deletes one from this phone. */
    fun delete(id: String) = change {
        deleteCredential(id)
        Done.CREDENTIAL_DELETED
    }
}

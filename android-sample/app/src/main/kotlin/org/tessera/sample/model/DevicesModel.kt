package org.tessera.sample.model

import kotlinx.coroutines.CoroutineScope
import org.tessera.wallet.Device
import org.tessera.wallet.Wallet

/** The person's phones at one server. */
class DevicesModel(private val bindingId: String, wallets: OneWallet, scope: CoroutineScope) :
    ListModel<Device>(wallets, scope) {
    override suspend fun Wallet.read(): List<Device> = devices(bindingId).filterNot { it.revoked }

    /** Renames a phone; 1 to 64 characters. */
    fun rename(deviceId: String, name: String) = change {
        renameDevice(bindingId, deviceId, name)
        Done.RENAMED
    }

    /** Revokes a phone. Where it is this one, its binding and key are gone, and the list says `NOT_BOUND`. */
    fun revoke(deviceId: String) = change {
        revokeDevice(bindingId, deviceId)
        Done.REVOKED
    }

    /** Fetches a new certificate for this phone. */
    fun renew() = change {
        renewBinding(bindingId)
        Done.RENEWED
    }

    /** Removes the binding from this phone only: for a server that is gone. */
    fun forget() = change {
        forgetBinding(bindingId)
        Done.REVOKED
    }
}

import Observation
import TesseraWallet

/// The servers this phone is bound to, and the person's phones at each.
@MainActor @Observable
public final class DevicesModel: Working {
    /// One server of this phone.
    public struct Entry: Identifiable, Equatable {
        /// The binding of this phone.
        public let binding: BoundServer
        /// The person's phones there; nothing until the server was asked, and with servers that have no such list.
        public var devices: [Device]?

        public var id: String { binding.id }
    }

    /// The servers, oldest first.
    public private(set) var entries: [Entry] = []
    public var work = Work()

    private let wallet: Wallet

    public init(wallet: Wallet) { self.wallet = wallet }

    /// What this phone knows by itself.
    public func load() async {
        guard let bindings = await reading(wallet, { try $0.bindings() }) else { return }
        entries = bindings.map { binding in
            Entry(binding: binding, devices: entries.first { $0.id == binding.id }?.devices)
        }
    }

    /// Asks the servers for the person's phones.
    public func refresh() async {
        await load()
        for entry in entries where entry.binding.profile == .native {
            await refresh(entry.id)
        }
    }

    /// Gives a phone another name.
    public func rename(_ device: Device, at bindingId: String, to name: String) async {
        let done: Void? = await working {
            try await wallet.renameDevice(bindingId: bindingId, deviceId: device.deviceId, name: name.trimmed)
        }
        if done != nil { await refresh(bindingId) }
    }

    /// Revokes a phone. Where it is this one the binding is gone afterwards.
    public func revoke(_ device: Device, at bindingId: String) async {
        let done: Void? = await working {
            try await wallet.revokeDevice(bindingId: bindingId, deviceId: device.deviceId)
        }
        guard done != nil else { return }
        await load()
        if !device.current { await refresh(bindingId) }
    }

    /// Fetches a new certificate for this phone.
    public func renew(_ bindingId: String) async {
        let done = await working { try await wallet.renewBinding(bindingId: bindingId) }
        guard done != nil else { return }
        await load()
        await refresh(bindingId)
    }

    /// Removes a binding from this phone without telling the server: for servers that are gone.
    public func forget(_ bindingId: String) async {
        await working { try await wallet.forgetBinding(bindingId: bindingId) }
        await load()
    }

    private func refresh(_ bindingId: String) async {
        let devices = await working { try await wallet.inBackground { try await $0.devices(bindingId: bindingId) } }
        guard let devices, let place = entries.firstIndex(where: { $0.id == bindingId }) else { return }
        entries[place].devices = devices.filter { !$0.revoked }
    }
}

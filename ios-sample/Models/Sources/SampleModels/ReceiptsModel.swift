import Observation
import TesseraWallet

/// What the citizen agreed to, and its withdrawal.
@MainActor @Observable
public final class ReceiptsModel: Working {
    /// The receipts, newest first.
    public private(set) var receipts: [ConsentReceipt] = []
    public var work = Work()

    private let wallet: Wallet

    public init(wallet: Wallet) { self.wallet = wallet }

    /// What this phone has by itself.
    public func load() async {
        if let known = await reading(wallet, { try $0.receipts() }) { receipts = known }
    }

    /// Asks the servers what was agreed to or withdrawn elsewhere.
    public func refresh() async {
        await load()
        let bindings = await reading(wallet) { try $0.bindings() } ?? []
        for binding in bindings where binding.profile == .native {
            let all = await working {
                try await wallet.inBackground { try await $0.refreshReceipts(bindingId: binding.id) }
            }
            if let all { receipts = all }
        }
    }

    /// Whether a receipt can be withdrawn from here.
    public func canWithdraw(_ receipt: ConsentReceipt) -> Bool {
        receipt.state == .given && receipt.consentId != nil && !work.running
    }

    /// Withdraws all that was agreed to with the receipt's relying party.
    public func withdraw(_ receipt: ConsentReceipt) async {
        await working { _ = try await wallet.withdrawConsent(receiptId: receipt.id) }
        await load()
    }

    /// Whether the receipt is what this phone's key signed; nothing where there is no statement to hold it against.
    public func isGenuine(_ receipt: ConsentReceipt) async -> Bool? {
        guard receipt.statement != nil else { return nil }
        return await reading(wallet) { try $0.verifyReceipt(receiptId: receipt.id) }
    }

    /// Deletes the phone's copy; nothing is withdrawn by that.
    public func delete(_ receipt: ConsentReceipt) async {
        await reading(wallet) { try $0.deleteReceipt(receiptId: receipt.id) }
        await load()
    }
}

import Observation
import TesseraWallet

/// Deletes all that this app keeps.
@MainActor @Observable
public final class SettingsModel: Working {
    public var work = Work()

    private let wallet: Wallet

    public init(wallet: Wallet) { self.wallet = wallet }

    /// Deletes keys, bindings, receipts, credentials and log. What could not be deleted is deleted by the next try.
    /// The servers are not told: revoke this phone first where they can be reached.
    public func wipe() async { await working { try await wallet.erase() } }
}

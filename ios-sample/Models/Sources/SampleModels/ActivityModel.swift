import Observation
import TesseraWallet

/// What this phone did for whom: names of claims, never their values.
@MainActor @Observable
public final class ActivityModel: Working {
    /// The entries, newest first.
    public private(set) var entries: [ActivityEntry] = []
    public var work = Work()

    private let wallet: Wallet

    public init(wallet: Wallet) { self.wallet = wallet }

    /// Reads the log.
    public func load() async {
        if let known = await reading(wallet, { try $0.activity() }) { entries = known }
    }

    /// Whether an entry is of a login that can be reported.
    public func canReport(_ entry: ActivityEntry) -> Bool { entry.kind == .loginApproved && !work.running }

    /// Reports a login that was approved: what it yielded is revoked at once, and somebody looks at it.
    public func report(_ entry: ActivityEntry, reason: DenialReason) async {
        await working { try await wallet.reportLogin(entryId: entry.id, reason: reason) }
        await load()
    }

    /// The log as JSON, for the citizen to keep.
    public func export() async -> String? { await reading(wallet) { try $0.exportActivity() } }

    /// Deletes the log; receipts stay.
    public func clear() async {
        await reading(wallet) { try $0.clearActivity() }
        await load()
    }
}

import Foundation
import Observation
import TesseraWallet

/// Moves what can be moved to another phone, and guides through what must be bound again there.
@MainActor @Observable
public final class BackupModel: Working {
    /// Fewest characters of a passphrase.
    public static let shortestPassphrase = 12

    /// The passphrase for the next file, and typed again.
    public var passphrase = ""
    public var repeated = ""
    /// What came back last.
    public private(set) var restored: RestoredBackup?
    /// Where this phone must still be bound after a backup came back.
    public private(set) var bindAgain: [BindAgain] = []
    public var work = Work()

    private let wallet: Wallet

    public init(wallet: Wallet) { self.wallet = wallet }

    /// Reads what is still to be bound.
    public func load() async {
        if let open = await reading(wallet, { try $0.bindAgain() }) { bindAgain = open }
    }

    /// Whether a file can be made.
    public var canExport: Bool {
        passphrase.count >= Self.shortestPassphrase && passphrase == repeated && !work.running
    }

    /// The file, encrypted. Takes about a second.
    public func export() async -> Data? {
        guard canExport else { return nil }
        let secret = passphrase
        forget()
        return await working { try await wallet.inBackground { try $0.exportBackup(passphrase: secret) } }
    }

    /// Whether a file can be opened.
    public var canRestore: Bool { !passphrase.isEmpty && !work.running }

    /// Brings a file back, beside what this phone has.
    public func restore(_ file: Data) async {
        guard canRestore else { return }
        let secret = passphrase
        forget()
        restored = await working {
            try await wallet.inBackground { try $0.restoreBackup(bytes: file, passphrase: secret) }
        }
        await load()
    }

    /// The file that the citizen chose cannot be read.
    public func fileUnreadable() { work.trouble = Trouble(.backupDamaged) }

    /// The citizen does not want one of them on this phone.
    public func skip(_ open: BindAgain) async {
        await reading(wallet) { try $0.skipBindAgain(id: open.id) }
        await load()
    }

    /// No passphrase stays in memory longer than it is needed.
    public func forget() {
        passphrase = ""
        repeated = ""
    }
}

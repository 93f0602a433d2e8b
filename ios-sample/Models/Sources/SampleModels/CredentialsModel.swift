import Observation
import TesseraWallet

/// What others vouched for, kept in the phone and shown without a network.
@MainActor @Observable
public final class CredentialsModel: Working {
    /// The credentials, newest first, each checked when the list was read.
    public private(set) var credentials: [Credential] = []
    /// The one that was added last, to be shown.
    public private(set) var added: Credential?
    public var work = Work()

    private let wallet: Wallet
    /// A code stays before the camera for a while: it is taken once.
    private var lastSeen: String?

    public init(wallet: Wallet) { self.wallet = wallet }

    /// Reads the list, and checks each again.
    public func load() async {
        if let known = await reading(wallet, { try $0.credentials() }) { credentials = known }
    }

    /// Gets ready for the next code.
    public func beginAdding() {
        added = nil
        lastSeen = nil
        work.trouble = nil
    }

    /// A text that the camera read. What is no credential is told, once.
    public func saw(_ text: String) async {
        guard added == nil, text != lastSeen else { return }
        lastSeen = text
        work.trouble = nil
        guard let credential = await reading(wallet, { try $0.addCredential(text: text) }) else { return }
        added = credential
        await load()
    }

    /// All that a credential says, and its photo.
    public func details(_ id: String) async -> CredentialDetails? { await reading(wallet) { try $0.credential(id: id) } }

    /// Deletes a credential from this phone.
    public func delete(_ id: String) async {
        await reading(wallet) { try $0.deleteCredential(id: id) }
        await load()
    }
}

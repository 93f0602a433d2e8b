import Foundation
import Observation
import TesseraWallet

/// The app as a whole: whether the wallet is open, what link waits for it, and whether the screens are covered.
@MainActor @Observable
public final class AppModel {
    /// Where the app stands.
    public enum Stage {
        /// The wallet is being opened.
        case opening
        /// The wallet is open.
        case open(HomeModel)
        /// The wallet cannot be opened.
        case failed(Trouble)
    }

    /// Where the app stands.
    public private(set) var stage = Stage.opening
    /// Whether the screens are covered: always where the app is not in front, so that its picture among the open apps
    /// shows nothing.
    public private(set) var covered = false

    private let openWallet: @MainActor () async throws -> HomeModel
    private let removeStore: @MainActor () throws -> Void
    /// A link that came before the wallet was open.
    private var waiting: String?

    /// - Parameters:
    ///   - openWallet: opens the wallet; called again where it failed.
    ///   - removeStore: removes the files of a store that cannot be read any more.
    public init(
        openWallet: @escaping @MainActor () async throws -> HomeModel, removeStore: @escaping @MainActor () throws -> Void
    ) {
        self.openWallet = openWallet
        self.removeStore = removeStore
    }

    /// Opens the wallet, finds what was left unfinished, and takes the link that waited.
    public func start() async {
        stage = .opening
        do {
            let home = try await openWallet()
            await home.load()
            stage = .open(home)
            if let link = waiting {
                waiting = nil
                await home.take(link: link)
            }
        } catch {
            stage = .failed(Trouble(error))
        }
    }

    /// Whether only a new, empty wallet helps: its key is gone, or its file is damaged.
    public var mustReset: Bool {
        if case .failed(let trouble) = stage { return trouble.next == .resetWallet }
        return false
    }

    /// Removes the store that cannot be read, and opens a new one.
    public func reset() async {
        guard mustReset else { return }
        do {
            try removeStore()
            await start()
        } catch {
            stage = .failed(Trouble(error))
        }
    }

    /// A link came, by the app's URL scheme or as a universal link.
    public func opened(_ url: URL) async {
        if case .open(let home) = stage {
            await home.take(link: url.absoluteString)
        } else {
            waiting = url.absoluteString
        }
    }

    /// The app came to the front or left it.
    public func became(active: Bool) { covered = !active }
}

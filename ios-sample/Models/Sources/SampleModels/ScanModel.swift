import Observation
import TesseraWallet

/// Takes texts from camera, keyboard and links until one of them begins a login.
@MainActor @Observable
public final class ScanModel: Working {
    /// Several persons or servers of this phone can serve a link: the citizen chooses.
    public struct Choice: Equatable {
        /// Those that can.
        public let bindings: [BoundServer]
        fileprivate let link: String
    }

    /// The choice before the citizen, if any.
    public private(set) var choice: Choice?
    /// What the citizen pasted or typed.
    public var pasted = ""
    public var work = Work()

    private let wallet: Wallet
    private let began: @MainActor (LoginModel) -> Void
    /// A code stays before the camera for a while: it is taken once.
    private var lastSeen: String?

    /// - Parameter began: takes the login that was begun.
    public init(wallet: Wallet, began: @escaping @MainActor (LoginModel) -> Void) {
        self.wallet = wallet
        self.began = began
    }

    /// Whether texts are taken now.
    public var looking: Bool { choice == nil && !work.running }

    /// A text that the camera read. The same text again is ignored, and so is, quietly, any code that is no login link.
    public func saw(_ text: String) async {
        guard looking, text != lastSeen else { return }
        lastSeen = text
        guard (try? await wallet.inBackground({ try $0.bindingsFor(scanned: text) })) != nil else { return }
        await take(text)
    }

    /// What the citizen pasted. A text that is no login link is told.
    public func takePasted() async {
        let text = pasted
        pasted = ""
        await take(text)
    }

    /// A text from anywhere: begins the login, or asks who is to log in.
    public func take(_ text: String) async {
        guard looking else { return }
        await start(text, with: nil)
    }

    /// The citizen chose who logs in.
    public func choose(_ binding: BoundServer) async {
        guard let link = choice?.link else { return }
        choice = nil
        await start(link, with: binding)
    }

    /// The citizen chose nobody.
    public func chooseNone() {
        choice = nil
        lastSeen = nil
    }

    private func start(_ link: String, with binding: BoundServer?) async {
        guard let start = await working({ await wallet.startLogin(link, bindingId: binding?.id) }) else { return }
        switch start {
        case .started(let flow): began(LoginModel(flow: flow))
        case .chooseBinding(let bindings): choice = Choice(bindings: bindings, link: link)
        case .bindFirst(let error), .scanAgain(let error), .failed(let error): work.trouble = Trouble(error)
        }
    }
}

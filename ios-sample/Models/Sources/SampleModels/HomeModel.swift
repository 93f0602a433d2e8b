import Foundation
import Observation
import TesseraWallet

/// All that an open wallet shows. One model per screen; what crosses screens goes through here.
@MainActor @Observable
public final class HomeModel: Working {
    /// The login on the screen, above everything else.
    public private(set) var login: LoginModel?
    /// The binding on the screen.
    public private(set) var binding: BindModel?
    /// Whether this phone is bound to any server. Where it is not, the first screen offers to bind.
    public private(set) var isBound = false
    public var work = Work()

    public private(set) var scan: ScanModel!
    public let devices: DevicesModel
    public let receipts: ReceiptsModel
    public let activity: ActivityModel
    public let credentials: CredentialsModel
    public let backup: BackupModel
    public let settings: SettingsModel

    private let wallet: Wallet
    private let deviceName: String
    private let keyOptions: NewKeyOptions

    /// - Parameters:
    ///   - deviceName: what the device calls itself.
    ///   - keyOptions: how keys of new bindings are made.
    public init(wallet: Wallet, deviceName: String, keyOptions: NewKeyOptions) {
        self.wallet = wallet
        self.deviceName = deviceName
        self.keyOptions = keyOptions
        devices = DevicesModel(wallet: wallet)
        receipts = ReceiptsModel(wallet: wallet)
        activity = ActivityModel(wallet: wallet)
        credentials = CredentialsModel(wallet: wallet)
        backup = BackupModel(wallet: wallet)
        settings = SettingsModel(wallet: wallet)
        scan = ScanModel(wallet: wallet) { [weak self] login in self?.login = login }
    }

    /// Reads what the phone knows, and goes on with what an earlier run left: a login first, then a binding.
    public func load() async {
        await devices.load()
        isBound = !devices.entries.isEmpty
        guard login == nil, binding == nil, let left = await reading(wallet, { try $0.unfinishedSessions() }) else { return }
        if let session = left.last(where: { $0.kind == .login }) {
            login = await working { LoginModel(flow: try await wallet.continueLogin(session.id)) }
        } else if let session = left.last(where: { $0.kind == .binding }) {
            let resumed = newBinding()
            await resumed.resume(sessionId: session.id)
            binding = resumed
        }
    }

    /// A login link came from outside.
    public func take(link: String) async {
        // What is on the screen is decided first.
        guard login == nil else { return }
        binding = nil
        await scan.take(link)
    }

    /// The citizen wants to bind this phone.
    public func beginBinding() { binding = newBinding() }

    /// The citizen binds again what a backup told of: the form is filled in.
    public func beginBinding(again: BindAgain) {
        let next = newBinding()
        next.server = again.server
        next.individualId = again.individualId
        next.label = again.label
        binding = next
    }

    /// The binding screen is left.
    public func endBinding() async {
        binding?.startOver()
        binding = nil
        await backup.load()
        await devices.load()
        isBound = !devices.entries.isEmpty
    }

    /// The login screen is left. A login that is still to be decided is given up; one whose answer is missing is found again
    /// at the next start.
    public func endLogin() async {
        if case .review = login?.state { login?.leave() }
        login = nil
        await receipts.load()
        await activity.load()
    }

    public func wipe() async {
        await settings.wipe()
        login = nil
        binding = nil
        await load()
        await receipts.load()
        await activity.load()
        await credentials.load()
        await backup.load()
    }

    private func newBinding() -> BindModel {
        BindModel(wallet: wallet, deviceName: deviceName, keyOptions: keyOptions)
    }
}

import Observation
import TesseraWallet

/// Binds this phone to a server: address and person first, then the one-time password.
@MainActor @Observable
public final class BindModel: Working {
    /// What the screen asks for.
    public enum Step: Equatable {
        /// Who the citizen is, and where.
        case form
        /// The one-time password that is on its way.
        case password(OtpDelivery)
        /// Nothing more.
        case bound(BoundServer)
    }

    /// Longest name of a device, in characters, as servers take it.
    public static let longestDeviceName = 64

    /// Address of the server, `https://…`; without a scheme `https` is meant.
    public var server = ""
    /// The person's identifier.
    public var individualId = ""
    /// How the one-time password comes.
    public var channel = OtpChannel.email
    /// What the citizen calls this phone.
    public var deviceName: String
    /// What this app calls the person; stays in this phone.
    public var label = ""
    /// The one-time password as typed.
    public var otp = ""
    /// What the screen asks for.
    public private(set) var step = Step.form
    public var work = Work()

    private let wallet: Wallet
    private let keyOptions: NewKeyOptions
    private var flow: BindingFlow?

    /// - Parameter deviceName: what the device calls itself, for the citizen to change.
    public init(wallet: Wallet, deviceName: String, keyOptions: NewKeyOptions) {
        self.wallet = wallet
        self.deviceName = String(deviceName.prefix(Self.longestDeviceName))
        self.keyOptions = keyOptions
    }

    /// Goes on with a binding that an earlier run of the app began. A password sent then is still good.
    public func resume(sessionId: String) async {
        await working {
            let flow = try await wallet.continueBinding(sessionId)
            self.flow = flow
            show(flow.state)
        }
    }

    /// Whether the form says all that is needed.
    public var canSendOtp: Bool {
        let filled = ![server, individualId, deviceName].contains { $0.trimmed.isEmpty }
        return filled && deviceName.trimmed.count <= Self.longestDeviceName && !work.running
    }

    /// Has the server send a one-time password. From the form it begins the binding; later it asks for another password.
    public func sendOtp() async {
        await working {
            if step == .form {
                // What was in the form before may have been wrong.
                try giveUp()
                flow = try await wallet.startBinding(request())
            }
            otp = ""
            if let open = flow?.state.open { show(await open.requestOtp(channel)) }
        }
    }

    /// Whether a password was typed.
    public var canBind: Bool { !otp.trimmed.isEmpty && !work.running }

    /// Makes the key and binds it. Where the password was wrong it can be typed again.
    public func bind() async {
        await working {
            let factor = BindingFactor.otp(code: otp.trimmed)
            otp = ""
            if let open = flow?.state.open { show(await open.bind(factor)) }
        }
    }

    /// Back to the form; the binding begun is given up.
    public func startOver() {
        do { try giveUp() } catch { work.trouble = Trouble(error) }
        otp = ""
        step = .form
    }

    private func request() -> BindingRequest {
        let address = server.trimmed
        return .tessera(
            origin: address.contains("://") ? address : "https://\(address)", individualId: individualId.trimmed,
            deviceName: deviceName.trimmed, label: label.trimmed,
            userAuthentication: keyOptions.userAuthentication, attest: keyOptions.attest)
    }

    private func giveUp() throws {
        let ended = flow
        flow = nil
        try ended?.cancel()
    }

    private func show(_ state: BindingState) {
        switch state {
        case .started(let open): tell(open.error)
        case .otpSent(let open):
            step = .password(open.delivery)
            tell(open.error)
        case .bound(let binding):
            flow = nil
            step = .bound(binding)
        case .working, .cancelled: break
        }
    }

    private func tell(_ error: WalletError?) {
        if let error { work.trouble = Trouble(error) }
    }
}

/// How the keys of new bindings are made.
public struct NewKeyOptions: Sendable {
    /// When the key asks for the citizen.
    public let userAuthentication: UserAuthentication
    /// Whether the device's maker is to attest the key.
    public let attest: Bool

    public init(userAuthentication: UserAuthentication, attest: Bool) {
        self.userAuthentication = userAuthentication
        self.attest = attest
    }
}

extension String {
    /// Without the white space at its ends that keyboards add.
    var trimmed: String { String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
}

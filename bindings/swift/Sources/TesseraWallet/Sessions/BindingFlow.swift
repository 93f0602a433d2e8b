import Foundation
import TesseraWalletCore

/// One binding of this phone to a server. Begun by ``TesseraWalletCore/Wallet/startBinding(_:)``, found again by
/// ``TesseraWalletCore/Wallet/continueBinding(_:)``.
///
/// It lies in the wallet's store after every step: an app that is killed finds it among the wallet's unfinished sessions.
/// Letting go of it only frees memory; ``cancel()`` ends the binding, and so does cancelling the task of a step.
public final class BindingFlow: Sendable {
    /// Names the binding for ``TesseraWalletCore/Wallet/continueBinding(_:)``.
    public let id: String

    private let session: BindingSession
    private let standing: Standing<BindingStage>

    init(_ session: BindingSession) throws {
        self.session = session
        id = session.id()
        standing = Standing(try session.stage()) { stage in
            switch stage {
            case .started, .otpSent: return false
            case .bound, .cancelled: return true
            }
        }
    }

    /// Where the binding stands now.
    public var state: BindingState { state(standing.now) }

    /// Where the binding stands, from now on; ends when it is over. Any number may follow; none of them ends the binding.
    /// Who is slow sees the newest state.
    public var states: AsyncStream<BindingState> { standing.follow { self.state($0) } }

    /// Stops the step that runs and ends the binding. Does nothing to one that is over.
    ///
    /// - Throws: ``TesseraWalletCore/WalletError`` `storeFailed`: it is found again when the wallet is opened.
    public func cancel() throws {
        defer { standing.moved(to: stage, error: nil) }
        try session.cancel()
    }

    /// Runs a step that was offered in this moment; gives the state that follows.
    func step(
        at moment: UInt64, _ call: @escaping @Sendable (BindingSession) async throws -> Void
    ) async -> BindingState {
        guard standing.begin(at: moment) else { return state }
        let error = await endedWithItsTask({ [session] in try session.cancel() }) { [session] in try await call(session) }
        standing.moved(to: stage, error: error)
        return state
    }

    /// The generated call fails only by a fault of the library; then the session stands where it stood.
    private var stage: BindingStage { (try? session.stage()) ?? standing.now.stage }

    private func state(_ moment: Standing<BindingStage>.Moment) -> BindingState {
        if moment.working { return .working }
        let step = BindingState.Step(flow: self, moment: moment.number, error: moment.error)
        switch moment.stage {
        case .started: return .started(.init(step: step))
        case .otpSent(let delivery): return .otpSent(.init(delivery: delivery, step: step))
        case .bound(let binding): return .bound(binding: binding)
        case .cancelled: return .cancelled
        }
    }
}

extension Wallet {
    /// Begins to bind this phone; nothing is sent yet.
    ///
    /// - Throws: ``TesseraWalletCore/WalletError`` `invalidInput`, `insecureAddress`, and those of the store.
    public func startBinding(_ request: BindingRequest) async throws -> BindingFlow {
        try BindingFlow(beginBinding(request: request))
    }

    /// Goes on with a binding of the unfinished sessions.
    ///
    /// - Throws: ``TesseraWalletCore/WalletError`` `invalidInput` where there is none, and those of the store.
    public func continueBinding(_ sessionId: String) async throws -> BindingFlow {
        try BindingFlow(resumeBinding(sessionId: sessionId))
    }
}

extension BindingRequest {
    /// A binding to a Tessera server, with what most apps want: the strongest key the device has, asked for by face, finger or
    /// passcode at every use, attested by Apple where it can be.
    ///
    /// - Parameters:
    ///   - origin: the server's, e.g. `https://id.example`.
    ///   - individualId: the person's identifier.
    ///   - deviceName: what the citizen calls this phone, 1 to 64 characters; the server keeps it.
    ///   - label: what the app calls this person; kept here only.
    ///   - securityLevel: where the key is to live.
    ///   - userAuthentication: when the key asks for the citizen.
    ///   - attest: whether Apple should attest the app; left out where the device cannot.
    public static func tessera(
        origin: String, individualId: String, deviceName: String, label: String = "",
        securityLevel: SecurityLevelRule = .prefer(level: .secureElement),
        userAuthentication: UserAuthentication = .everyUse, attest: Bool = true
    ) -> BindingRequest {
        BindingRequest(
            server: .tessera(origin: origin), individualId: individualId, deviceName: deviceName, label: label,
            securityLevel: securityLevel, userAuthentication: userAuthentication, attest: attest)
    }
}

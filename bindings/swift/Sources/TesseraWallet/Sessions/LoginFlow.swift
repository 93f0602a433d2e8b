import Foundation
import TesseraWalletCore

/// One login, from the review to its end. Begun by ``TesseraWalletCore/Wallet/startLogin(_:bindingId:)``, found again by
/// ``TesseraWalletCore/Wallet/continueLogin(_:)``.
///
/// It lies in the wallet's store after every step: an app that is killed finds it among the wallet's unfinished sessions.
/// Letting go of it only frees memory; ``cancel()`` ends the login, and so does cancelling the task of a step.
public final class LoginFlow: Sendable {
    /// Names the login for ``TesseraWalletCore/Wallet/continueLogin(_:)``.
    public let id: String

    private let session: LoginSession
    private let standing: Standing<LoginStage>

    init(_ session: LoginSession) throws {
        self.session = session
        id = session.id()
        standing = Standing(try session.stage()) { stage in
            switch stage {
            case .review, .unfinished: return false
            case .completed, .denied, .failed, .cancelled: return true
            }
        }
    }

    /// Where the login stands now.
    public var state: LoginState { state(standing.now) }

    /// Where the login stands, from now on; ends when it is over. Any number may follow; none of them ends the login.
    /// Who is slow sees the newest state.
    public var states: AsyncStream<LoginState> { standing.follow { self.state($0) } }

    /// Stops the step that runs and ends the login in this phone; the server is not told. Does nothing to one that is over.
    ///
    /// - Throws: ``TesseraWalletCore/WalletError`` `storeFailed`: it is found again when the wallet is opened.
    public func cancel() throws {
        defer { standing.moved(to: stage, error: nil) }
        try session.cancel()
    }

    /// Runs a step that was offered in this moment; gives the state that follows.
    func step(at moment: UInt64, _ call: @escaping @Sendable (LoginSession) async throws -> Void) async -> LoginState {
        guard standing.begin(at: moment) else { return state }
        let error = await endedWithItsTask({ [session] in try session.cancel() }) { [session] in try await call(session) }
        standing.moved(to: stage, error: error)
        return state
    }

    /// The generated call fails only by a fault of the library; then the session stands where it stood.
    private var stage: LoginStage { (try? session.stage()) ?? standing.now.stage }

    private func state(_ moment: Standing<LoginStage>.Moment) -> LoginState {
        switch moment.stage {
        case .review(let review), .unfinished(let review):
            if moment.working { return .working(review: review) }
            let step = LoginState.Step(flow: self, moment: moment.number)
            if case .review = moment.stage { return .review(.init(review: review, error: moment.error, step: step)) }
            return .unfinished(.init(review: review, error: moment.error, step: step))
        case .completed(let outcome): return .completed(outcome: outcome)
        case .denied: return .denied
        case .failed(let code):
            return .failed(error: moment.error ?? WalletError(code))
        case .cancelled: return .cancelled
        }
    }
}

extension LoginReview {
    /// Choices for this review: essential claims go without saying, others only where named here.
    ///
    /// - Parameters:
    ///   - acceptedVoluntaryClaims: names of voluntary claims that the citizen chose.
    ///   - permittedScopes: scopes that the citizen permitted.
    ///   - number: what the citizen typed from the browser, where the review's `numberRequired` says so.
    public func choices(
        acceptedVoluntaryClaims: [String] = [], permittedScopes: [String] = [], number: String? = nil
    ) -> LoginChoices {
        LoginChoices(
            acceptedVoluntaryClaims: acceptedVoluntaryClaims, permittedScopes: permittedScopes, number: number)
    }
}

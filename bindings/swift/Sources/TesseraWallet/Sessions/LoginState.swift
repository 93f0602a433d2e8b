/// Where a login stands. Each state carries what may be done in it, and each step gives the state that follows.
///
/// A state that is no longer the current one does nothing: its steps give the current state. So a button that is tapped
/// twice approves once.
public enum LoginState: Sendable {
    /// The citizen is to decide.
    case review(Review)
    /// A step is under way; what was shown. Only ``LoginFlow/cancel()`` is left.
    case working(review: LoginReview)
    /// Approved, and the server's answer is missing: also after the app was killed in between.
    case unfinished(Unfinished)
    /// The browser is logged in; on the same device with the link to open next.
    case completed(outcome: LoginOutcome)
    /// The citizen said no.
    case denied
    /// Over without success.
    case failed(error: WalletError)
    /// Ended by the app.
    case cancelled

    /// Whether nothing can follow.
    public var isOver: Bool {
        switch self {
        case .review, .working, .unfinished: return false
        case .completed, .denied, .failed, .cancelled: return true
        }
    }

    /// The citizen is to decide.
    public struct Review: Sendable, CustomStringConvertible {
        /// What to show.
        public let review: LoginReview
        /// Why the step before did not succeed.
        public let error: WalletError?
        let step: Step

        public var description: String { "LoginState.Review" }

        /// Approves: signs token and consent under one prompt, then sends them.
        ///
        /// Followed by ``LoginState/completed(outcome:)``; ``LoginState/review(_:)`` with an error where it may be tried again;
        /// ``LoginState/unfinished(_:)`` where the answer was lost; ``LoginState/failed(error:)``. Cancelling the task cancels
        /// the login.
        public func approve(_ choices: LoginChoices) async -> LoginState {
            await step.flow.step(at: step.moment) { _ = try await $0.approve(choices: choices) }
        }

        /// Says no, to the server too. Followed by ``LoginState/denied``, or by ``LoginState/review(_:)`` with an error.
        /// Cancelling the task cancels the login.
        public func deny(_ reason: DenialReason? = nil) async -> LoginState {
            await step.flow.step(at: step.moment) { try await $0.deny(reason: reason) }
        }
    }

    /// Approved, and the server's answer is missing.
    public struct Unfinished: Sendable, CustomStringConvertible {
        /// What was approved.
        public let review: LoginReview
        /// Why the step before did not succeed.
        public let error: WalletError?
        let step: Step

        public var description: String { "LoginState.Unfinished" }

        /// Sends again what was approved, without a new decision. Followed by ``LoginState/completed(outcome:)``,
        /// ``LoginState/unfinished(_:)``, ``LoginState/review(_:)`` or ``LoginState/failed(error:)``. Cancelling the task cancels
        /// the login.
        public func finish() async -> LoginState {
            await step.flow.step(at: step.moment) { _ = try await $0.finish() }
        }
    }

    /// Whose step it is, and when it was offered.
    struct Step: Sendable {
        let flow: LoginFlow
        let moment: UInt64
    }
}

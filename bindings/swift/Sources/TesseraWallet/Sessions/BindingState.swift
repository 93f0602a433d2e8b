/// Where a binding stands. Each state carries what may be done in it, and each step gives the state that follows.
///
/// A state that is no longer the current one does nothing: its steps give the current state.
public enum BindingState: Sendable {
    /// Nothing was sent yet.
    case started(Started)
    /// A one-time password is on its way.
    case otpSent(OtpSent)
    /// A step is under way. Only ``BindingFlow/cancel()`` is left.
    case working
    /// Done.
    case bound(binding: Binding)
    /// Ended by the app.
    case cancelled

    /// Whether nothing can follow.
    public var isOver: Bool {
        switch self {
        case .started, .otpSent, .working: return false
        case .bound, .cancelled: return true
        }
    }

    /// What can be done in ``started(_:)`` and ``otpSent(_:)`` alike; nothing in the other states.
    public var open: (any Open)? {
        switch self {
        case .started(let state): return state
        case .otpSent(let state): return state
        case .working, .bound, .cancelled: return nil
        }
    }

    /// The person is to prove who he is: ``Started`` or ``OtpSent``.
    public protocol Open: Sendable {
        /// Why the step before did not succeed.
        var error: WalletError? { get }

        /// Has the server send a one-time password; again for another. Followed by ``BindingState/otpSent(_:)``, or this state
        /// with an error. Cancelling the task cancels the binding.
        func requestOtp(_ channels: OtpChannel...) async -> BindingState

        /// Makes the key and binds it, with what the person proves himself with.
        ///
        /// Followed by ``BindingState/bound(binding:)``, or this state with an error. Cancelling the task cancels the binding.
        func bind(_ factors: BindingFactor...) async -> BindingState
    }

    /// Nothing was sent yet.
    public struct Started: Open, CustomStringConvertible {
        let step: Step

        public var error: WalletError? { step.error }
        public var description: String { "BindingState.Started" }

        public func requestOtp(_ channels: OtpChannel...) async -> BindingState { await step.requestOtp(channels) }
        public func bind(_ factors: BindingFactor...) async -> BindingState { await step.bind(factors) }
    }

    /// A one-time password is on its way.
    public struct OtpSent: Open, CustomStringConvertible {
        /// Where to, masked by the server.
        public let delivery: OtpDelivery
        let step: Step

        public var error: WalletError? { step.error }
        public var description: String { "BindingState.OtpSent" }

        public func requestOtp(_ channels: OtpChannel...) async -> BindingState { await step.requestOtp(channels) }
        public func bind(_ factors: BindingFactor...) async -> BindingState { await step.bind(factors) }
    }

    /// What both open states can do, and when it was offered.
    struct Step: Sendable {
        let flow: BindingFlow
        let moment: UInt64
        let error: WalletError?

        func requestOtp(_ channels: [OtpChannel]) async -> BindingState {
            await flow.step(at: moment) { _ = try await $0.requestOtp(channels: channels) }
        }

        func bind(_ factors: [BindingFactor]) async -> BindingState {
            await flow.step(at: moment) { _ = try await $0.bind(factors: factors) }
        }
    }
}

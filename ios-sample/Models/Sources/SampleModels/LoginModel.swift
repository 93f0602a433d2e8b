import Foundation
import Observation
import TesseraWallet

/// One login: the citizen sees who asks for what, chooses, and approves or denies.
@MainActor @Observable
public final class LoginModel: Working, Identifiable {
    /// Names the session, also after the app was killed.
    public nonisolated let id: String
    /// Where the login stands.
    public private(set) var state: LoginState
    /// The number typed from the browser.
    public var number = ""
    public var work = Work()

    private let flow: LoginFlow
    /// Voluntary claims chosen; none until the citizen chooses.
    private var accepted: Set<String> = []
    /// Scopes permitted; none until the citizen chooses.
    private var permitted: Set<String> = []

    public init(flow: LoginFlow) {
        self.flow = flow
        id = flow.id
        state = flow.state
    }

    /// What was asked, while the login is open.
    public var review: LoginReview? {
        switch state {
        case .review(let state): state.review
        case .working(let review): review
        case .unfinished(let state): state.review
        case .completed, .denied, .failed, .cancelled: nil
        }
    }

    /// Whether a claim goes to the relying party if the citizen approves now.
    public func goes(_ claim: RequestedClaim) -> Bool { claim.essential || accepted.contains(claim.name) }

    /// Lets a voluntary claim go or not. An essential one always goes: without it there is no login.
    public func set(_ claim: RequestedClaim, goes: Bool) {
        guard !claim.essential else { return }
        if goes { accepted.insert(claim.name) } else { accepted.remove(claim.name) }
    }

    /// Whether a scope is permitted.
    public func isPermitted(_ scope: String) -> Bool { permitted.contains(scope) }

    /// Permits a scope or not.
    public func set(scope: String, permitted permit: Bool) {
        if permit { permitted.insert(scope) } else { permitted.remove(scope) }
    }

    /// Whether all is there to approve: the number too, where the browser shows one.
    public var canApprove: Bool {
        guard case .review(let state) = state, !work.running else { return false }
        return !state.review.numberRequired || !number.trimmed.isEmpty
    }

    /// Signs what was chosen and sends it.
    public func approve() async {
        guard canApprove, case .review(let state) = state else { return }
        let choices = state.review.choices(
            acceptedVoluntaryClaims: accepted.sorted(), permittedScopes: permitted.sorted(),
            number: state.review.numberRequired ? number.trimmed : nil)
        number = ""
        await working { show(await state.approve(choices)) }
    }

    /// Asks again for the answer that was lost; nothing new is agreed to.
    public func finish() async {
        guard case .unfinished(let state) = state else { return }
        await working { show(await state.finish()) }
    }

    /// Says no; the browser is told at once.
    public func deny(reason: DenialReason?) async {
        guard case .review(let state) = state else { return }
        await working { show(await state.deny(reason)) }
    }

    /// Ends the login in this phone without telling anybody.
    public func leave() {
        do { try flow.cancel() } catch { work.trouble = Trouble(error) }
        state = flow.state
    }

    /// Whole seconds until the server gives up; nothing where it did not tell.
    public func secondsLeft(now: Date) -> Int? {
        guard let end = review?.expiresAt else { return nil }
        return max(0, Int(end.timeIntervalSince(now).rounded(.up)))
    }

    private func show(_ next: LoginState) {
        state = next
        switch next {
        case .review(let state): tell(state.error)
        case .unfinished(let state): tell(state.error)
        case .failed(let error): tell(error)
        case .working, .completed, .denied, .cancelled: break
        }
    }

    private func tell(_ error: WalletError?) {
        if let error { work.trouble = Trouble(error) }
    }
}

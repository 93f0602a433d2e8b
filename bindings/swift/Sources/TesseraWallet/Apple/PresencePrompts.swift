#if canImport(Security)
    import Foundation
    import LocalAuthentication
    import Security

    /// One proof of presence: every signature made with its context goes without another prompt.
    ///
    /// Unchecked: an `LAContext` may be used from any thread, and is not changed after it was handed out.
    final class PresenceProof: @unchecked Sendable {
        let context: LAContext

        init(_ context: LAContext) { self.context = context }

        /// Takes an open prompt away; the context is worth nothing afterwards.
        func invalidate() { context.invalidate() }
    }

    /// Asks the citizen for a face, a finger or the passcode, and keeps the answer as long as the key allows.
    final class PresencePrompts: Sendable {
        private let reason: @Sendable (SigningPrompt) -> String
        private let kept = KeptProofs<PresenceProof>()

        init(reason: @escaping @Sendable (SigningPrompt) -> String) { self.reason = reason }

        /// What the citizen can prove presence with, and what stands for the faces and fingers enrolled.
        static func deviceLock() -> (lock: DeviceLock, enrolment: Data?) {
            let context = LAContext()
            let biometrics = context.canEvaluatePolicy(.deviceOwnerAuthenticationWithBiometrics, error: nil)
            let enrolment = context.evaluatedPolicyDomainState
            let passcode = context.canEvaluatePolicy(.deviceOwnerAuthentication, error: nil)
            return (DeviceLock(biometrics: biometrics, passcode: passcode), enrolment)
        }

        /// The proof that a key asks for: nothing where it asks for none, the kept one where it still serves, else a prompt.
        ///
        /// The prompt is the system's own; it may be asked for from any thread.
        func proof(for record: KeyRecord, alias: String, prompt: SigningPrompt) async throws -> PresenceProof? {
            if record.presence == .none { return nil }
            if let proof = kept.proof(for: alias, at: monotonicSeconds()) { return proof }
            let proof = PresenceProof(LAContext())
            if record.presence == .currentBiometrics { proof.context.localizedFallbackTitle = "" }
            let access = try accessControl(place: record.place, presence: record.presence)
            let operation: LAAccessControlOperation = record.place == .secureEnclave ? .useKeySign : .useItem
            let sentence = reason(prompt)
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                    proof.context.evaluateAccessControl(access, operation: operation, localizedReason: sentence) {
                        passed, error in
                        if passed {
                            continuation.resume()
                        } else if let error {
                            let changed = record.enrolmentChanged(now: Self.deviceLock().enrolment)
                            continuation.resume(throwing: keyError(error, while: .signing(enrolmentChanged: changed)))
                        } else {
                            continuation.resume(throwing: KeyError.Locked)
                        }
                    }
                }
            } onCancel: {
                proof.invalidate()
            }
            kept.keep(proof, for: alias, seconds: record.reuseSeconds, at: monotonicSeconds())
            return proof
        }

        /// The next signature asks again.
        func forget(_ alias: String) { kept.forget(alias) }
    }

    /// Seconds of a clock that the citizen cannot set, and that goes on while the device sleeps.
    private func monotonicSeconds() -> Double {
        Double(clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW)) / 1_000_000_000
    }
#endif

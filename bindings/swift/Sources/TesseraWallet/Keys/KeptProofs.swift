import Foundation

/// Proofs of presence that still serve, by alias of the key. Times in seconds of a clock that only goes forward.
///
/// Unchecked: all is done under the lock.
final class KeptProofs<Proof: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var proofs: [String: (proof: Proof, until: Double)] = [:]

    /// The proof kept for a key, where its time is not over.
    func proof(for alias: String, at now: Double) -> Proof? {
        lock.withLock {
            guard let kept = proofs[alias] else { return nil }
            if kept.until > now { return kept.proof }
            proofs[alias] = nil
            return nil
        }
    }

    /// Keeps a proof; one of no time is not kept.
    func keep(_ proof: Proof, for alias: String, seconds: UInt32, at now: Double) {
        guard seconds > 0 else { return }
        lock.withLock { proofs[alias] = (proof, now + Double(seconds)) }
    }

    func forget(_ alias: String) {
        lock.withLock { proofs[alias] = nil }
    }
}

import Foundation

// Swift's task cancellation does not reach Rust: the code that uniffi 0.32 generates polls a call until it is done, and never
// calls its `rust_future_cancel`. What follows carries it over, or lets the call run on unheard.

/// Runs a call of a session, and ends the session where the task is cancelled. Gives the error of the call.
func endedWithItsTask(
    _ end: @escaping @Sendable () throws -> Void, _ call: @Sendable () async throws -> Void
) async -> WalletError? {
    do {
        // A session that could not be taken out of the store is found again when the wallet is opened.
        try await withTaskCancellationHandler(operation: call, onCancel: { try? end() })
        return nil
    } catch {
        return WalletError(caught: error)
    }
}

/// Waits for a call that has no session. Where the task is cancelled it waits no longer; what the call yields then is handed to
/// `leftBehind`.
func letGoWhenCancelled<Value: Sendable>(
    _ call: @escaping @Sendable () async throws -> Value, leftBehind: @escaping @Sendable (Value) -> Void = { _ in }
) async throws -> Value {
    let waiting = Waiting<Value>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            guard waiting.began(continuation) else { return }
            let work = Task {
                let result: Result<Value, any Error>
                do { result = .success(try await call()) } catch { result = .failure(error) }
                if !waiting.end(result), case .success(let value) = result { leftBehind(value) }
            }
            waiting.isFor(work)
        }
    } onCancel: {
        waiting.giveUp()
    }
}

/// Resumes once.
///
/// Unchecked: all is done under the lock.
private final class Waiting<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var continuation: CheckedContinuation<Value, any Error>?
    private var work: Task<Void, Never>?
    private var ended = false

    /// False where the task was cancelled before: then nothing is to be begun.
    func began(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let goesOn = lock.withLock { () -> Bool in
            if !ended { self.continuation = continuation }
            return !ended
        }
        if !goesOn { continuation.resume(throwing: WalletError.cancelled) }
        return goesOn
    }

    /// What is waited for: cancelled where nobody waits any more, so that it can begin nothing else.
    func isFor(_ work: Task<Void, Never>) {
        let late = lock.withLock { () -> Bool in
            if !ended { self.work = work }
            return ended
        }
        if late { work.cancel() }
    }

    /// Waits no longer.
    func giveUp() {
        let work = lock.withLock { self.work }
        if end(.failure(WalletError.cancelled)) { work?.cancel() }
    }

    /// True for the first end.
    func end(_ result: Result<Value, any Error>) -> Bool {
        let (first, waiting) = lock.withLock { () -> (Bool, CheckedContinuation<Value, any Error>?) in
            defer {
                ended = true
                continuation = nil
                work = nil
            }
            return (!ended, continuation)
        }
        waiting?.resume(with: result)
        return first
    }
}

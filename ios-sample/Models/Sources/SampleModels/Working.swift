import TesseraWallet

/// What a model is busy with, and what went wrong last.
public struct Work: Equatable, Sendable {
    /// Whether a call runs; the buttons that begin calls are off meanwhile.
    public internal(set) var running = false
    /// What went wrong in the last call.
    public internal(set) var trouble: Trouble?

    init() {}
}

/// A model whose calls run one at a time and whose errors are shown on its screen.
@MainActor
public protocol Working: AnyObject {
    /// What it is busy with.
    var work: Work { get set }
}

extension Working {
    /// Runs a call and keeps its trouble for the screen. Gives nothing where it failed or another one runs.
    @discardableResult
    func working<Value>(_ call: @MainActor () async throws -> Value) async -> Value? {
        guard !work.running else { return nil }
        work.trouble = nil
        work.running = true
        defer { work.running = false }
        do {
            return try await call()
        } catch {
            // Where the screen is gone nobody wants to be told.
            if !Task.isCancelled { work.trouble = Trouble(error) }
            return nil
        }
    }

    /// Reads or writes what the phone itself keeps, away from the thread that draws. Gives nothing where it failed.
    @discardableResult
    func reading<Value: Sendable>(_ wallet: Wallet, _ call: @escaping @Sendable (Wallet) throws -> Value) async -> Value? {
        do {
            return try await wallet.inBackground { try call($0) }
        } catch {
            work.trouble = Trouble(error)
            return nil
        }
    }

    /// Takes away what went wrong: the citizen has seen it.
    public func troubleSeen() { work.trouble = nil }
}

import Foundation

/// Where a session stands, and who follows it. One step at a time: a step begins from the moment it was offered in, or not
/// at all.
///
/// Unchecked: all is done under the lock, which may be taken again by who is told.
final class Standing<Stage: Sendable>: @unchecked Sendable {
    /// One moment of a session.
    struct Moment: Sendable {
        /// Counts moments: a step belongs to one.
        var number: UInt64
        var stage: Stage
        /// Why the step before did not succeed.
        var error: WalletError?
        /// A step is under way.
        var working: Bool
    }

    private let lock = NSRecursiveLock()
    private let isOver: @Sendable (Stage) -> Bool
    private var moment: Moment
    private var followers: [UUID: @Sendable (Moment) -> Void] = [:]

    init(_ stage: Stage, isOver: @escaping @Sendable (Stage) -> Bool) {
        moment = Moment(number: 0, stage: stage, error: nil, working: false)
        self.isOver = isOver
    }

    var now: Moment { lock.withLock { moment } }

    /// Begins a step that was offered in this moment; false where that moment is past.
    func begin(at number: UInt64) -> Bool {
        lock.withLock {
            guard moment.number == number, !moment.working else { return false }
            moment = Moment(number: number + 1, stage: moment.stage, error: nil, working: true)
            tell()
            return true
        }
    }

    /// The session stands elsewhere now.
    func moved(to stage: Stage, error: WalletError?) {
        lock.withLock {
            // What is over stays as it ended: a step that was stopped has nothing to add.
            if !moment.working && isOver(moment.stage) { return }
            moment = Moment(number: moment.number + 1, stage: stage, error: error, working: false)
            tell()
        }
    }

    /// This moment and those that follow, until the session is over. Who is slow sees the newest.
    func follow<State: Sendable>(_ told: @escaping @Sendable (Moment) -> State) -> AsyncStream<State> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let name = UUID()
            let isOver = isOver
            let follower: @Sendable (Moment) -> Void = { moment in
                continuation.yield(told(moment))
                if !moment.working && isOver(moment.stage) { continuation.finish() }
            }
            // Ends also where the stream is let go of.
            continuation.onTermination = { [weak self] _ in self?.remove(name) }
            lock.withLock {
                followers[name] = follower
                follower(moment)
            }
        }
    }

    private func tell() {
        for follower in Array(followers.values) { follower(moment) }
    }

    private func remove(_ name: UUID) {
        lock.withLock { followers[name] = nil }
    }
}

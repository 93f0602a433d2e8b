#if canImport(os)
    import os

    /// The wallet's log in the system's log, category `wallet`. Entries hold no personal data, so that all of them is public.
    public final class SystemLog: Log {
        private let logger: Logger

        /// - Parameter subsystem: the app's bundle identifier, by custom.
        public init(subsystem: String) {
            logger = Logger(subsystem: subsystem, category: "wallet")
        }

        public func record(entry: LogEntry) throws {
            let line = entry.line
            switch entry.level {
            case .debug: logger.debug("\(line, privacy: .public)")
            case .info: logger.info("\(line, privacy: .public)")
            case .warn: logger.warning("\(line, privacy: .public)")
            case .error: logger.error("\(line, privacy: .public)")
            }
        }
    }
#endif

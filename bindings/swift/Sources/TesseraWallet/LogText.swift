extension LogEntry {
    /// The entry as one line: names of closed lists and a number, no data.
    var line: String {
        var words = [event.name]
        if let code { words.append(code) }
        if let durationMs { words.append("\(durationMs) ms") }
        return words.joined(separator: " ")
    }
}

extension LogEvent {
    fileprivate var name: String {
        switch self {
        case .storeOpened: return "store opened"
        case .storeMigrated: return "store migrated"
        case .exchange: return "exchange"
        case .clockCorrected: return "clock corrected"
        case .bindingChanged: return "binding changed"
        case .loginMoved: return "login moved"
        case .failed: return "failed"
        }
    }
}

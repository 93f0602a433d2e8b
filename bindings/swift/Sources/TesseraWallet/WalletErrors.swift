extension WalletError {
    /// What went wrong: a closed list to switch on.
    public var code: ErrorCode {
        switch self {
        case .Failed(let code, _, _): return code
        }
    }

    /// Whether and when the same call may succeed.
    public var retry: Retry {
        switch self {
        case .Failed(_, let retry, _): return retry
        }
    }

    /// More for a developer; no personal data.
    public var details: ErrorDetails {
        switch self {
        case .Failed(_, _, let details): return details
        }
    }
}

import Foundation

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

    /// What the app does about it.
    public var nextStep: NextStep { code.nextStep }

    static var cancelled: WalletError { WalletError(.cancelled) }

    /// An error of this layer, which never has details.
    init(_ code: ErrorCode, _ retry: Retry = .never) {
        self = .Failed(code: code, retry: retry, details: ErrorDetails(serverCode: nil, httpStatus: nil))
    }

    /// What a generated call threw. Anything but a ``TesseraWalletCore/WalletError`` is a fault of the library, caught on its way out:
    /// what it says of itself is dropped, for nobody vouches for it.
    init(caught error: any Error) {
        self = error as? WalletError ?? WalletError(.internal)
    }
}

/// English texts, for an app that has none of its own in the citizen's language. They depend on the code alone.
extension WalletError: LocalizedError {
    /// What went wrong, in a sentence for the citizen.
    public var errorDescription: String? { code.englishText }

    /// What to do, in a sentence for the citizen.
    public var recoverySuggestion: String? { nextStep.englishText }
}

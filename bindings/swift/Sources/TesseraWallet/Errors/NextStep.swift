/// What an app does about an error.
public enum NextStep: Sendable, CaseIterable {
    /// Offer to try again at once.
    case tryAgain
    /// Have the citizen unlock the device or the key, then the same call.
    case unlock
    /// Try again after a while.
    case wait
    /// Go on scanning: the page shows a new code.
    case scanAgain
    /// Bind this phone to the server, for the first time or again.
    case bind
    /// Let the citizen choose one of ``TesseraWalletCore/Wallet/bindingsFor(scanned:)``.
    case chooseBinding
    /// Have the citizen type the number that the browser shows.
    case typeNumber
    /// This login is over: begin another in the browser.
    case beginAgain
    /// The answer was lost: the browser shows whether it is logged in.
    case lookAtBrowser
    /// This wallet cannot log in there: the browser has other ways.
    case useBrowser
    /// Ask for another security level or another protection of the key.
    case otherKey
    /// Do not go on: the connection cannot be trusted.
    case stop
    /// Delete the store, open a new one and bind again.
    case resetWallet
    /// Update the app.
    case updateApp
    /// Nothing: the app wanted it so.
    case nothing
    /// A mistake of the app or of the server: show it, and tell its developer.
    case report
}

extension ErrorCode {
    /// What the app does about an error of this code.
    public var nextStep: NextStep {
        switch self {
        case .busy, .promptDismissed, .authenticationFailed, .offline, .timeout, .backupPassphraseWrong: return .tryAgain
        case .locked: return .unlock
        case .attemptsExceeded, .serverUnavailable, .storeInUse, .storeFailed, .noRandomness: return .wait
        case .invalidLink, .linkExpired, .linkCodeRefused, .invalidCredential: return .scanAgain
        case .unknownServer, .notBound, .alreadyBound, .bindingEnded, .keyInvalidated: return .bind
        case .bindingChoiceNeeded: return .chooseBinding
        case .numberNeeded: return .typeNumber
        case .numberWrong, .loginEnded: return .beginAgain
        case .outcomeUnknown: return .lookAtBrowser
        case .factorUnsupported, .loginNotAllowed: return .useBrowser
        case .keyUnsupported: return .otherKey
        case .untrustedConnection, .insecureAddress: return .stop
        case .storeLost, .storeCorrupt: return .resetWallet
        case .storeTooNew, .backupTooNew: return .updateApp
        case .cancelled: return .nothing
        case .wrongState, .invalidInput, .serverRefused, .unexpectedAnswer, .keyStoreFailed, .credentialEncrypted,
            .backupDamaged, .internal:
            return .report
        }
    }
}

extension ErrorCode {
    /// One sentence for the citizen.
    var englishText: String {
        switch self {
        case .invalidInput: return "Something in what was entered cannot be right."
        case .invalidLink: return "This is no login code."
        case .linkExpired: return "This code is too old."
        case .unknownServer: return "This phone is not set up for that service."
        case .bindingChoiceNeeded: return "Several of your set-ups can log in here."
        case .notBound: return "This phone is not set up for that service any more."
        case .alreadyBound: return "This key is set up already."
        case .wrongState: return "This is not possible now."
        case .busy: return "Something else is still under way."
        case .cancelled: return "It was cancelled."
        case .promptDismissed: return "The question for your face, finger or passcode was dismissed."
        case .linkCodeRefused: return "This code was used already, or is too old."
        case .loginEnded: return "This login is over."
        case .factorUnsupported: return "This service asks for more than your phone."
        case .numberNeeded: return "The number that the browser shows is missing."
        case .numberWrong: return "That was not the number in the browser."
        case .loginNotAllowed: return "This service takes no login from there."
        case .authenticationFailed: return "The code or PIN was not accepted."
        case .attemptsExceeded: return "There were too many attempts."
        case .bindingEnded: return "The service does not accept this phone any more."
        case .outcomeUnknown: return "The answer was lost."
        case .offline: return "The service cannot be reached."
        case .timeout: return "The service did not answer in time."
        case .untrustedConnection: return "The connection to the service is not secure."
        case .insecureAddress: return "The address of the service is not secure."
        case .serverUnavailable: return "The service is overloaded or out of order."
        case .serverRefused: return "The service refused."
        case .unexpectedAnswer: return "The service gave an answer that makes no sense."
        case .locked: return "Your phone or its key is locked."
        case .keyInvalidated: return "Your phone has removed its key."
        case .keyUnsupported: return "Your phone cannot make such a key."
        case .keyStoreFailed: return "The keys of your phone cannot be used."
        case .storeLost: return "What this app keeps cannot be read any more."
        case .storeCorrupt: return "What this app keeps is damaged."
        case .storeInUse: return "What this app keeps is open elsewhere."
        case .storeTooNew: return "What this app keeps was written by a newer version."
        case .storeFailed: return "What this app keeps cannot be read or written."
        case .invalidCredential: return "This is no credential that this app reads."
        case .credentialEncrypted: return "This credential is encrypted for somebody else."
        case .backupPassphraseWrong: return "That is not the passphrase of this backup."
        case .backupDamaged: return "This file is no backup, or is damaged."
        case .backupTooNew: return "This backup was made by a newer version."
        case .noRandomness: return "Your phone cannot make keys now."
        case .internal: return "Something went wrong in this app."
        }
    }
}

extension NextStep {
    /// One sentence for the citizen.
    var englishText: String {
        switch self {
        case .tryAgain: return "Try again."
        case .unlock: return "Unlock your phone and try again."
        case .wait: return "Try again later."
        case .scanAgain: return "Scan the code that the page shows now."
        case .bind: return "Set up this phone for the service."
        case .chooseBinding: return "Choose one."
        case .typeNumber: return "Type the number that the browser shows."
        case .beginAgain: return "Begin again in the browser."
        case .lookAtBrowser: return "Look whether the browser is logged in."
        case .useBrowser: return "Log in in the browser another way."
        case .otherKey: return "Set a passcode, face or finger in your phone's settings, or use another phone."
        case .stop: return "Do not go on, and do not enter anything there."
        case .resetWallet: return "Reset the app and set it up again."
        case .updateApp: return "Update the app."
        case .nothing: return "There is nothing to do."
        case .report: return "Tell the maker of this app."
        }
    }
}

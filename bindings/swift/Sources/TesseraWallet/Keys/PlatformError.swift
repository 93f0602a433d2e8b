/// What the frameworks of Apple say when something fails: a domain and a number. Only numbers are looked at, never texts.
struct PlatformError: Equatable, Sendable {
    /// `OSStatus` of the Keychain, `LAError`, `TKError`, `DCError`.
    static let keychain = "NSOSStatusErrorDomain"
    static let authentication = "com.apple.LocalAuthentication"
    static let token = "CryptoTokenKit"
    static let deviceCheck = "com.apple.devicecheck.error"

    var domain: String
    var code: Int

    /// What was being done, where the same number means different things.
    enum Doing: Sendable {
        /// Making a key: what is missing is missing on this device.
        case making
        /// Reading what is known of a key, or the key of the store.
        case reading
        /// Signing with a key that exists. `enrolmentChanged`: another face or finger is enrolled than when it was made.
        case signing(enrolmentChanged: Bool)
    }

    /// The error for the wallet. Locked, dismissed and gone for good are told apart, for the app acts differently on each.
    func keyError(while doing: Doing) -> KeyError {
        switch domain {
        case Self.keychain: return keychainError(doing)
        case Self.authentication: return authenticationError(doing)
        case Self.token: return tokenError(doing)
        case Self.deviceCheck: return code == 1 ? .Unsupported : failed
        default: return failed
        }
    }

    private func keychainError(_ doing: Doing) -> KeyError {
        switch code {
        case -128: return .Cancelled  // errSecUserCanceled
        case -25308: return .Locked  // errSecInteractionNotAllowed: the device is locked
        case -25299: return .AlreadyExists  // errSecDuplicateItem
        case -25300: return .NotFound  // errSecItemNotFound
        case -4: return .Unsupported  // errSecUnimplemented
        case -25293:  // errSecAuthFailed
            switch doing {
            case .making: return .Unsupported
            case .reading: return .Locked
            case .signing(let enrolmentChanged): return enrolmentChanged ? .Invalidated : .Locked
            }
        default: return failed
        }
    }

    private func authenticationError(_ doing: Doing) -> KeyError {
        switch code {
        case -2, -3, -4, -9, -10: return .Cancelled  // by the citizen, the passcode button, the system, the app, its end
        case -1, -8, -1004: return .Locked  // not recognised, too many attempts, no prompt possible now
        case -5, -7:  // no passcode set, no face or finger enrolled
            if case .signing = doing { return .Invalidated }
            return .Unsupported
        case -6:  // biometrics cannot be used: not there, or this app is not allowed to
            if case .making = doing { return .Unsupported }
            return .Locked
        default: return failed
        }
    }

    private func tokenError(_ doing: Doing) -> KeyError {
        switch code {
        case -4: return .Cancelled  // TKErrorCodeCanceledByUser
        case -9: return .Locked  // TKErrorCodeAuthenticationNeeded
        case -5:  // TKErrorCodeAuthenticationFailed
            if case .signing(enrolmentChanged: true) = doing { return .Invalidated }
            return .Locked
        case -3, -6, -7:  // TKErrorCodeCorruptedData, ObjectNotFound, TokenNotFound: the Secure Enclave takes the key no more
            if case .signing = doing { return .Invalidated }
            return failed
        case -1: return .Unsupported  // TKErrorCodeNotImplemented
        default: return failed
        }
    }

    private var failed: KeyError { .Failed(detail: "\(domain) \(code)") }
}

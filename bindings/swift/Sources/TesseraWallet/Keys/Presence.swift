/// How a key asks for the citizen, in the words of the platform's access control.
enum Presence: String, Codable, Sendable {
    /// Not at all.
    case none
    /// Face or finger, as enrolled when the key was made: a new enrolment ends the key.
    case currentBiometrics
    /// Face, finger or the device's passcode.
    case biometricsOrPasscode
}

/// What the citizen can prove presence with on this device, now.
struct DeviceLock: Sendable {
    /// A face or finger is enrolled, and this app may ask for it.
    var biometrics: Bool
    /// A passcode is set.
    var passcode: Bool
}

extension UserAuthentication {
    /// The presence a new key asks for.
    ///
    /// `everyUse` is bound to the enrolled faces and fingers; where none is enrolled to the passcode. `validFor` takes either,
    /// for it is the session that counts there.
    ///
    /// - Parameter biometricsOnly: never the passcode.
    /// - Throws: ``TesseraWalletCore/KeyError/Unsupported`` where this device has no such lock.
    func presence(on lock: DeviceLock, biometricsOnly: Bool) throws -> Presence {
        switch self {
        case .none: return .none
        case .everyUse:
            if lock.biometrics { return .currentBiometrics }
        case .validFor:
            if lock.biometrics && biometricsOnly { return .currentBiometrics }
        }
        guard lock.passcode, !biometricsOnly else { throw KeyError.Unsupported }
        return .biometricsOrPasscode
    }

    /// How long one proof of presence serves, in seconds.
    var reuseSeconds: UInt32 {
        switch self {
        case .none, .everyUse: return 0
        case .validFor(let seconds): return seconds
        }
    }
}

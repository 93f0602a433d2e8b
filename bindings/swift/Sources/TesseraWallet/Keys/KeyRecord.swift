import Foundation

/// What is written down beside a key, readable without the citizen: the key itself answers nothing while it is locked.
/// A record without its key tells that the device threw the key away.
struct KeyRecord: Codable, Equatable, Sendable {
    /// Names of the algorithms as they are stored.
    enum Algorithm: String, Codable, Sendable {
        case es256, rs256
    }

    var algorithm: Algorithm
    var place: KeyPlace
    var presence: Presence
    /// How long one proof of presence serves; 0 for every use.
    var reuseSeconds: UInt32
    /// As the Security framework exports it.
    var publicKey: Data
    /// Stands for the faces and fingers enrolled when the key was made; nothing where the key does not depend on them.
    var enrolment: Data?

    var userAuthentication: UserAuthentication {
        switch presence {
        case .none: return .none
        case .currentBiometrics, .biometricsOrPasscode:
            return reuseSeconds == 0 ? .everyUse : .validFor(seconds: reuseSeconds)
        }
    }

    var keyAlgorithm: KeyAlgorithm {
        switch algorithm {
        case .es256: return .es256
        case .rs256: return .rs256
        }
    }

    /// What the wallet is told of the key.
    func info(alias: String) throws -> KeyInfo {
        KeyInfo(
            alias: alias, algorithm: keyAlgorithm,
            publicKey: try DevicePublicKey(exported: publicKey, algorithm: keyAlgorithm),
            securityLevel: place.securityLevel, userAuthentication: userAuthentication)
    }

    /// Whether other faces or fingers are enrolled now. What is not known counts as unchanged: a key is called gone for
    /// good only where that is certain.
    func enrolmentChanged(now: Data?) -> Bool {
        guard let enrolment, let now else { return false }
        return enrolment != now
    }
}

extension KeyRecord.Algorithm {
    init(_ algorithm: KeyAlgorithm) {
        switch algorithm {
        case .es256: self = .es256
        case .rs256: self = .rs256
        }
    }
}

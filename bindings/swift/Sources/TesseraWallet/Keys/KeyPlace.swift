/// Where a key of this phone can live.
enum KeyPlace: String, Codable, Sendable {
    /// In the Secure Enclave, which makes P-256 keys and no others.
    case secureEnclave
    /// In the Keychain: encrypted by the system, used by its processor.
    case keychain

    /// What may be claimed of such a key, never more.
    var securityLevel: KeySecurityLevel {
        switch self {
        case .secureEnclave: return .secureElement
        case .keychain: return .software
        }
    }
}

extension SecurityLevelRule {
    /// The places to try for a new key, in order. Where one cannot make the key, the next one is tried.
    ///
    /// `require` leaves out what is too weak; `prefer` ends with the Keychain, whose keys say `software`. A rule that asks
    /// for `software` alone is met by the Keychain where preferred, and by the strongest place there is where required:
    /// required is the lowest level accepted.
    ///
    /// - Parameters:
    ///   - algorithm: RSA keys live in the Keychain only.
    ///   - enclave: whether this device has a Secure Enclave.
    /// - Throws: ``TesseraWalletCore/KeyError/Unsupported`` where no place is left.
    func places(for algorithm: KeyAlgorithm, enclave: Bool) throws -> [KeyPlace] {
        let able: [KeyPlace] = enclave && algorithm == .es256 ? [.secureEnclave, .keychain] : [.keychain]
        let chosen: [KeyPlace]
        switch self {
        case .require(let level): chosen = able.filter { $0.securityLevel.rank >= level.rank }
        case .prefer(.software): chosen = able.filter { $0 == .keychain }
        case .prefer: chosen = able
        }
        guard !chosen.isEmpty else { throw KeyError.Unsupported }
        return chosen
    }
}

extension KeySecurityLevel {
    /// From weak to strong.
    fileprivate var rank: Int {
        switch self {
        case .software: return 0
        case .trustedEnvironment: return 1
        case .secureElement: return 2
        }
    }
}

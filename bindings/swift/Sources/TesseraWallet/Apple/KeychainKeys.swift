#if canImport(Security)
    import Foundation
    import LocalAuthentication
    import Security

    /// The calls of the Keychain for ``AppleDeviceKeys``: keys by tag, and beside each a record readable without the citizen.
    struct KeychainKeys: Sendable {
        /// The service of the records.
        private static let service = "org.tessera.wallet.keys"

        let accessGroup: String?

        /// Makes a key; gives its public half as the Security framework exports it.
        func makeKey(_ alias: String, algorithm: KeyAlgorithm, place: KeyPlace, presence: Presence) throws -> Data {
            var own: [String: Any] = [
                kSecAttrIsPermanent as String: true,
                kSecAttrApplicationTag as String: Data(alias.utf8),
                kSecAttrAccessControl as String: try accessControl(place: place, presence: presence),
            ]
            if let accessGroup { own[kSecAttrAccessGroup as String] = accessGroup }
            var attributes: [String: Any] = [
                kSecPrivateKeyAttrs as String: own,
                kSecUseDataProtectionKeychain as String: true,
            ]
            switch algorithm {
            case .es256:
                attributes[kSecAttrKeyType as String] = kSecAttrKeyTypeECSECPrimeRandom
                attributes[kSecAttrKeySizeInBits as String] = 256
            case .rs256:
                attributes[kSecAttrKeyType as String] = kSecAttrKeyTypeRSA
                attributes[kSecAttrKeySizeInBits as String] = 2048
            }
            if place == .secureEnclave { attributes[kSecAttrTokenID as String] = kSecAttrTokenIDSecureEnclave }
            var problem: Unmanaged<CFError>?
            guard let key = SecKeyCreateRandomKey(attributes as CFDictionary, &problem) else {
                throw keyError(problem, while: .making)
            }
            guard let open = SecKeyCopyPublicKey(key), let bytes = SecKeyCopyExternalRepresentation(open, &problem) else {
                try? deleteKey(alias)
                throw keyError(problem, while: .making)
            }
            return bytes as Data
        }

        /// Signs all messages with one proof of presence.
        func sign(_ messages: [Data], alias: String, record: KeyRecord, proof: PresenceProof?) throws -> [Data] {
            var query = keyQuery(alias)
            query[kSecReturnRef as String] = true
            if let proof { query[kSecUseAuthenticationContext as String] = proof.context }
            var found: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &found)
            // The record is there and the key is not: the device threw it away.
            if status == errSecItemNotFound { throw KeyError.Invalidated }
            guard status == errSecSuccess, let found else { throw keyError(status, while: .reading) }
            // The query asked for a reference to a key and nothing else.
            let key = found as! SecKey
            return try messages.map { message in
                var problem: Unmanaged<CFError>?
                let algorithm: SecKeyAlgorithm
                switch record.algorithm {
                case .es256: algorithm = .ecdsaSignatureMessageX962SHA256
                case .rs256: algorithm = .rsaSignatureMessagePKCS1v15SHA256
                }
                guard let made = SecKeyCreateSignature(key, algorithm, message as CFData, &problem) else {
                    let changed = record.enrolmentChanged(now: PresencePrompts.deviceLock().enrolment)
                    throw keyError(problem, while: .signing(enrolmentChanged: changed))
                }
                switch record.algorithm {
                case .es256: return try ecdsaSignatureFromDer(der: made as Data)
                case .rs256: return made as Data
                }
            }
        }

        /// Whether the key is there. The citizen is not asked.
        func hasKey(_ alias: String) throws -> Bool {
            var query = keyQuery(alias)
            query[kSecReturnAttributes as String] = true
            var found: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &found)
            if status == errSecItemNotFound { return false }
            guard status == errSecSuccess else { throw keyError(status, while: .reading) }
            return true
        }

        func deleteKey(_ alias: String) throws { try delete(keyQuery(alias)) }

        func deleteRecord(_ alias: String) throws { try delete(recordQuery(alias)) }

        /// What is written down of a key; nothing where there is no such key.
        func record(_ alias: String) throws -> KeyRecord? {
            var query = recordQuery(alias)
            query[kSecReturnData as String] = true
            var found: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &found)
            if status == errSecItemNotFound { return nil }
            guard status == errSecSuccess, let bytes = found as? Data else { throw keyError(status, while: .reading) }
            guard let record = try? JSONDecoder().decode(KeyRecord.self, from: bytes) else {
                throw KeyError.Failed(detail: "not a record of a key")
            }
            return record
        }

        func write(_ record: KeyRecord, _ alias: String) throws {
            guard let bytes = try? JSONEncoder().encode(record) else {
                throw KeyError.Failed(detail: "a record cannot be written")
            }
            var item = recordQuery(alias)
            item[kSecAttrAccessible as String] = kSecAttrAccessibleWhenUnlockedThisDeviceOnly
            item[kSecValueData as String] = bytes
            let status = SecItemAdd(item as CFDictionary, nil)
            guard status == errSecSuccess else { throw keyError(status, while: .making) }
        }

        private func delete(_ query: [String: Any]) throws {
            let status = SecItemDelete(query as CFDictionary)
            guard status == errSecSuccess || status == errSecItemNotFound else {
                throw keyError(status, while: .reading)
            }
        }

        private func keyQuery(_ alias: String) -> [String: Any] {
            var query = common(kSecClassKey)
            query[kSecAttrApplicationTag as String] = Data(alias.utf8)
            query[kSecAttrKeyClass as String] = kSecAttrKeyClassPrivate
            return query
        }

        private func recordQuery(_ alias: String) -> [String: Any] {
            var query = common(kSecClassGenericPassword)
            query[kSecAttrService as String] = Self.service
            query[kSecAttrAccount as String] = alias
            return query
        }

        private func common(_ itemClass: CFString) -> [String: Any] {
            var query: [String: Any] = [
                kSecClass as String: itemClass, kSecUseDataProtectionKeychain as String: true,
            ]
            if let accessGroup { query[kSecAttrAccessGroup as String] = accessGroup }
            return query
        }
    }

    /// The access control of a key. Keys that ask for the citizen go with the passcode: without one they are worth nothing.
    func accessControl(place: KeyPlace, presence: Presence) throws -> SecAccessControl {
        var flags: SecAccessControlCreateFlags = place == .secureEnclave ? [.privateKeyUsage] : []
        switch presence {
        case .none: break
        case .currentBiometrics: flags.insert(.biometryCurrentSet)
        case .biometricsOrPasscode: flags.insert(.userPresence)
        }
        let accessible =
            presence == .none
            ? kSecAttrAccessibleWhenUnlockedThisDeviceOnly : kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly
        var problem: Unmanaged<CFError>?
        guard let made = SecAccessControlCreateWithFlags(nil, accessible, flags, &problem) else {
            throw keyError(problem, while: .making)
        }
        return made
    }

    func keyError(_ status: OSStatus, while doing: PlatformError.Doing) -> KeyError {
        PlatformError(domain: PlatformError.keychain, code: Int(status)).keyError(while: doing)
    }

    private func keyError(_ problem: Unmanaged<CFError>?, while doing: PlatformError.Doing) -> KeyError {
        guard let problem else { return .Failed(detail: "no reason given") }
        return keyError(problem.takeRetainedValue() as any Error, while: doing)
    }

    func keyError(_ error: any Error, while doing: PlatformError.Doing) -> KeyError {
        let error = error as NSError
        return PlatformError(domain: error.domain, code: error.code).keyError(while: doing)
    }
#endif

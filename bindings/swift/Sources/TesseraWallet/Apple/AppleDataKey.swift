#if canImport(Security)
    import CryptoKit
    import Foundation
    import Security

    /// Wraps the store's key with AES-256-GCM under a key in the Keychain that this device alone can read, while it is
    /// unlocked (`kSecAttrAccessibleWhenUnlockedThisDeviceOnly`): in no backup, on no other device.
    ///
    /// The wallet opens only while the device is unlocked; ``TesseraWalletCore/KeyError/Locked`` otherwise.
    public final class AppleDataKey: DataKeyWrap {
        private static let service = "org.tessera.wallet.store"

        private let name: String
        private let accessGroup: String?

        /// - Parameters:
        ///   - name: names the key, for an app with several stores.
        ///   - accessGroup: the Keychain access group, where several apps share it.
        public init(name: String = "data-key", accessGroup: String? = nil) {
            self.name = name
            self.accessGroup = accessGroup
        }

        public func wrapKey(plain: Data) async throws -> Data {
            try await onQueue {
                let key = try self.stored() ?? self.made()
                guard let sealed = try? AES.GCM.seal(plain, using: key).combined else {
                    throw KeyError.Failed(detail: "the store's key cannot be sealed")
                }
                return sealed
            }
        }

        public func unwrapKey(wrapped: Data) async throws -> Data {
            try await onQueue {
                guard let key = try self.stored() else { throw KeyError.Invalidated }
                guard let box = try? AES.GCM.SealedBox(combined: wrapped), let plain = try? AES.GCM.open(box, using: key)
                else { throw KeyError.Failed(detail: "the store's key cannot be opened") }
                return plain
            }
        }

        /// Deletes the key: the store it wraps can be read by nobody again. For an app that resets itself.
        public func delete() async throws {
            try await onQueue {
                let status = SecItemDelete(self.query() as CFDictionary)
                guard status == errSecSuccess || status == errSecItemNotFound else {
                    throw keyError(status, while: .reading)
                }
            }
        }

        private func stored() throws -> SymmetricKey? {
            var query = query()
            query[kSecReturnData as String] = true
            var found: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &found)
            if status == errSecItemNotFound { return nil }
            guard status == errSecSuccess, let bytes = found as? Data else { throw keyError(status, while: .reading) }
            return SymmetricKey(data: bytes)
        }

        private func made() throws -> SymmetricKey {
            let key = SymmetricKey(size: .bits256)
            var item = query()
            item[kSecAttrAccessible as String] = kSecAttrAccessibleWhenUnlockedThisDeviceOnly
            item[kSecValueData as String] = key.withUnsafeBytes { Data($0) }
            let status = SecItemAdd(item as CFDictionary, nil)
            guard status == errSecSuccess else { throw keyError(status, while: .making) }
            return key
        }

        private func query() -> [String: Any] {
            var query: [String: Any] = [
                kSecClass as String: kSecClassGenericPassword,
                kSecAttrService as String: Self.service,
                kSecAttrAccount as String: name,
                kSecUseDataProtectionKeychain as String: true,
            ]
            if let accessGroup { query[kSecAttrAccessGroup as String] = accessGroup }
            return query
        }
    }
#endif

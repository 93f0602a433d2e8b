#if canImport(Security)
    import CryptoKit
    import Foundation
    import Security

    /// Keys in the Secure Enclave, and in the Keychain where that is allowed and needed.
    ///
    /// | asked for | what is made |
    /// | --- | --- |
    /// | `require(secureElement)`, `require(trustedEnvironment)` | a key in the Secure Enclave, else ``TesseraWalletCore/KeyError/Unsupported`` |
    /// | `prefer(…)` | the same, else a key in the Keychain, which says `software` |
    /// | `prefer(software)`, RS256 | a key in the Keychain |
    /// | `UserAuthentication.none` | usable while the device is unlocked |
    /// | `.everyUse` | one prompt per signature or batch, for the faces and fingers enrolled now; a new enrolment ends the key |
    /// | `.validFor(seconds)` | one prompt, good for that long in this process; face, finger or passcode |
    ///
    /// Nothing leaves this device, not by backup either. An alias is a record and a key in the Keychain: where the record is
    /// there and the key is not, the device threw it away (passcode removed), and the key is ``TesseraWalletCore/KeyError/Invalidated``.
    public final class AppleDeviceKeys: DeviceKeys {
        private let keychain: KeychainKeys
        private let presence: PresencePrompts
        private let biometricsOnly: Bool

        /// - Parameters:
        ///   - accessGroup: the Keychain access group, where several apps share the keys.
        ///   - biometricsOnly: never take the passcode instead of a face or finger. Keys that ask for the citizen are then
        ///     ``TesseraWalletCore/KeyError/Unsupported`` where none is enrolled.
        ///   - reason: the sentence of the prompt, in the citizen's language. It is shown after the app's name.
        public init(
            accessGroup: String? = nil, biometricsOnly: Bool = false,
            reason: @escaping @Sendable (SigningPrompt) -> String = { $0.englishReason }
        ) {
            keychain = KeychainKeys(accessGroup: accessGroup)
            presence = PresencePrompts(reason: reason)
            self.biometricsOnly = biometricsOnly
        }

        public func create(alias: String, options: KeyOptions) async throws -> KeyInfo {
            let places = try options.securityLevel.places(
                for: options.algorithm, enclave: SecureEnclave.isAvailable)
            let (lock, enrolment) = PresencePrompts.deviceLock()
            let asked = try options.userAuthentication.presence(on: lock, biometricsOnly: biometricsOnly)
            return try await onQueue { [keychain] in
                guard try keychain.record(alias) == nil else { throw KeyError.AlreadyExists }
                // A key without a record is of an app that was killed between the two.
                try keychain.deleteKey(alias)
                var refused: any Error = KeyError.Unsupported
                for place in places {
                    do {
                        let key = try keychain.makeKey(
                            alias, algorithm: options.algorithm, place: place, presence: asked)
                        let record = KeyRecord(
                            algorithm: .init(options.algorithm), place: place, presence: asked,
                            reuseSeconds: options.userAuthentication.reuseSeconds, publicKey: key,
                            enrolment: asked == .currentBiometrics ? enrolment : nil)
                        do {
                            try keychain.write(record, alias)
                            return try record.info(alias: alias)
                        } catch {
                            try? keychain.deleteKey(alias)
                            throw error
                        }
                    } catch KeyError.Unsupported {
                        refused = KeyError.Unsupported
                    } catch let error as KeyError {
                        // A locked device is no reason for a weaker key.
                        if case .Failed = error { refused = error } else { throw error }
                    }
                }
                throw refused
            }
        }

        public func info(alias: String) async throws -> KeyInfo {
            try await onQueue { [keychain] in
                guard let record = try keychain.record(alias) else { throw KeyError.NotFound }
                guard try keychain.hasKey(alias) else { throw KeyError.Invalidated }
                return try record.info(alias: alias)
            }
        }

        public func attest(alias: String, clientDataHash: Data) async throws -> KeyAttestation {
            guard try await onQueue({ [keychain] in try keychain.record(alias) }) != nil else { throw KeyError.NotFound }
            return try await appAttestation(clientDataHash: clientDataHash)
        }

        public func sign(alias: String, message: Data, prompt: SigningPrompt) async throws -> Data {
            let signatures = try await signBatch(alias: alias, messages: [message], prompt: prompt)
            guard let signature = signatures.first else { throw KeyError.Failed(detail: "no signature") }
            return signature
        }

        public func signBatch(alias: String, messages: [Data], prompt: SigningPrompt) async throws -> [Data] {
            guard let record = try await onQueue({ [keychain] in try keychain.record(alias) }) else {
                throw KeyError.NotFound
            }
            let proof = try await presence.proof(for: record, alias: alias, prompt: prompt)
            return try await withTaskCancellationHandler {
                do {
                    return try await onQueue { [keychain] in
                        try keychain.sign(messages, alias: alias, record: record, proof: proof)
                    }
                } catch {
                    // A proof that led to nothing is not kept.
                    presence.forget(alias)
                    throw error
                }
            } onCancel: {
                proof?.invalidate()
            }
        }

        public func delete(alias: String) async throws {
            presence.forget(alias)
            try await onQueue { [keychain] in
                try keychain.deleteKey(alias)
                try keychain.deleteRecord(alias)
            }
        }
    }

    /// Calls of the Keychain block, and may wait for the citizen: they run on threads of their own.
    func onQueue<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                continuation.resume(with: Result(catching: work))
            }
        }
    }
#endif

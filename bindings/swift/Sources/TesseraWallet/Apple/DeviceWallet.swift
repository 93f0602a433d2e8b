#if canImport(Security)
    import Foundation

    /// Opens the wallet with all parts of the platform: keys in the Secure Enclave, the store's key in the Keychain, HTTP by
    /// `URLSession`, the system's log.
    ///
    /// The store lies in `Application Support/TesseraWallet`, which is left out of backups: a copy of it opens on no other
    /// device.
    ///
    /// - Parameters:
    ///   - languages: for names of relying parties, best first; the citizen's own by default.
    ///   - credentialIssuers: issuers whose credentials count as verified.
    ///   - pins: the public keys expected of servers.
    ///   - allowLoopbackHttp: also plain `http` to the own machine: for a simulator beside a demo, never in an app that is given
    ///     away.
    ///   - reason: the sentence of the prompt, in the citizen's language.
    /// - Throws: ``TesseraWalletCore/WalletError`` as ``TesseraWalletCore/Wallet/open(config:ports:)``, and `storeFailed` where the
    ///   folder cannot be made.
    public func openDeviceWallet(
        languages: [String] = Locale.preferredLanguages, credentialIssuers: [CredentialIssuer] = [], pins: KeyPins? = nil,
        allowLoopbackHttp: Bool = false,
        reason: @escaping @Sendable (SigningPrompt) -> String = { $0.englishReason }
    ) async throws -> Wallet {
        let ports = WalletPorts(
            keys: AppleDeviceKeys(reason: reason), transport: URLSessionTransport(pins: pins), dataKey: AppleDataKey(),
            log: SystemLog(subsystem: Bundle.main.bundleIdentifier ?? "org.tessera.wallet"), clock: nil)
        let config = WalletConfig.at(
            try storeFile().path, languages: languages, credentialIssuers: credentialIssuers,
            allowLoopbackHttp: allowLoopbackHttp)
        return try await Wallet.open(config: config, ports: ports)
    }

    private func storeFile() throws -> URL {
        do {
            let support = try FileManager.default.url(
                for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
            var folder = support.appendingPathComponent("TesseraWallet", isDirectory: true)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            var notBackedUp = URLResourceValues()
            notBackedUp.isExcludedFromBackup = true
            try folder.setResourceValues(notBackedUp)
            return folder.appendingPathComponent("wallet.redb")
        } catch {
            throw WalletError(.storeFailed, .later)
        }
    }
#endif

extension WalletConfig {
    /// The usual set-up: log of 400 days, 20 seconds for a request, `https` only.
    ///
    /// - Parameters:
    ///   - storePath: a file in a folder that is not backed up; made where it is not there.
    ///   - languages: for names of relying parties, best first (`eng`, `fra`; also BCP 47).
    ///   - credentialIssuers: issuers whose credentials count as verified.
    public static func at(
        _ storePath: String, languages: [String] = [], credentialIssuers: [CredentialIssuer] = []
    ) -> WalletConfig {
        WalletConfig(
            storePath: storePath, languages: languages, activityDays: 400, requestTimeoutMs: 20_000,
            allowLoopbackHttp: false, credentialIssuers: credentialIssuers)
    }
}

extension Wallet {
    /// Runs calls of the wallet away from the thread that draws: `try await wallet.inBackground { try $0.receipts() }`.
    ///
    /// The plain calls of ``TesseraWalletCore/Wallet`` read the store where they are called. Those that are `async` move away by
    /// themselves.
    public func inBackground<Value: Sendable>(
        _ call: @escaping @Sendable (Wallet) async throws -> Value
    ) async rethrows -> Value {
        try await call(self)
    }
}

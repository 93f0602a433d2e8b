extension WalletConfig {
    /// The usual set-up: log of 400 days, 20 seconds for a request, `https` only.
    ///
    /// - Parameters:
    ///   - storePath: a file in a folder that is not backed up; made where it is not there.
    ///   - languages: for names of relying parties, best first (`eng`, `fra`; also BCP 47).
    ///   - credentialIssuers: issuers whose credentials count as verified.
    ///   - allowLoopbackHttp: also plain `http` to the own machine: for tests and demos, never in an app that is given away.
    public static func at(
        _ storePath: String, languages: [String] = [], credentialIssuers: [CredentialIssuer] = [],
        allowLoopbackHttp: Bool = false
    ) -> WalletConfig {
        WalletConfig(
            storePath: storePath, languages: languages, activityDays: 400, requestTimeoutMs: 20_000,
            allowLoopbackHttp: allowLoopbackHttp, credentialIssuers: credentialIssuers)
    }
}

extension Wallet {
    /// Runs calls of the wallet away from the thread that draws: `try await wallet.inBackground { try $0.receipts() }`.
    ///
    /// The plain calls of ``TesseraWalletCore/Wallet`` read the store where they are called. Those that are `async` move away by
    /// themselves, but wait for the server also where their task is cancelled. Called in here they do not: the task gets the
    /// error `cancelled` at once. The call itself goes on until the server has answered or the time for a request is over,
    /// and what it yields is dropped: a phone that was to be revoked may be revoked.
    ///
    /// - Throws: what the calls throw; ``TesseraWalletCore/WalletError`` `cancelled` where the task is cancelled.
    public func inBackground<Value: Sendable>(
        _ call: @escaping @Sendable (Wallet) async throws -> Value
    ) async throws -> Value {
        try await letGoWhenCancelled { try await call(self) }
    }
}

/// What came of a scanned text.
public enum LoginStart: Sendable {
    /// A login to review.
    case started(login: LoginFlow)
    /// Several bindings can serve it: let the citizen choose, then call
    /// ``TesseraWalletCore/Wallet/startLogin(_:bindingId:)`` with the binding's id.
    case chooseBinding(bindings: [Binding])
    /// The wallet is not bound to this server, or not any more.
    case bindFirst(error: WalletError)
    /// No login link, or one that was used or is too old: scan the next one.
    case scanAgain(error: WalletError)
    /// Anything else; ``TesseraWalletCore/WalletError/nextStep`` says what to do.
    case failed(error: WalletError)
}

extension Wallet {
    /// Takes the code of what was scanned: from then on this wallet alone can approve that login. Nothing is sent to a server
    /// that the wallet is not bound to.
    ///
    /// A task that is cancelled gets ``TesseraWallet/LoginStart/failed(error:)`` at once, and the login is ended here.
    ///
    /// - Parameters:
    ///   - scanned: what the camera read, or the link that opened the app.
    ///   - bindingId: needed where several bindings can serve; ``TesseraWallet/LoginStart/chooseBinding(bindings:)`` says so.
    public func startLogin(_ scanned: String, bindingId: String? = nil) async -> LoginStart {
        do {
            let session = try await letGoWhenCancelled(
                { try await self.beginLogin(scanned: scanned, bindingId: bindingId) }, leftBehind: { try? $0.cancel() })
            return .started(login: try LoginFlow(session))
        } catch {
            let error = WalletError(caught: error)
            switch error.nextStep {
            case .chooseBinding:
                do { return .chooseBinding(bindings: try bindingsFor(scanned: scanned)) } catch {
                    return .failed(error: WalletError(caught: error))
                }
            case .scanAgain: return .scanAgain(error: error)
            case .bind: return .bindFirst(error: error)
            default: return .failed(error: error)
            }
        }
    }

    /// Goes on with a login of the unfinished sessions.
    ///
    /// - Throws: ``TesseraWalletCore/WalletError`` `invalidInput` where there is none, `notBound` where its binding is gone, and
    ///   those of the store.
    public func continueLogin(_ sessionId: String) async throws -> LoginFlow {
        try LoginFlow(resumeLogin(sessionId: sessionId))
    }
}

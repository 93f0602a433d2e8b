import TesseraWallet

/// What a screen tells of a call that failed: a text by its name, and what the citizen can do next.
public struct Trouble: Equatable, Sendable {
    /// The code of the wallet; nothing where the failure is not the wallet's.
    public let code: ErrorCode?
    /// Names the text.
    public let message: Message
    /// What can be done next.
    public let next: NextStep

    /// The trouble of a code.
    public init(_ code: ErrorCode) {
        self.init(code: code, message: Message(of: code), next: code.nextStep)
    }

    /// The trouble behind an error. Errors that are not the wallet's are told without their text, which may hold anything.
    public init(_ error: any Error) {
        if let error = error as? WalletError {
            self.init(error.code)
        } else {
            self.init(code: nil, message: Message("error.other"), next: .report)
        }
    }

    private init(code: ErrorCode?, message: Message, next: NextStep) {
        self.code = code
        self.message = message
        self.next = next
    }
}

import TesseraWallet

/// What a sample of the documentation may speak of without saying where it comes from.
struct Given {
    /// An open wallet.
    let wallet: Wallet
    /// What the camera read, or a link that opened the app.
    let scanned: String
    /// What the citizen typed.
    let otp: String
    /// Names of the voluntary claims that the citizen chose.
    let chosen: [String]
    /// Draws a state of a login.
    let show: @Sendable (LoginState) -> Void
}

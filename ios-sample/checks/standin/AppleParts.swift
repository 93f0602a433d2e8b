// What the wallet's package has on Apple's platforms only, as its sources declare it; parts.py holds this against them.
import Foundation
import TesseraWallet

public func openDeviceWallet(
    languages: [String] = Locale.preferredLanguages, credentialIssuers: [CredentialIssuer] = [], pins: KeyPins? = nil,
    allowLoopbackHttp: Bool = false,
    reason: @escaping @Sendable (SigningPrompt) -> String = { $0.englishReason }
) async throws -> Wallet { fatalError() }

// Foundation for Linux has no look-up in string catalogs.
extension String {
    public struct LocalizationValue: ExpressibleByStringInterpolation {
        public init(stringLiteral value: String) {}
    }

    public init(localized key: LocalizationValue) { self = "" }
}

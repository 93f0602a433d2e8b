import Foundation

/// The public keys that an app expects of a host: SHA-256 of the SubjectPublicKeyInfo, as base64 (`RFC 7469 §2.4`).
///
/// A host that is not named is held to the system's rules only. Name a second key that lies in a safe, so that the first can
/// be changed. `openssl x509 -in server.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64`
/// tells the pin of a certificate.
public struct KeyPins: Sendable, Equatable {
    private let pins: [String: Set<Data>]

    /// - Parameter pins: by host name, the pins of which one must be met by a certificate of its chain.
    /// - Throws: ``NotAPin`` where a text is not 32 bytes in base64, or a host has none.
    public init(_ pins: [String: [String]]) throws {
        var checked: [String: Set<Data>] = [:]
        for (host, texts) in pins {
            let hashes = texts.compactMap { Data(base64Encoded: $0) }.filter { $0.count == 32 }
            guard hashes.count == texts.count, !texts.isEmpty else { throw NotAPin() }
            checked[host.lowercased()] = Set(hashes)
        }
        self.pins = checked
    }

    /// A text is no pin: a mistake of the app.
    public struct NotAPin: Error {}

    /// Whether a chain that the system trusts is trusted for this host too.
    ///
    /// - Parameter hashes: SHA-256 of the SubjectPublicKeyInfo of each certificate of the chain.
    func allow(_ host: String, hashes: [Data]) -> Bool {
        guard let expected = pins[host.lowercased()] else { return true }
        return hashes.contains(where: expected.contains)
    }
}

import Foundation

extension DevicePublicKey {
    /// A public key in the form the Security framework exports: `04 || x || y` for P-256 (`SEC 1 §2.3.3`), PKCS #1 for RSA
    /// (`RFC 8017 §A.1.1`).
    ///
    /// - Throws: ``TesseraWalletCore/KeyError/Failed(detail:)`` where the bytes are no such key.
    init(exported bytes: Data, algorithm: KeyAlgorithm) throws {
        switch algorithm {
        case .es256:
            let bytes = [UInt8](bytes)
            guard bytes.count == 65, bytes[0] == 4 else { throw KeyError.Failed(detail: "not a point on P-256") }
            self = .p256(x: Data(bytes[1..<33]), y: Data(bytes[33..<65]))
        case .rs256:
            var outer = DerReader(bytes)
            var numbers = DerReader(outer.content(of: DerReader.sequence) ?? Data())
            guard outer.nextTag == nil, let n = numbers.content(of: DerReader.integer),
                let e = numbers.content(of: DerReader.integer), numbers.nextTag == nil
            else { throw KeyError.Failed(detail: "not an RSA key") }
            self = .rsa(n: n, e: e)
        }
    }
}

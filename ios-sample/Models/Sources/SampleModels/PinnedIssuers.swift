import Foundation
import TesseraWallet

/// The issuers an app vouches for, from the file `CredentialIssuers.json` that comes with it. Nothing about issuers is learnt
/// from credentials or the network.
public enum PinnedIssuers {
    /// The file is not what ``read(_:)`` reads: a mistake of the app's developer.
    public struct NotReadable: Error {}

    /// Those that came with the app.
    public static func shipped(in app: Bundle = .main) throws -> [CredentialIssuer] {
        guard let file = app.url(forResource: "CredentialIssuers", withExtension: "json") else { throw NotReadable() }
        return try read(try Data(contentsOf: file))
    }

    /// Reads `[{"issuer": "…", "name": "…", "keys": [JWK, …], "certificates": ["base64 of DER", …]}, …]`; `keys` and
    /// `certificates` may be left out.
    public static func read(_ json: Data) throws -> [CredentialIssuer] {
        guard let listed = try? JSONSerialization.jsonObject(with: json) as? [[String: Any]] else { throw NotReadable() }
        return try listed.map(issuer)
    }

    private static func issuer(_ listed: [String: Any]) throws -> CredentialIssuer {
        guard let issuer = listed["issuer"] as? String, let name = listed["name"] as? String,
            let keys = (listed["keys"] ?? []) as? [[String: Any]],
            let certificates = (listed["certificates"] ?? []) as? [String]
        else { throw NotReadable() }
        return CredentialIssuer(
            issuer: issuer, name: name,
            keys: try keys.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) },
            certificates: try certificates.map { text in
                guard let certificate = Data(base64Encoded: text) else { throw NotReadable() }
                return certificate
            })
    }
}

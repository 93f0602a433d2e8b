#if canImport(Security)
    import CryptoKit
    import Foundation
    import Security

    extension KeyPins {
        /// Whether a server is trusted: by the system's rules first, then by the pins of its host.
        func allow(_ trust: SecTrust, of host: String) -> Bool {
            guard SecTrustEvaluateWithError(trust, nil) else { return false }
            let chain = SecTrustCopyCertificateChain(trust) as? [SecCertificate] ?? []
            let keys = chain.compactMap { subjectPublicKeyInfo(ofCertificate: SecCertificateCopyData($0) as Data) }
            return allow(host, hashes: keys.map { Data(SHA256.hash(data: $0)) })
        }
    }
#endif

#if canImport(Security)
    import DeviceCheck
    import Foundation

    /// Apple's word that this is the genuine app on a genuine device, over a hash that stands for the server's challenge and
    /// the key to be bound (`docs/attestation.md`). App Attest attests a key of its own, a new one each time; its id stands
    /// in the statement and is not kept.
    ///
    /// Needs a connection to Apple. ``TesseraWalletCore/KeyError/Unsupported`` in simulators, most app extensions, and on devices without it.
    func appAttestation(clientDataHash: Data) async throws -> KeyAttestation {
        let service = DCAppAttestService.shared
        guard service.isSupported else { throw KeyError.Unsupported }
        do {
            let key = try await service.generateKey()
            let statement = try await service.attestKey(key, clientDataHash: clientDataHash)
            return KeyAttestation(format: "apple-appattest", certificates: [], statement: statement)
        } catch {
            throw keyError(error, while: .making)
        }
    }
#endif

import Foundation
import SampleModels
import TesseraWallet
import Testing

/// Credentials and their way to another phone. The credentials are vectors of the Claim 169 project.
@MainActor @Suite(.serialized, .timeLimit(.minutes(10)))
struct CredentialTests {
    /// In the time of the vectors.
    private let then = Date(timeIntervalSince1970: 1_750_000_000)

    private struct Vector: Decodable {
        struct Key: Decodable { let public_key_hex: String }
        let qr_data: String
        let signing_key: Key?
    }

    private func vector(_ name: String) throws -> Vector {
        let file = repository.appendingPathComponent("protocol/tests/vectors/claim169/valid/\(name).json")
        return try JSONDecoder().decode(Vector.self, from: try Data(contentsOf: file))
    }

    /// The vectors' issuer, pinned with the key of one of them.
    private func issuer(of vector: Vector) throws -> CredentialIssuer {
        let hex = try #require(vector.signing_key?.public_key_hex)
        let bytes = stride(from: 0, to: hex.count, by: 2).compactMap { place -> UInt8? in
            let start = hex.index(hex.startIndex, offsetBy: place)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)
        }
        try #require(bytes.count == 65 && bytes[0] == 4)
        let key = ["kty": "EC", "crv": "P-256", "x": base64url(bytes[1...32]), "y": base64url(bytes[33...64])]
        let jwk = String(decoding: try JSONEncoder().encode(key), as: UTF8.self)
        return CredentialIssuer(
            issuer: "https://mosip.example.org", name: "National register", keys: [jwk], certificates: [])
    }

    private func base64url(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    @Test func aCredentialIsScannedShownAndDeleted() async throws {
        let signed = try vector("ecdsa-p256-signed")
        let phone = try await Phone(trusting: [issuer(of: signed)], at: then)
        let model = try await phone.home().credentials
        phone.network.now(.offline)
        await model.load()
        #expect(model.credentials.isEmpty)
        model.beginAdding()
        await model.saw("https://example.org/menu")
        #expect(model.work.trouble == Trouble(.invalidCredential))
        await model.saw(signed.qr_data)
        #expect(model.work.trouble == nil)
        let added = try #require(model.added)
        #expect(added.title == "ECDSA Test Person")
        #expect(added.issuerName == "National register")
        #expect(added.verification == .verified)
        #expect(model.credentials.map(\.id) == [added.id])
        let details = try #require(await model.details(added.id))
        #expect(details.claims.contains { $0.name == "full_name" && $0.value == "ECDSA Test Person" })
        #expect(details.claims.allSatisfy { Message(ofClaim: $0.name) != nil })
        await model.delete(added.id)
        #expect(model.credentials.isEmpty)
        #expect(await model.details(added.id) == nil)
    }

    @Test func anIssuerOfTheAppsListIsBelieved() async throws {
        let signed = try vector("ecdsa-p256-signed")
        let pinned = try issuer(of: signed)
        let list = #"[{"issuer": "\#(pinned.issuer)", "name": "Register", "keys": [\#(pinned.keys[0])]}]"#
        let phone = try await Phone(trusting: try PinnedIssuers.read(Data(list.utf8)), at: then)
        let model = try await phone.home().credentials
        model.beginAdding()
        await model.saw(signed.qr_data)
        #expect(model.added?.verification == .verified)
        #expect(model.added?.issuerName == "Register")
    }

    @Test func theListOfTheSampleIsEmptyAndABrokenOneIsNotTakenForOne() throws {
        let shipped = repository.appendingPathComponent("ios-sample/App/CredentialIssuers.json")
        #expect(try PinnedIssuers.read(try Data(contentsOf: shipped)).isEmpty)
        let read = try PinnedIssuers.read(Data(#"[{"issuer": "a", "name": "b", "certificates": ["MAA="]}]"#.utf8))
        #expect(read.map(\.certificates) == [[Data([0x30, 0])]])
        for wrong in [
            "", "{}", #"[{"name": "b"}]"#, #"[{"issuer": "a", "name": "b", "keys": "x"}]"#,
            #"[{"issuer": "a", "name": "b", "certificates": ["-"]}]"#,
        ] {
            #expect(throws: PinnedIssuers.NotReadable.self) { try PinnedIssuers.read(Data(wrong.utf8)) }
        }
    }

    @Test func whyACredentialDoesNotStandIsTold() async throws {
        let phone = try await Phone(at: then)
        let model = try await phone.home().credentials
        model.beginAdding()
        await model.saw(try vector("ecdsa-p256-signed").qr_data)
        let added = try #require(model.added)
        #expect(added.verification == .notVerified(doubts: [.unknownIssuer]))
    }

    @Test func aBackupMovesToAnotherPhoneWhichIsBoundAgain() async throws {
        let old = try await Phone()
        let before = try await old.boundHome()
        _ = try await old.logIn(before)
        before.credentials.beginAdding()
        await before.credentials.saw(try vector("ecdsa-p256-signed").qr_data)
        before.backup.passphrase = "too short"
        before.backup.repeated = "too short"
        #expect(!before.backup.canExport)
        before.backup.passphrase = "four plain old words"
        #expect(!before.backup.canExport)
        before.backup.repeated = "four plain old words"
        let file = try #require(await before.backup.export())
        #expect(before.backup.passphrase.isEmpty && before.backup.repeated.isEmpty)

        let new = try await Phone(old.person)
        let after = try await new.home()
        after.backup.passphrase = "four other old words"
        await after.backup.restore(file)
        #expect(after.backup.work.trouble == Trouble(.backupPassphraseWrong))
        #expect(after.backup.restored == nil)
        after.backup.passphrase = "four plain old words"
        await after.backup.restore(file)
        #expect(after.backup.restored?.credentials == 1)
        #expect(after.backup.restored?.receipts == 1)
        let open = try #require(after.backup.bindAgain.first)
        after.beginBinding(again: open)
        let binding = try #require(after.binding)
        #expect(binding.server == open.server)
        await binding.sendOtp()
        binding.otp = try await new.stand.otp(new.person)
        await binding.bind()
        #expect(binding.isBound)
        await after.endBinding()
        #expect(after.backup.bindAgain.isEmpty)
        #expect(after.isBound)
        _ = try await new.logIn(after)
    }

    @Test func whatIsNotWantedOnThisPhoneIsSkipped() async throws {
        let old = try await Phone()
        let before = try await old.boundHome()
        before.backup.passphrase = "four plain old words"
        before.backup.repeated = "four plain old words"
        let file = try #require(await before.backup.export())
        let after = try await Phone(old.person).home()
        after.backup.passphrase = "four plain old words"
        await after.backup.restore(file)
        await after.backup.skip(try #require(after.backup.bindAgain.first))
        #expect(after.backup.bindAgain.isEmpty)
    }
}

import Foundation
import XCTest

@testable import TesseraWallet

/// What Apple's key store decides: where a key lives, how it asks, what an error means. The calls of Apple's frameworks
/// around these decisions run on their devices only.
final class KeyDecisionTests: XCTestCase {
    func testAPreferredLevelFallsBackAndSaysSo() throws {
        let strong = SecurityLevelRule.prefer(level: .secureElement)
        XCTAssertEqual(try strong.places(for: .es256, enclave: true), [.secureEnclave, .keychain])
        XCTAssertEqual(try strong.places(for: .es256, enclave: false), [.keychain])
        XCTAssertEqual(
            try SecurityLevelRule.prefer(level: .trustedEnvironment).places(for: .es256, enclave: true),
            [.secureEnclave, .keychain])
        XCTAssertEqual(
            try SecurityLevelRule.prefer(level: .software).places(for: .es256, enclave: true), [.keychain])
        XCTAssertEqual(KeyPlace.keychain.securityLevel, .software)
        XCTAssertEqual(KeyPlace.secureEnclave.securityLevel, .secureElement)
    }

    func testARequiredLevelIsNeverFallenShortOf() throws {
        for level in [KeySecurityLevel.secureElement, .trustedEnvironment] {
            let rule = SecurityLevelRule.require(level: level)
            XCTAssertEqual(try rule.places(for: .es256, enclave: true), [.secureEnclave])
            XCTAssertThrowsError(try rule.places(for: .es256, enclave: false)) {
                XCTAssertEqual($0 as? KeyError, .Unsupported)
            }
            // The Secure Enclave has no RSA.
            XCTAssertThrowsError(try rule.places(for: .rs256, enclave: true))
        }
        let any = SecurityLevelRule.require(level: .software)
        XCTAssertEqual(try any.places(for: .es256, enclave: true), [.secureEnclave, .keychain])
        XCTAssertEqual(try any.places(for: .rs256, enclave: true), [.keychain])
    }

    func testAKeyAsksInTheStrictestWayTheDeviceHas() throws {
        let both = DeviceLock(biometrics: true, passcode: true)
        let passcode = DeviceLock(biometrics: false, passcode: true)
        let open = DeviceLock(biometrics: false, passcode: false)
        let timed = UserAuthentication.validFor(seconds: 30)
        for lock in [both, passcode, open] {
            XCTAssertEqual(try UserAuthentication.none.presence(on: lock, biometricsOnly: true), .none)
        }
        XCTAssertEqual(try UserAuthentication.everyUse.presence(on: both, biometricsOnly: false), .currentBiometrics)
        XCTAssertEqual(
            try UserAuthentication.everyUse.presence(on: passcode, biometricsOnly: false), .biometricsOrPasscode)
        XCTAssertEqual(try timed.presence(on: both, biometricsOnly: false), .biometricsOrPasscode)
        XCTAssertEqual(try timed.presence(on: both, biometricsOnly: true), .currentBiometrics)
        for asked in [UserAuthentication.everyUse, timed] {
            XCTAssertThrowsError(try asked.presence(on: passcode, biometricsOnly: true))
            XCTAssertThrowsError(try asked.presence(on: open, biometricsOnly: false)) {
                XCTAssertEqual($0 as? KeyError, .Unsupported)
            }
        }
    }

    func testLockedDismissedAndGoneAreToldApart() {
        let signing = PlatformError.Doing.signing(enrolmentChanged: false)
        let changed = PlatformError.Doing.signing(enrolmentChanged: true)
        let cases: [(String, Int, PlatformError.Doing, KeyError)] = [
            (PlatformError.keychain, -128, signing, .Cancelled),
            (PlatformError.keychain, -25308, signing, .Locked),
            (PlatformError.keychain, -25308, .reading, .Locked),
            (PlatformError.keychain, -25293, signing, .Locked),
            (PlatformError.keychain, -25293, changed, .Invalidated),
            (PlatformError.keychain, -25293, .making, .Unsupported),
            (PlatformError.keychain, -25299, .making, .AlreadyExists),
            (PlatformError.keychain, -25300, .reading, .NotFound),
            (PlatformError.keychain, -4, .making, .Unsupported),
            (PlatformError.authentication, -1, signing, .Locked),
            (PlatformError.authentication, -2, signing, .Cancelled),
            (PlatformError.authentication, -4, signing, .Cancelled),
            (PlatformError.authentication, -10, signing, .Cancelled),
            (PlatformError.authentication, -8, signing, .Locked),
            (PlatformError.authentication, -1004, signing, .Locked),
            (PlatformError.authentication, -5, signing, .Invalidated),
            (PlatformError.authentication, -7, signing, .Invalidated),
            (PlatformError.authentication, -7, .making, .Unsupported),
            (PlatformError.authentication, -6, signing, .Locked),
            (PlatformError.authentication, -6, .making, .Unsupported),
            (PlatformError.token, -3, signing, .Invalidated),
            (PlatformError.token, -4, signing, .Cancelled),
            (PlatformError.token, -5, signing, .Locked),
            (PlatformError.token, -5, changed, .Invalidated),
            (PlatformError.token, -9, signing, .Locked),
            (PlatformError.deviceCheck, 1, .making, .Unsupported),
            (PlatformError.deviceCheck, 4, .making, .Failed(detail: "com.apple.devicecheck.error 4")),
            ("NSCocoaErrorDomain", 4, signing, .Failed(detail: "NSCocoaErrorDomain 4")),
        ]
        for (domain, code, doing, expected) in cases {
            XCTAssertEqual(
                PlatformError(domain: domain, code: code).keyError(while: doing), expected, "\(domain) \(code) \(doing)")
        }
    }

    func testARecordTellsWhatIsKnownOfAKeyWhileItIsLocked() throws {
        let point = Data([4] + [UInt8](repeating: 7, count: 64))
        let record = KeyRecord(
            algorithm: .es256, place: .keychain, presence: .biometricsOrPasscode, reuseSeconds: 30, publicKey: point,
            enrolment: nil)
        let read = try JSONDecoder().decode(KeyRecord.self, from: JSONEncoder().encode(record))
        XCTAssertEqual(read, record)
        let info = try read.info(alias: "tessera.a")
        XCTAssertEqual(info.alias, "tessera.a")
        XCTAssertEqual(info.securityLevel, .software)
        XCTAssertEqual(info.userAuthentication, .validFor(seconds: 30))
        var always = record
        always.reuseSeconds = 0
        XCTAssertEqual(try always.info(alias: "a").userAuthentication, .everyUse)
    }

    func testAnEnrolmentCountsAsChangedOnlyWhereThatIsCertain() {
        func changed(_ then: Data?, _ now: Data?) -> Bool {
            KeyRecord(
                algorithm: .es256, place: .secureEnclave, presence: .currentBiometrics, reuseSeconds: 0,
                publicKey: Data(), enrolment: then
            ).enrolmentChanged(now: now)
        }
        XCTAssertTrue(changed(Data([1]), Data([2])))
        XCTAssertFalse(changed(Data([1]), Data([1])))
        XCTAssertFalse(changed(nil, Data([1])))
        XCTAssertFalse(changed(Data([1]), nil))
    }

    func testAProofServesAsLongAsItsKeyAllows() {
        let kept = KeptProofs<String>()
        kept.keep("a", for: "timed", seconds: 30, at: 100)
        kept.keep("b", for: "every use", seconds: 0, at: 100)
        XCTAssertEqual(kept.proof(for: "timed", at: 129.9), "a")
        XCTAssertNil(kept.proof(for: "every use", at: 100))
        XCTAssertNil(kept.proof(for: "timed", at: 130))
        XCTAssertNil(kept.proof(for: "timed", at: 129), "one that is over is gone")
        kept.keep("c", for: "timed", seconds: 30, at: 200)
        kept.forget("timed")
        XCTAssertNil(kept.proof(for: "timed", at: 201))
    }

    func testEveryPromptHasItsSentence() {
        for purpose in SigningPurpose.allCases {
            for audience in ["id.example", nil] {
                XCTAssertFalse(SigningPrompt(purpose: purpose, audience: audience).englishReason.isEmpty)
            }
        }
        XCTAssertEqual(SigningPrompt(purpose: .login, audience: "Bank").englishReason, "logs you in at Bank")
    }
}

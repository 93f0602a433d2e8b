import Foundation
import XCTest

@testable import TesseraWallet

/// Bytes in the forms that Apple's frameworks give.
final class FormTests: XCTestCase {
    func testTheKeyOfACertificateIsFoundAsItStandsThere() throws {
        XCTAssertEqual(
            subjectPublicKeyInfo(ofCertificate: try XCTUnwrap(Certificates.p256)), Certificates.p256Key)
        XCTAssertEqual(
            subjectPublicKeyInfo(ofCertificate: try XCTUnwrap(Certificates.rsa)), Certificates.rsaKey)
    }

    func testWhatIsNoCertificateHasNoKeyAndEndsNothing() throws {
        let whole = [UInt8](try XCTUnwrap(Certificates.p256))
        for length in 0..<whole.count {
            XCTAssertNil(subjectPublicKeyInfo(ofCertificate: Data(whole.prefix(length))), "\(length)")
        }
        XCTAssertNil(subjectPublicKeyInfo(ofCertificate: Data(whole + [0])))
        // Whatever one byte becomes: an answer or none, no crash.
        for at in 0..<whole.count {
            for byte: UInt8 in [0x00, 0x7F, 0x80, 0x84, 0xFF] {
                var changed = whole
                changed[at] = byte
                _ = subjectPublicKeyInfo(ofCertificate: Data(changed))
            }
        }
    }

    func testPublicKeysAreReadFromTheExportedForm() throws {
        let point = Data([4] + [UInt8](repeating: 7, count: 32) + [UInt8](repeating: 9, count: 32))
        XCTAssertEqual(
            try DevicePublicKey(exported: point, algorithm: .es256),
            .p256(x: Data(repeating: 7, count: 32), y: Data(repeating: 9, count: 32)))
        let key = try DevicePublicKey(exported: try XCTUnwrap(Certificates.rsaPkcs1), algorithm: .rs256)
        guard case .rsa(let n, let e) = key else { return XCTFail("\(key)") }
        // DER writes a zero before a high bit; the wallet takes that.
        XCTAssertEqual(n.drop { $0 == 0 }, Certificates.rsaModulus)
        XCTAssertEqual(e, Data([1, 0, 1]))
    }

    func testOtherBytesAreNoPublicKey() {
        for bytes in [Data(), Data([4]), Data(repeating: 4, count: 64), Data(repeating: 2, count: 65)] {
            XCTAssertThrowsError(try DevicePublicKey(exported: bytes, algorithm: .es256))
            XCTAssertThrowsError(try DevicePublicKey(exported: bytes, algorithm: .rs256))
        }
    }

    func testSignaturesInDerBecomeThoseOfJws() throws {
        // r with a zero before its high bit, s shorter than 32 bytes: RFC 7518 §3.4 wants both as 32.
        let r = [UInt8](repeating: 0xAA, count: 32)
        let s = [UInt8](repeating: 0x11, count: 31)
        let head: [UInt8] = [0x30, 2 + 33 + 2 + 31, 0x02, 33, 0]
        let der = Data(head + r + [0x02, 31] + s)
        XCTAssertEqual(try ecdsaSignatureFromDer(der: der), Data(r + [0] + s))
        XCTAssertThrowsError(try ecdsaSignatureFromDer(der: Data([0x30, 0])))
    }

    func testPinsHoldTheHostsTheyName() throws {
        let pins = try KeyPins(["ID.example": [Certificates.p256Pin, Certificates.rsaPin]])
        let pinned = try XCTUnwrap(Data(base64Encoded: Certificates.p256Pin))
        let other = Data(repeating: 1, count: 32)
        XCTAssertTrue(pins.allow("id.EXAMPLE", hashes: [other, pinned]))
        XCTAssertFalse(pins.allow("id.example", hashes: [other]))
        XCTAssertFalse(pins.allow("id.example", hashes: []))
        XCTAssertTrue(pins.allow("elsewhere.example", hashes: [other]))
        for wrong in [[], ["MARKER"], [Certificates.p256Pin, "AAAA"]] {
            XCTAssertThrowsError(try KeyPins(["id.example": wrong])) { XCTAssertFalse("\($0)".contains("MARKER")) }
        }
    }
}

import Foundation
import TesseraWallet
import XCTest

/// What crosses the border between Swift and Rust, without a server.
final class WalletTests: XCTestCase {
    func testAWalletOpensTwiceInARowButNotAtOnceAndRemembers() async throws {
        let folder = try temporaryFolder()
        do {
            let wallet = try await openWallet(in: folder)
            let session = try wallet.beginBinding(request: bindingRequest(origin: "https://id.example", individualId: "1"))
            XCTAssertEqual(try session.stage(), .started)
            let inUse = await codeOf { try await openWallet(in: folder) }
            XCTAssertEqual(inUse, .storeInUse)
        }
        let wallet = try await openWallet(in: folder)
        let unfinished = try wallet.unfinishedSessions()
        XCTAssertEqual(unfinished.map(\.kind), [.binding])
        try wallet.resumeBinding(sessionId: unfinished[0].id).cancel()
        XCTAssertEqual(try wallet.unfinishedSessions(), [])
    }

    func testErrorsAreTyped() async throws {
        let wallet = try await openWallet(in: temporaryFolder())
        XCTAssertThrowsError(try wallet.bindingsFor(scanned: "hello")) { error in
            XCTAssertEqual((error as? WalletError)?.code, .invalidLink)
            XCTAssertEqual((error as? WalletError)?.retry, .never)
        }
        let unknown = await codeOf {
            try await wallet.beginLogin(scanned: "tessera://wla-auth?linkCode=abc&iss=https://id.example", bindingId: nil)
        }
        XCTAssertEqual(unknown, .unknownServer)
        XCTAssertThrowsError(try decodeQr(luma: Data([0]), width: 2, height: 2))
    }

    func testErrorsOfATransportArriveAsTheirCodesAndUnexpectedOnesWithoutTheirText() async throws {
        struct Unexpected: Error { let text = "MARKER" }
        let cases: [(any Error & Sendable, ErrorCode)] = [
            (TransportError.Timeout, .timeout), (TransportError.Tls, .untrustedConnection), (Unexpected(), .offline),
        ]
        for (thrown, expected) in cases {
            let wallet = try await openWallet(in: temporaryFolder(), transport: Played { _ in throw thrown })
            let session = try wallet.beginBinding(request: bindingRequest(origin: "https://id.example", individualId: "1"))
            do {
                _ = try await session.requestOtp(channels: [.email])
                XCTFail("no error")
            } catch {
                XCTAssertEqual((error as? WalletError)?.code, expected)
                XCTAssertFalse("\(error)".contains("MARKER"))
            }
        }
    }

    func testACancelledTaskEndsTheSession() async throws {
        let stuck = Played { _ in
            try await Task.sleep(nanoseconds: 60_000_000_000)
            throw TransportError.Offline
        }
        let wallet = try await openWallet(in: temporaryFolder(), transport: stuck)
        let session = try wallet.beginBinding(request: bindingRequest(origin: "https://id.example", individualId: "1"))
        let call = Task { try await session.requestOtpUnlessCancelled(channels: [.email]) }
        try await Task.sleep(nanoseconds: 200_000_000)
        let began = Date()
        call.cancel()
        let code = await codeOf { try await call.value }
        XCTAssertEqual(code, .cancelled)
        XCTAssertLessThan(Date().timeIntervalSince(began), 10)
        XCTAssertEqual(try session.stage(), .cancelled)
    }

    func testWhatHoldsPersonalDataPrintsItsNameOnly() {
        let request = bindingRequest(origin: "https://id.example", individualId: "MARKER")
        for printed in [String(reflecting: request), String(describing: request), "\(BindingFactor.otp(code: "MARKER"))"] {
            XCTAssertFalse(printed.contains("MARKER"), printed)
        }
    }

    func testTheTransportTellsADeadServer() async throws {
        let request = HttpRequest(
            method: .get, url: "http://127.0.0.1:1/", headers: [], body: Data(), timeoutMs: 5_000, maxResponseBytes: 10)
        do {
            _ = try await URLSessionTransport().send(request: request)
            XCTFail("no error")
        } catch {
            XCTAssertEqual(error as? TransportError, .Offline)
        }
    }
}

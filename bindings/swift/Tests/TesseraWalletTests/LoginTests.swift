import Foundation
import TesseraWallet
import XCTest

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Binding and login against a real server, beside the browser of a login stand.
final class LoginTests: XCTestCase {
    /// GS-WAL-07, GS-WAL-08.
    func testAPhoneIsBoundAndLogsABrowserIn() async throws {
        let stand = try Stand()
        let wallet = try await boundWallet(stand)
        let (number, link) = try await stand.beginLogin()
        let session = try await wallet.beginLogin(scanned: link, bindingId: nil)
        let review = try session.review()
        XCTAssertTrue(review.claims.contains(RequestedClaim(name: "name", essential: true)))
        let voluntary = review.claims.filter { !$0.essential }.map(\.name)
        let choices = LoginChoices(acceptedVoluntaryClaims: voluntary, permittedScopes: review.scopes, number: nil)
        let outcome = try await session.approveUnlessCancelled(choices: choices)
        let name = try await stand.endLogin(number)
        XCTAssertEqual(name, "Amara Diallo-Marker")
        let receipts = try wallet.receipts()
        XCTAssertEqual(receipts.map(\.id), [outcome.receiptId])
        XCTAssertTrue(receipts[0].claims.contains("email"))
        let renewed = try await wallet.renewBinding(bindingId: wallet.bindings()[0].id)
        let devices = try await wallet.devices(bindingId: renewed.id)
        let own = try XCTUnwrap(devices.first { $0.current })
        XCTAssertEqual(own.name, "Swift test")
        try await wallet.revokeDevice(bindingId: renewed.id, deviceId: own.deviceId)
        XCTAssertEqual(try wallet.bindings(), [])
    }

    func testADenialReachesTheBrowser() async throws {
        let stand = try Stand()
        let wallet = try await boundWallet(stand)
        let (number, link) = try await stand.beginLogin()
        let session = try await wallet.beginLogin(scanned: link, bindingId: nil)
        let again = await codeOf { try await wallet.beginLogin(scanned: link, bindingId: nil) }
        XCTAssertEqual(again, .linkCodeRefused)
        try await session.deny(reason: .notMe)
        do {
            _ = try await stand.endLogin(number)
            XCTFail("the browser was logged in")
        } catch let refused as Stand.Refused {
            XCTAssertEqual(refused.status, 409)
        }
    }

    func testTheTransportStopsAtItsLimit() async throws {
        let stand = try Stand()
        do {
            _ = try await stand.get("/server", atMost: 1)
            XCTFail("more was read")
        } catch {
            XCTAssertEqual(error as? TransportError, .TooLarge)
        }
    }

    private func boundWallet(_ stand: Stand) async throws -> Wallet {
        let wallet = try await openWallet(in: temporaryFolder())
        let request = bindingRequest(origin: try await stand.get("/server"), individualId: try await stand.get("/person"))
        let session = try wallet.beginBinding(request: request)
        _ = try await session.requestOtp(channels: [.email])
        _ = try await session.bind(factors: [.otp(code: try await stand.get("/otp"))])
        return wallet
    }
}

/// The login stand: plain text over HTTP, see tests/outside/src/bin/login_stand.rs.
private struct Stand {
    struct Refused: Error { let status: UInt16 }

    private let address: String
    private let transport = URLSessionTransport()

    init() throws {
        address = try XCTUnwrap(ProcessInfo.processInfo.environment["TESSERA_TEST_STAND"], "run by test.sh")
    }

    /// A browser begins a login: its number and its link.
    func beginLogin() async throws -> (number: String, link: String) {
        let lines = try await send(.post, "/logins").split(separator: "\n").map(String.init)
        return (lines[0], lines[1])
    }

    /// Waits for the wallet; the name that the relying party learned.
    func endLogin(_ number: String) async throws -> String { try await get("/logins/\(number)") }

    func get(_ path: String, atMost bytes: UInt32 = 10_000) async throws -> String {
        try await send(.get, path, atMost: bytes)
    }

    private func send(_ method: HttpMethod, _ path: String, atMost bytes: UInt32 = 10_000) async throws -> String {
        let request = HttpRequest(
            method: method, url: address + path, headers: [], body: Data(), timeoutMs: 60_000, maxResponseBytes: bytes)
        let answer = try await transport.send(request: request)
        guard answer.status == 200 else { throw Refused(status: answer.status) }
        return String(decoding: answer.body, as: UTF8.self)
    }
}

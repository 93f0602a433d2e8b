import Foundation
import TesseraWallet
import XCTest

final class TransportTests: XCTestCase {
    func testTheTransportTellsADeadServer() async throws {
        let request = HttpRequest(
            method: .get, url: "http://127.0.0.1:1/", headers: [], body: Data(), timeoutMs: 60_000, maxResponseBytes: 10)
        do {
            _ = try await URLSessionTransport().send(request: request)
            XCTFail("no error")
        } catch {
            XCTAssertEqual(error as? TransportError, .Offline)
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
}

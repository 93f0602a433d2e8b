import Foundation
import TesseraWallet
import XCTest

/// The login stand: plain text over HTTP, see tests/outside/src/bin/login_stand.rs.
struct Stand: Sendable {
    /// An answer that is not 200.
    struct Refused: Error { let status: UInt16 }
    /// A person whom no other test knows.
    struct Person: Sendable { let id: String, name: String }
    /// A login that a browser began.
    struct Begun: Sendable { let number: String, link: String }

    private let address: String
    private let transport = URLSessionTransport()

    init() throws {
        address = try XCTUnwrap(ProcessInfo.processInfo.environment["TESSERA_TEST_STAND"], "run by test.sh")
    }

    func origin() async throws -> String { try await get("/server") }

    func newPerson() async throws -> Person {
        let (id, name) = try lines(await send(.post, "/persons"))
        return Person(id: id, name: name)
    }

    /// Waits for the next one-time password.
    func otp(_ person: Person) async throws -> String { try await get("/persons/\(person.id)/otp") }

    func unlock(_ person: Person) async throws { _ = try await send(.post, "/persons/\(person.id)/unlock") }

    func beginLogin() async throws -> Begun { try await begun("/logins") }

    /// One whose code is over.
    func beginExpiredLogin() async throws -> Begun { try await begun("/logins/expired") }

    /// One that names a server no wallet knows.
    func beginLoginElsewhere() async throws -> Begun { try await begun("/logins/elsewhere") }

    /// Waits for the wallet; the name that the relying party learned.
    func endLogin(_ begun: Begun) async throws -> String { try await get("/logins/\(begun.number)") }

    /// Asks for the name again with the same access token.
    func nameAgain(_ begun: Begun) async throws -> String { try await get("/logins/\(begun.number)/name") }

    /// A relying party asks a person for consent to `name` and `email`; the question's id.
    func ask(_ person: Person) async throws -> String { try await send(.post, "/persons/\(person.id)/questions") }

    /// How a question stands, and what was agreed to.
    func standing(_ question: String) async throws -> String { try await get("/questions/\(question)") }

    func get(_ path: String, atMost bytes: UInt32 = 10_000) async throws -> String {
        try await send(.get, path, atMost: bytes)
    }

    private func begun(_ path: String) async throws -> Begun {
        let (number, link) = try lines(await send(.post, path))
        return Begun(number: number, link: link)
    }

    private func lines(_ text: String) throws -> (String, String) {
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.count == 2 else { throw Refused(status: 200) }
        return (lines[0], lines[1])
    }

    private func send(_ method: HttpMethod, _ path: String, atMost bytes: UInt32 = 10_000) async throws -> String {
        let request = HttpRequest(
            method: method, url: address + path, headers: [], body: Data(), timeoutMs: 120_000, maxResponseBytes: bytes)
        let answer = try await transport.send(request: request)
        guard answer.status == 200 else { throw Refused(status: answer.status) }
        return String(decoding: answer.body, as: UTF8.self)
    }
}

/// The status of the refusal that a call of the stand throws.
func refusal<Value>(_ call: () async throws -> Value) async -> UInt16? {
    do {
        _ = try await call()
        return nil
    } catch {
        return (error as? Stand.Refused)?.status
    }
}

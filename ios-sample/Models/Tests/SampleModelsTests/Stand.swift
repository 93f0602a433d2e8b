import Foundation
import TesseraWallet
import Testing

/// The login stand: plain text over HTTP, see tests/outside/src/bin/login_stand.rs.
struct Stand: Sendable {
    /// An answer that is not 200.
    struct Refused: Error, Equatable { let status: UInt16 }
    /// A person whom no other test knows.
    struct Person: Sendable { let id: String, name: String }
    /// A login that a browser began.
    struct Begun: Sendable { let number: String, link: String }

    private let address: String
    private let transport = URLSessionTransport()

    init() throws {
        address = try #require(ProcessInfo.processInfo.environment["TESSERA_TEST_STAND"], "run by test.sh")
    }

    func origin() async throws -> String { try await send(.get, "/server") }

    func newPerson() async throws -> Person {
        let (id, name) = try lines(await send(.post, "/persons"))
        return Person(id: id, name: name)
    }

    /// Waits for the next one-time password.
    func otp(_ person: Person) async throws -> String { try await send(.get, "/persons/\(person.id)/otp") }

    func beginLogin() async throws -> Begun { try await begun("/logins") }

    /// One whose code is over.
    func beginExpiredLogin() async throws -> Begun { try await begun("/logins/expired") }

    /// One that names a server no wallet knows.
    func beginLoginElsewhere() async throws -> Begun { try await begun("/logins/elsewhere") }

    /// One whose page shows a number.
    func beginNumberedLogin() async throws -> Begun { try await begun("/logins/numbered") }

    /// Waits until the code is taken; the number on the page.
    func numberShown(_ begun: Begun) async throws -> String { try await send(.get, "/logins/\(begun.number)/shown") }

    /// Waits for the wallet; the name that the relying party learned.
    func endLogin(_ begun: Begun) async throws -> String { try await send(.get, "/logins/\(begun.number)") }

    /// Asks for the name again with the same access token.
    func nameAgain(_ begun: Begun) async throws -> String { try await send(.get, "/logins/\(begun.number)/name") }

    private func begun(_ path: String) async throws -> Begun {
        let (number, link) = try lines(await send(.post, path))
        return Begun(number: number, link: link)
    }

    private func lines(_ text: String) throws -> (String, String) {
        let lines = text.split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        return (lines[0], lines[1])
    }

    private func send(_ method: HttpMethod, _ path: String) async throws -> String {
        let request = HttpRequest(
            method: method, url: address + path, headers: [], body: Data(), timeoutMs: 300_000, maxResponseBytes: 10_000)
        let answer = try await transport.send(request: request)
        guard answer.status == 200 else { throw Refused(status: answer.status) }
        return String(decoding: answer.body, as: UTF8.self)
    }
}

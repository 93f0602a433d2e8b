import Foundation
import TesseraWallet
import TesseraWalletCore

/// Runs the guide's code as its reader does: bind, scan, approve; the browser is the login stand's.
@main @MainActor
struct GuidePhone {
    static func main() async throws {
        let stand = ProcessInfo.processInfo.environment["TESSERA_TEST_STAND"] ?? ""
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let person = try await lines(.post, "\(stand)/persons")
        let model = FirstLogin()
        model.wallet = try await openTestWallet(in: folder)
        let server = try await lines(.get, "\(stand)/server")[0]
        try await model.bind(server: server, person: person[0])
        guard case .otpSent(let asked) = model.binding else { fail("no password was sent") }
        let otp = try await lines(.get, "\(stand)/persons/\(person[0])/otp")[0]
        model.binding = await asked.bind(.otp(code: otp))
        guard case .bound = model.binding else { fail("not bound") }
        let begun = try await lines(.post, "\(stand)/logins")
        await model.open(begun[1])
        guard case .review(let review) = model.login else { fail("no login to review") }
        model.login = await review.approve(review.review.choices())
        guard case .completed = model.login else { fail("not completed") }
        let name = try await lines(.get, "\(stand)/logins/\(begun[0])")
        guard name == [person[1]] else { fail("the browser is logged in as another") }
        print("the guide's code logged a browser in")
    }

    private static func openTestWallet(in folder: URL) async throws -> Wallet {
        let usual = WalletConfig.at(folder.appendingPathComponent("wallet.redb").path)
        let config = WalletConfig(
            storePath: usual.storePath, languages: usual.languages, activityDays: usual.activityDays,
            requestTimeoutMs: 300_000, allowLoopbackHttp: true, credentialIssuers: [])
        let ports = WalletPorts(
            keys: try softwareKeys(), transport: URLSessionTransport(), dataKey: PlainKey(), log: nil, clock: nil)
        return try await Wallet.open(config: config, ports: ports)
    }

    private static func lines(_ method: HttpMethod, _ url: String) async throws -> [String] {
        let request = HttpRequest(
            method: method, url: url, headers: [], body: Data(), timeoutMs: 300_000, maxResponseBytes: 10_000)
        let answer = try await URLSessionTransport().send(request: request)
        guard answer.status == 200 else { fail("the stand says \(answer.status)") }
        return String(decoding: answer.body, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func fail(_ reason: String) -> Never {
        FileHandle.standardError.write(Data("\(reason)\n".utf8))
        exit(1)
    }
}

/// Wraps nothing: the store is gone with the program.
private final class PlainKey: DataKeyWrap {
    func wrapKey(plain: Data) async throws -> Data { plain }
    func unwrapKey(wrapped: Data) async throws -> Data { wrapped }
}

import Foundation
import TesseraWallet

/// Wraps nothing: the tests' stores are empty soon.
final class PlainWrap: DataKeyWrap {
    func wrapKey(plain: Data) async throws -> Data { Data(plain.map { ~$0 }) }
    func unwrapKey(wrapped: Data) async throws -> Data { Data(wrapped.map { ~$0 }) }
}

/// Answers as told.
final class Played: Transport {
    private let answer: @Sendable (HttpRequest) async throws -> HttpResponse

    init(_ answer: @escaping @Sendable (HttpRequest) async throws -> HttpResponse) { self.answer = answer }

    func send(request: HttpRequest) async throws -> HttpResponse { try await answer(request) }
}

func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}

func openWallet(in folder: URL, transport: any Transport = URLSessionTransport()) async throws -> Wallet {
    let config = WalletConfig(
        storePath: folder.appendingPathComponent("wallet.redb").path, languages: ["eng"], activityDays: 400,
        requestTimeoutMs: 20_000, allowLoopbackHttp: true)
    let ports = WalletPorts(keys: try softwareKeys(), transport: transport, dataKey: PlainWrap(), log: nil)
    return try await Wallet.open(config: config, ports: ports)
}

func bindingRequest(origin: String, individualId: String) -> BindingRequest {
    BindingRequest(
        server: .tessera(origin: origin), individualId: individualId, deviceName: "Swift test", label: "",
        securityLevel: .prefer(level: .secureElement), userAuthentication: .none, attest: false)
}

/// The code of the error that a call throws.
func codeOf<Value>(_ call: () async throws -> Value) async -> ErrorCode? {
    do {
        _ = try await call()
        return nil
    } catch {
        return (error as? WalletError)?.code
    }
}

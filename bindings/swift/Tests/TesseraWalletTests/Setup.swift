import Foundation
import TesseraWallet
import TesseraWalletCore
import XCTest

/// Wraps nothing: the tests' stores are empty soon.
final class PlainWrap: DataKeyWrap {
    func wrapKey(plain: Data) async throws -> Data { Data(plain.map { ~$0 }) }
    func unwrapKey(wrapped: Data) async throws -> Data { Data(wrapped.map { ~$0 }) }
}

/// HTTP as told: a test may lose requests and answers.
final class PlayedTransport: Transport {
    typealias Play = @Sendable (HttpRequest, URLSessionTransport) async throws -> HttpResponse

    private let real = URLSessionTransport()
    private let play: Play

    init(_ play: @escaping Play) { self.play = play }

    func send(request: HttpRequest) async throws -> HttpResponse { try await play(request, real) }
}

/// Keys that another store holds, unless a failure is set.
final class PlayedKeys: DeviceKeys {
    let failure = Kept<KeyError?>(nil)
    let aliases = Kept<[String]>([])
    /// How often the citizen would have been asked, by keys that ask at every use.
    let prompts = Kept(0)
    private let real: any DeviceKeys

    init(_ real: any DeviceKeys) { self.real = real }

    func create(alias: String, options: KeyOptions) async throws -> KeyInfo {
        aliases.change { $0.append(alias) }
        return try await real.create(alias: alias, options: options)
    }
    func info(alias: String) async throws -> KeyInfo { try await real.info(alias: alias) }
    func attest(alias: String, clientDataHash: Data) async throws -> KeyAttestation {
        try await real.attest(alias: alias, clientDataHash: clientDataHash)
    }
    func sign(alias: String, message: Data, prompt: SigningPrompt) async throws -> Data {
        if let failure = failure.value { throw failure }
        prompts.change { $0 += 1 }
        return try await real.sign(alias: alias, message: message, prompt: prompt)
    }
    func signBatch(alias: String, messages: [Data], prompt: SigningPrompt) async throws -> [Data] {
        if let failure = failure.value { throw failure }
        prompts.change { $0 += 1 }
        return try await real.signBatch(alias: alias, messages: messages, prompt: prompt)
    }
    func delete(alias: String) async throws { try await real.delete(alias: alias) }
}

/// The device's clock, off by some milliseconds.
final class ClockOff: TesseraWallet.Clock {
    private let milliseconds: Int64

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    func nowMs() throws -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) + milliseconds }
}

/// Keeps the log.
final class KeptLog: Log {
    let entries = Kept<[LogEntry]>([])

    func record(entry: LogEntry) throws { entries.change { $0.append(entry) } }
}

/// A value that several threads change.
final class Kept<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var kept: Value

    init(_ value: Value) { kept = value }

    var value: Value {
        get { lock.withLock { kept } }
        set { lock.withLock { kept = newValue } }
    }

    func change(_ change: (inout Value) -> Void) { lock.withLock { change(&kept) } }
}

func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}

func openWallet(
    in folder: URL, transport: any Transport = URLSessionTransport(), keys: (any DeviceKeys)? = nil,
    log: (any Log)? = nil, clock: (any TesseraWallet.Clock)? = nil
) async throws -> Wallet {
    let usual = WalletConfig.at(folder.appendingPathComponent("wallet.redb").path, languages: ["eng"])
    let config = WalletConfig(
        storePath: usual.storePath, languages: usual.languages, activityDays: usual.activityDays,
        requestTimeoutMs: usual.requestTimeoutMs, allowLoopbackHttp: true)
    let ports = WalletPorts(
        keys: try keys ?? softwareKeys(), transport: transport, dataKey: PlainWrap(), log: log, clock: clock)
    return try await Wallet.open(config: config, ports: ports)
}

func bindingRequest(origin: String, individualId: String) -> BindingRequest {
    .tessera(origin: origin, individualId: individualId, deviceName: "Swift test", userAuthentication: .none)
}

/// The error of the wallet that a call throws.
func errorOf<Value>(_ call: () async throws -> Value) async -> WalletError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? WalletError
    }
}

/// The code of the error that a call throws.
func codeOf<Value>(_ call: () async throws -> Value) async -> ErrorCode? { await errorOf(call)?.code }

/// The payload of the case that is expected.
func expect<Value>(
    _ payload: Value?, _ found: Any, file: StaticString = #filePath, line: UInt = #line
) throws -> Value {
    try XCTUnwrap(payload, "\(found)", file: file, line: line)
}

extension BindingState {
    var asStarted: Started? { if case .started(let state) = self { return state } else { return nil } }
    var asOtpSent: OtpSent? { if case .otpSent(let state) = self { return state } else { return nil } }
    var asBound: TesseraWallet.Binding? { if case .bound(let binding) = self { return binding } else { return nil } }
    var isCancelled: Bool { if case .cancelled = self { return true } else { return false } }
}

extension LoginState {
    var asReview: Review? { if case .review(let state) = self { return state } else { return nil } }
    var asUnfinished: Unfinished? { if case .unfinished(let state) = self { return state } else { return nil } }
    var asCompleted: LoginOutcome? { if case .completed(let outcome) = self { return outcome } else { return nil } }
    var asFailed: WalletError? { if case .failed(let error) = self { return error } else { return nil } }
    var isDenied: Bool { if case .denied = self { return true } else { return false } }
    var isCancelled: Bool { if case .cancelled = self { return true } else { return false } }
}

extension LoginStart {
    var asStarted: LoginFlow? { if case .started(let login) = self { return login } else { return nil } }
    var asBindFirst: WalletError? { if case .bindFirst(let error) = self { return error } else { return nil } }
    var asScanAgain: WalletError? { if case .scanAgain(let error) = self { return error } else { return nil } }
    var asFailed: WalletError? { if case .failed(let error) = self { return error } else { return nil } }
}

import Foundation
import SampleModels
import TesseraWallet
import TesseraWalletCore
import Testing

/// A phone: its keys and its store outlive the app that runs on it.
struct Phone {
    let stand: Stand
    let person: Stand.Person
    let network = Network()
    let dataKey = DataKey()
    private let folder: URL
    private let keys: any DeviceKeys
    private let issuers: [CredentialIssuer]
    private let clock: (any TesseraWallet.Clock)?

    init(_ person: Stand.Person? = nil, trusting issuers: [CredentialIssuer] = [], at now: Date? = nil) async throws {
        self.issuers = issuers
        clock = now.map(StoppedClock.init)
        stand = try Stand()
        if let person { self.person = person } else { self.person = try await stand.newPerson() }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        keys = try softwareKeys()
    }

    /// Opens the wallet, as the app does when it starts.
    func openWallet() async throws -> Wallet {
        let usual = WalletConfig.at(folder.appendingPathComponent("wallet.redb").path, languages: ["eng"])
        let config = WalletConfig(
            storePath: usual.storePath, languages: usual.languages, activityDays: usual.activityDays,
            requestTimeoutMs: 300_000, allowLoopbackHttp: true, credentialIssuers: issuers)
        let ports = WalletPorts(keys: keys, transport: network, dataKey: dataKey, log: nil, clock: clock)
        return try await Wallet.open(config: config, ports: ports)
    }

    /// Removes what the wallet wrote.
    func removeStore() throws { try FileManager.default.removeItem(at: folder.appendingPathComponent("wallet.redb")) }

    /// The app, started.
    @MainActor func home() async throws -> HomeModel {
        let home = HomeModel(
            wallet: try await openWallet(), deviceName: "Swift test",
            keyOptions: NewKeyOptions(userAuthentication: .none, attest: false))
        await home.load()
        return home
    }

    /// The app, started and bound by hand as a citizen does.
    @MainActor func boundHome() async throws -> HomeModel {
        let home = try await home()
        home.beginBinding()
        let binding = try #require(home.binding)
        try await fill(binding)
        await binding.sendOtp()
        binding.otp = try await stand.otp(person)
        await binding.bind()
        try #require(binding.isBound, "\(String(describing: binding.work.trouble))")
        await home.endBinding()
        return home
    }

    /// Fills in the form of the binding screen.
    @MainActor func fill(_ binding: BindModel) async throws {
        binding.server = try await stand.origin()
        binding.individualId = person.id
    }
}

extension Phone {
    /// The camera sees the code of a login; the login on the screen.
    @MainActor func scan(_ begun: Stand.Begun, _ home: HomeModel) async throws -> LoginModel {
        await home.scan.saw(begun.link)
        return try #require(home.login, "\(String(describing: home.scan.work.trouble))")
    }

    /// A whole login, with all claims.
    @MainActor func logIn(_ home: HomeModel) async throws -> Stand.Begun {
        let begun = try await stand.beginLogin()
        let login = try await scan(begun, home)
        await login.approve()
        try #require(login.isCompleted, "\(String(describing: login.work.trouble))")
        let name = try await stand.endLogin(begun)
        #expect(name == person.name)
        await home.endLogin()
        return begun
    }
}

extension BindModel {
    var isBound: Bool { if case .bound = step { true } else { false } }
    var awaitsPassword: Bool { if case .password = step { true } else { false } }
}

extension LoginModel {
    var isInReview: Bool { if case .review = state { true } else { false } }
    var isUnfinished: Bool { if case .unfinished = state { true } else { false } }
    var isCompleted: Bool { if case .completed = state { true } else { false } }
    var isDenied: Bool { if case .denied = state { true } else { false } }
    var isFailed: Bool { if case .failed = state { true } else { false } }
    var isCancelled: Bool { if case .cancelled = state { true } else { false } }
}

/// HTTP that a test takes away.
final class Network: Transport {
    /// What becomes of requests.
    enum Fault: Sendable {
        case none
        /// Nothing is sent.
        case offline
        /// Requests to paths that end so are sent, and their answers lost.
        case answerLost(path: String)
    }

    private let fault = Kept(Fault.none)
    private let real = URLSessionTransport()

    func now(_ next: Fault) { fault.value = next }

    func send(request: HttpRequest) async throws -> HttpResponse {
        switch fault.value {
        case .none: return try await real.send(request: request)
        case .offline: throw TransportError.Offline
        case .answerLost(let path):
            let answer = try await real.send(request: request)
            if request.url.hasSuffix(path) { throw TransportError.Timeout }
            return answer
        }
    }
}

/// A key around the store's that can be locked and lost.
final class DataKey: DataKeyWrap {
    private let failure = Kept<KeyError?>(nil)

    func now(_ next: KeyError?) { failure.value = next }

    func wrapKey(plain: Data) async throws -> Data { Data(plain.map { ~$0 }) }

    func unwrapKey(wrapped: Data) async throws -> Data {
        if let failure = failure.value { throw failure }
        return Data(wrapped.map { ~$0 })
    }
}

/// A clock that stands still: what is valid then is valid in every run.
private final class StoppedClock: TesseraWallet.Clock {
    private let now: Date

    init(_ now: Date) { self.now = now }

    func nowMs() throws -> Int64 { Int64(now.timeIntervalSince1970 * 1000) }
}

/// A value that several threads use.
final class Kept<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var kept: Value

    init(_ value: Value) { kept = value }

    var value: Value {
        get { lock.withLock { kept } }
        set { lock.withLock { kept = newValue } }
    }
}

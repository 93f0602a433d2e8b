// What the border between Swift and Rust costs: start-up and calls, in a debug or release build alike as they are. Nothing is
// judged: on a busy machine the clock tells more about the others, so that the processor's own time stands beside it.
// usage: CallCosts       prints one line for each figure
import Foundation
import TesseraWallet
import TesseraWalletCore

/// A moment: by a clock that nobody sets, and by the time the processors worked for this program. Both in seconds.
struct Moment {
    let clock: Double
    let processor: Double

    static var now: Moment {
        var used = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
        return Moment(
            clock: ProcessInfo.processInfo.systemUptime, processor: Double(used.tv_sec) + Double(used.tv_nsec) / 1e9)
    }
}

func figure(_ name: String, since began: Moment, times: Int = 1) {
    let now = Moment.now
    func text(_ seconds: Double) -> String {
        let each = seconds / Double(times)
        return each < 0.001 ? String(format: "%.1f µs", each * 1e6) : String(format: "%.1f ms", each * 1e3)
    }
    print("\(name): \(text(now.clock - began.clock)), processor \(text(now.processor - began.processor))")
}

func each(_ name: String, times: Int, _ call: () async throws -> Void) async rethrows {
    let began = Moment.now
    for _ in 0..<times { try await call() }
    figure(name, since: began, times: times)
}

final class OwnWrap: DataKeyWrap {
    func wrapKey(plain: Data) async throws -> Data { plain }
    func unwrapKey(wrapped: Data) async throws -> Data { wrapped }
}

let began = Moment.now
let signature = Data([0x30, 6, 2, 1, 1, 2, 1, 1])
_ = try ecdsaSignatureFromDer(der: signature)
figure("first call, with the start of the library", since: began)

let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
let config = WalletConfig.at(folder.appendingPathComponent("wallet.redb").path)
let ports = WalletPorts(
    keys: try softwareKeys(), transport: URLSessionTransport(), dataKey: OwnWrap(), log: nil, clock: nil)
let opening = Moment.now
let wallet = try await Wallet.open(config: config, ports: ports)
figure("a new wallet is opened", since: opening)

try await each("a plain call with bytes", times: 10_000) { _ = try ecdsaSignatureFromDer(der: signature) }
try await each("a plain call that reads the store", times: 1_000) { _ = try wallet.bindings() }
let request = BindingRequest.tessera(origin: "https://id.example", individualId: "1", deviceName: "CallCosts")
let flow = try await wallet.startBinding(request)
await each("an async call that is refused at once", times: 1_000) { _ = await flow.state.open?.bind() }
try await each("a session is begun and cancelled, two commits", times: 50) {
    try await wallet.startBinding(request).cancel()
}
try FileManager.default.removeItem(at: folder)

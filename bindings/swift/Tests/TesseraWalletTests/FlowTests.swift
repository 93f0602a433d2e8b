import Foundation
import TesseraWallet
import TesseraWalletCore
import XCTest

/// Flows, their states and their ends, without a server.
final class FlowTests: XCTestCase {
    func testAWalletOpensTwiceInARowButNotAtOnceAndRemembers() async throws {
        let folder = try temporaryFolder()
        do {
            let wallet = try await openWallet(in: folder)
            let flow = try await wallet.startBinding(request())
            XCTAssertNotNil(flow.state.asStarted)
            let inUse = await codeOf { try await openWallet(in: folder) }
            XCTAssertEqual(inUse, .storeInUse)
        }
        let wallet = try await openWallet(in: folder)
        let unfinished = try wallet.unfinishedSessions()
        XCTAssertEqual(unfinished.map(\.kind), [.binding])
        let flow = try await wallet.continueBinding(unfinished[0].id)
        XCTAssertEqual(flow.id, unfinished[0].id)
        try flow.cancel()
        XCTAssertEqual(try wallet.unfinishedSessions(), [])
        let gone = await codeOf { try await wallet.continueBinding(unfinished[0].id) }
        XCTAssertEqual(gone, .invalidInput)
        let noLogin = await codeOf { try await wallet.continueLogin("none") }
        XCTAssertEqual(noLogin, .invalidInput)
    }

    func testACancelledTaskEndsTheSessionAndItsRequest() async throws {
        let network = StuckTransport()
        let wallet = try await openWallet(in: temporaryFolder(), transport: network)
        let flow = try await wallet.startBinding(request())
        let started = try expect(flow.state.asStarted, flow.state)
        let seen = Task { await flow.states.reduce(into: [BindingState]()) { $0.append($1) } }
        let step = Task { await started.requestOtp(.email) }
        await network.isReached()
        guard case .working = flow.state else { return XCTFail("\(flow.state)") }
        step.cancel()
        let state = await step.value
        XCTAssertTrue(state.isCancelled)
        XCTAssertTrue(flow.state.isOver)
        XCTAssertEqual(try wallet.unfinishedSessions(), [])
        // The request's own task is cancelled too, and the states end.
        await network.isGivenUp()
        let last = await seen.value.last
        XCTAssertEqual(last?.isCancelled, true)
    }

    func testATaskCancelledBeforehandSendsNothing() async throws {
        let network = StuckTransport()
        let wallet = try await openWallet(in: temporaryFolder(), transport: network)
        let flow = try await wallet.startBinding(request())
        let started = try expect(flow.state.asStarted, flow.state)
        let (gate, opened) = AsyncStream<Void>.makeStream()
        let step = Task {
            for await _ in gate {}
            return await started.requestOtp(.email)
        }
        step.cancel()
        opened.finish()
        let state = await step.value
        XCTAssertTrue(state.isCancelled)
        XCTAssertFalse(network.wasReached)
    }

    func testCancellingAFollowerEndsNothing() async throws {
        let wallet = try await openWallet(
            in: temporaryFolder(), transport: PlayedTransport { _, _ in throw TransportError.Offline })
        let flow = try await wallet.startBinding(request())
        let (first, told) = AsyncStream<Void>.makeStream()
        let follower = Task {
            for await _ in flow.states { told.yield() }
            told.finish()
        }
        for await _ in first { break }
        follower.cancel()
        await follower.value
        XCTAssertFalse(flow.state.isOver)
        let state = try await expect(flow.state.asStarted, flow.state).requestOtp(.email)
        XCTAssertEqual(state.open?.error?.code, .offline)
        try flow.cancel()
    }

    func testAStateThatIsPastDoesNothing() async throws {
        let sent = Kept(0)
        let network = PlayedTransport { _, _ in
            sent.change { $0 += 1 }
            throw TransportError.Timeout
        }
        let wallet = try await openWallet(in: temporaryFolder(), transport: network)
        let flow = try await wallet.startBinding(request())
        let first = try expect(flow.state.asStarted, flow.state)
        let second = await first.requestOtp(.email)
        XCTAssertEqual(second.open?.error?.code, .timeout)
        let sentOnce = sent.value
        let again = await first.requestOtp(.email)
        XCTAssertEqual(again.open?.error?.code, .timeout)
        XCTAssertEqual(sent.value, sentOnce)
        try flow.cancel()
        let ended = try await XCTUnwrap(second.open).bind(.pin(pin: "1"))
        XCTAssertTrue(ended.isCancelled)
        XCTAssertEqual(sent.value, sentOnce)
        // One who comes late sees the end, and no more.
        let states = await flow.states.reduce(into: [BindingState]()) { $0.append($1) }
        XCTAssertEqual(states.map(\.isCancelled), [true])
    }

    func testAFlowThatIsLetGoOfIsFreed() async throws {
        let wallet = try await openWallet(in: temporaryFolder())
        weak var freed: BindingFlow?
        do {
            let flow = try await wallet.startBinding(request())
            freed = flow
            var states = flow.states.makeAsyncIterator()
            let state = await states.next()
            XCTAssertNotNil(state?.asStarted)
        }
        XCTAssertNil(freed)
        XCTAssertEqual(try wallet.unfinishedSessions().count, 1)
    }

    func testCallsGoOnAwayFromTheThreadThatDraws() async throws {
        let wallet = try await openWallet(in: temporaryFolder())
        let (receipts, onMain) = try await wallet.inBackground { (try $0.receipts(), Thread.isMainThread) }
        XCTAssertEqual(receipts, [])
        XCTAssertFalse(onMain)
        let failed = await codeOf { try await wallet.inBackground { try $0.bindingsFor(scanned: "hello") } }
        XCTAssertEqual(failed, .invalidLink)
    }

    /// Uniffi has no way to stop a call from Swift: nobody waits for it any more, that is all.
    func testACancelledTaskWaitsForNoGeneratedCall() async throws {
        let citizen = try await Citizen()
        let network = GatedTransport()
        let wallet = try await citizen.boundWallet(transport: network)
        let binding = try wallet.bindings()[0].id
        network.close()
        let asked = Task {
            try await wallet.inBackground { try await $0.devices(bindingId: binding) }
        }
        await network.isReached()
        asked.cancel()
        let code = await codeOf { try await asked.value }
        XCTAssertEqual(code, .cancelled)
        // The call ends by itself, and the wallet goes on.
        network.open()
        let devices = try await wallet.inBackground { try await $0.devices(bindingId: binding) }
        XCTAssertEqual(devices.map(\.current), [true])
        let (gate, opened) = AsyncStream<Void>.makeStream()
        let late = Task {
            for await _ in gate {}
            return try await wallet.inBackground { try await $0.devices(bindingId: binding) }
        }
        let sent = network.sent.value
        late.cancel()
        opened.finish()
        let before = await codeOf { try await late.value }
        XCTAssertEqual(before, .cancelled)
        XCTAssertEqual(network.sent.value, sent)
    }

    private func request() -> BindingRequest {
        bindingRequest(origin: "https://id.example", individualId: "1")
    }
}

/// Answers never. Tells when it is asked, and when whoever asked gives up.
private final class StuckTransport: Transport {
    private let reached = AsyncStream<Void>.makeStream()
    private let givenUp = AsyncStream<Void>.makeStream()
    private let asked = Kept(false)

    var wasReached: Bool { asked.value }

    func isReached() async { for await _ in reached.stream { break } }

    func isGivenUp() async { for await _ in givenUp.stream { break } }

    func send(request: HttpRequest) async throws -> HttpResponse {
        asked.value = true
        reached.continuation.yield()
        defer { givenUp.continuation.yield() }
        while true { try await Task.sleep(nanoseconds: 3_600_000_000_000) }
    }
}

/// Lets nothing through while it is closed. Tells when it is reached then.
private final class GatedTransport: Transport {
    let sent = Kept(0)
    private let real = URLSessionTransport()
    private let reached = AsyncStream<Void>.makeStream()
    private let gate = Kept<AsyncStream<Void>?>(nil)
    private let key = Kept<AsyncStream<Void>.Continuation?>(nil)

    func close() {
        let made = AsyncStream<Void>.makeStream()
        gate.value = made.stream
        key.value = made.continuation
    }

    func open() {
        gate.value = nil
        key.value?.finish()
    }

    func isReached() async { for await _ in reached.stream { break } }

    func send(request: HttpRequest) async throws -> HttpResponse {
        sent.change { $0 += 1 }
        if let gate = gate.value {
            reached.continuation.yield()
            for await _ in gate {}
        }
        return try await real.send(request: request)
    }
}

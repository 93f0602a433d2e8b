import Foundation
import TesseraWallet
import TesseraWalletCore
import XCTest

/// One test for each line of bindings/behaviours.txt, against a running server. Each has a person of its own.
final class BehaviourTests: XCTestCase {
    /// GS-WAL-07.
    func testBind() async throws {
        let citizen = try await Citizen()
        let wallet = try await openWallet(in: temporaryFolder())
        let flow = try await wallet.startBinding(try await citizen.request())
        let started = try expect(flow.state.asStarted, flow.state)
        let asked = await started.requestOtp(.email)
        let sent = try expect(asked.asOtpSent, asked)
        XCTAssertTrue(try XCTUnwrap(sent.delivery.maskedEmail).contains("*"))
        let ended = await sent.bind(.otp(code: try await citizen.otp()))
        let binding = try expect(ended.asBound, ended)
        XCTAssertTrue(ended.isOver)
        let origin = try await citizen.stand.origin()
        XCTAssertEqual(binding.server, origin)
        // The level reached is told, not the one preferred.
        XCTAssertEqual(binding.securityLevel, .software)
        XCTAssertEqual(try wallet.unfinishedSessions(), [])
        let devices = try await wallet.devices(bindingId: binding.id)
        XCTAssertEqual(devices.map(\.current), [true])
        XCTAssertEqual(devices.map(\.name), ["Swift test"])
    }

    func testSecondDevice() async throws {
        let citizen = try await Citizen()
        let first = try await citizen.boundWallet()
        let second = try await citizen.boundWallet()
        let own = try first.bindings()[0].id
        let devices = try await first.devices(bindingId: own).filter { !$0.revoked }
        XCTAssertEqual(devices.count, 2)
        try await citizen.logIn(second)
        let other = try XCTUnwrap(devices.first { !$0.current })
        try await first.revokeDevice(bindingId: own, deviceId: other.deviceId)
        let approved = try await citizen.approve(second, try await citizen.stand.beginLogin())
        let refused = try expect(approved.asFailed, approved)
        XCTAssertEqual(refused.code, .bindingEnded)
        XCTAssertEqual(refused.nextStep, .bind)
        let ended = await errorOf { try await second.devices(bindingId: second.bindings()[0].id) }
        XCTAssertEqual(ended?.code, .bindingEnded)
        XCTAssertEqual(ended?.nextStep, .bind)
        try await citizen.logIn(first)
    }

    /// GS-WAL-08.
    func testApprove() async throws {
        let citizen = try await Citizen()
        let wallet = try await citizen.boundWallet()
        let begun = try await citizen.stand.beginLogin()
        let login = try await citizen.start(wallet, begun)
        let seen = Task { await login.states.reduce(into: [LoginState]()) { $0.append($1) } }
        let state = try expect(login.state.asReview, login.state)
        XCTAssertFalse(state.review.relyingParty.name.isEmpty)
        XCTAssertTrue(state.review.claims.contains(RequestedClaim(name: "name", essential: true)))
        let voluntary = state.review.claims.filter { !$0.essential }.map(\.name)
        let ended = await state.approve(
            state.review.choices(acceptedVoluntaryClaims: voluntary, permittedScopes: state.review.scopes))
        let outcome = try expect(ended.asCompleted, ended)
        let name = try await citizen.stand.endLogin(begun)
        XCTAssertEqual(name, citizen.person.name)
        let receipt = try XCTUnwrap(wallet.receipts().first)
        XCTAssertEqual(receipt.id, outcome.receiptId)
        XCTAssertTrue(Set(receipt.claims).isSuperset(of: ["email", "name"]))
        XCTAssertTrue(try wallet.verifyReceipt(receiptId: receipt.id))
        XCTAssertEqual(try wallet.activity().first?.kind, .loginApproved)
        let last = await seen.value.last
        XCTAssertNotNil(last?.asCompleted)
    }

    func testDeny() async throws {
        let citizen = try await Citizen()
        let wallet = try await citizen.boundWallet()
        let begun = try await citizen.stand.beginLogin()
        let login = try await citizen.start(wallet, begun)
        let again = await wallet.startLogin(begun.link)
        XCTAssertEqual(again.asScanAgain?.code, .linkCodeRefused)
        let denied = try await expect(login.state.asReview, login.state).deny(.notMe)
        XCTAssertTrue(denied.isDenied)
        let status = await refusal { try await citizen.stand.endLogin(begun) }
        XCTAssertEqual(status, 409)
        XCTAssertEqual(try wallet.activity().first?.kind, .loginDenied)
    }

    func testExpiredCode() async throws {
        let citizen = try await Citizen()
        let wallet = try await citizen.boundWallet()
        let link = try await citizen.stand.beginExpiredLogin().link
        let told = await wallet.startLogin(link)
        XCTAssertEqual(told.asScanAgain?.code, .linkExpired)
        // Where the link does not say, the server does.
        let silent = link.replacingOccurrences(
            of: "linkExpireDateTime=[^&]*&?", with: "", options: .regularExpression)
        XCTAssertNotEqual(link, silent)
        let refused = await wallet.startLogin(silent)
        XCTAssertEqual(refused.asScanAgain?.code, .linkCodeRefused)
        try await citizen.logIn(wallet)
    }

    func testUnknownServer() async throws {
        let citizen = try await Citizen()
        let sent = Kept(0)
        let counting = PlayedTransport { request, real in
            sent.change { $0 += 1 }
            return try await real.send(request: request)
        }
        let wallet = try await citizen.boundWallet(transport: counting)
        let before = sent.value
        let link = try await citizen.stand.beginLoginElsewhere().link
        XCTAssertEqual(try wallet.bindingsFor(scanned: link), [])
        let unknown = await wallet.startLogin(link)
        XCTAssertEqual(unknown.asBindFirst?.code, .unknownServer)
        XCTAssertEqual(unknown.asBindFirst?.retry, .never)
        XCTAssertEqual(sent.value, before)
    }

    func testOfflineAndBack() async throws {
        let citizen = try await Citizen()
        let offline = Kept(false)
        let network = PlayedTransport { request, real in
            if offline.value { throw TransportError.Offline }
            return try await real.send(request: request)
        }
        let wallet = try await citizen.boundWallet(transport: network)
        let begun = try await citizen.stand.beginLogin()
        offline.value = true
        let failed = await wallet.startLogin(begun.link)
        XCTAssertEqual(failed.asFailed?.code, .offline)
        XCTAssertEqual(failed.asFailed?.nextStep, .tryAgain)
        offline.value = false
        let login = try await citizen.start(wallet, begun)
        offline.value = true
        let state = try expect(login.state.asReview, login.state)
        let waiting = await state.approve(state.review.choices())
        let unfinished = try expect(waiting.asUnfinished, waiting)
        XCTAssertEqual(unfinished.error?.code, .offline)
        offline.value = false
        let ended = await unfinished.finish()
        XCTAssertNotNil(ended.asCompleted, "\(ended)")
        let name = try await citizen.stand.endLogin(begun)
        XCTAssertEqual(name, citizen.person.name)
    }

    func testWrongClock() async throws {
        for minutes: Int64 in [-5, 5] {
            let citizen = try await Citizen()
            let wallet = try await citizen.boundWallet(clock: ClockOff(milliseconds: minutes * 60_000))
            try await citizen.logIn(wallet)
            _ = try await wallet.renewBinding(bindingId: wallet.bindings()[0].id)
        }
    }

    func testKeyInvalidated() async throws {
        let citizen = try await Citizen()
        let keys = PlayedKeys(try softwareKeys())
        let wallet = try await citizen.boundWallet(keys: keys)
        let old = try wallet.bindings()[0]
        keys.failure.value = .Invalidated
        let login = try await citizen.start(wallet, try await citizen.stand.beginLogin())
        let state = try expect(login.state.asReview, login.state)
        let approved = await state.approve(state.review.choices())
        let refused = try expect(approved.asReview, approved)
        XCTAssertEqual(refused.error?.code, .keyInvalidated)
        XCTAssertEqual(refused.error?.nextStep, .bind)
        // A key that is locked is another thing: the citizen unlocks it, and the same login goes on.
        keys.failure.value = .Locked
        let again = await refused.approve(refused.review.choices())
        XCTAssertEqual(again.asReview?.error?.nextStep, .unlock)
        keys.failure.value = nil
        try await citizen.bind(wallet)
        XCTAssertEqual(try wallet.bindings().count, 1)
        XCTAssertNotEqual(try wallet.bindings()[0].id, old.id)
        try await citizen.logIn(wallet)
    }

    func testKilledBetweenApproveAndAnswer() async throws {
        let citizen = try await Citizen()
        let keys = try softwareKeys()
        let killing = Kept(false)
        let (taken, told) = AsyncStream<Void>.makeStream()
        let network = PlayedTransport { request, real in
            let answer = try await real.send(request: request)
            guard killing.value, request.url.hasSuffix("/authenticate") else { return answer }
            told.yield()
            // Never answers: ends with the call.
            while true { try await Task.sleep(nanoseconds: 3_600_000_000_000) }
        }
        let folder = try temporaryFolder()
        let wallet = try await citizen.boundWallet(in: folder, transport: network, keys: keys)
        let begun = try await citizen.stand.beginLogin()
        let login = try await citizen.start(wallet, begun)
        let state = try expect(login.state.asReview, login.state)
        killing.value = true
        let step = Task { await state.approve(state.review.choices()) }
        for await _ in taken { break }
        // The server has the token and the app its end: what lies on the disk now is all that is left of it.
        let left = folder.deletingLastPathComponent().appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(at: folder, to: left)
        let again = try await openWallet(in: left, keys: keys)
        let unfinished = try again.unfinishedSessions()
        XCTAssertEqual(unfinished.map(\.kind), [.login])
        let resumed = try await again.continueLogin(unfinished[0].id)
        XCTAssertEqual(resumed.id, login.id)
        let ended = try await expect(resumed.state.asUnfinished, resumed.state).finish()
        XCTAssertNotNil(ended.asCompleted, "\(ended)")
        let name = try await citizen.stand.endLogin(begun)
        XCTAssertEqual(name, citizen.person.name)
        step.cancel()
        let stopped = await step.value
        XCTAssertTrue(stopped.isCancelled)
    }

    func testWrongOtp() async throws {
        let citizen = try await Citizen()
        let wallet = try await openWallet(in: temporaryFolder())
        let flow = try await wallet.startBinding(try await citizen.request())
        let asked = try await expect(flow.state.asStarted, flow.state).requestOtp(.email)
        let otp = try await citizen.otp()
        let tried = try await expect(asked.asOtpSent, asked).bind(.otp(code: other(than: otp)))
        let refused = try expect(tried.asOtpSent, tried)
        XCTAssertEqual(refused.error?.code, .authenticationFailed)
        XCTAssertEqual(refused.error?.retry, .now)
        let ended = await refused.bind(.otp(code: otp))
        XCTAssertNotNil(ended.asBound, "\(ended)")
    }

    func testLockOut() async throws {
        let citizen = try await Citizen()
        let wallet = try await openWallet(in: temporaryFolder())
        let flow = try await wallet.startBinding(try await citizen.request())
        let asked = try await expect(flow.state.asStarted, flow.state).requestOtp(.email)
        let wrong = other(than: try await citizen.otp())
        var state = try expect(asked.open, asked)
        var tries = 0
        while state.error?.code != .attemptsExceeded, tries < 20 {
            let tried = await state.bind(.otp(code: wrong))
            state = try expect(tried.open, tried)
            tries += 1
        }
        XCTAssertEqual(state.error?.code, .attemptsExceeded)
        XCTAssertEqual(state.error?.retry, .later)
        XCTAssertEqual(state.error?.nextStep, .wait)
        try flow.cancel()
        try await citizen.stand.unlock(citizen.person)
        try await citizen.bind(wallet)
        try await citizen.logIn(wallet)
    }

    func testWithdrawConsent() async throws {
        let citizen = try await Citizen()
        let wallet = try await citizen.boundWallet()
        let begun = try await citizen.logIn(wallet)
        let name = try await citizen.stand.nameAgain(begun)
        XCTAssertEqual(name, citizen.person.name)
        let receipt = try await wallet.withdrawConsent(receiptId: wallet.receipts()[0].id)
        XCTAssertEqual(receipt.state, .withdrawn)
        XCTAssertNotNil(receipt.withdrawnAt)
        let status = await refusal { try await citizen.stand.nameAgain(begun) }
        XCTAssertEqual(status, 409)
    }

    func testAnswerQuestion() async throws {
        let citizen = try await Citizen()
        let keys = PlayedKeys(try softwareKeys())
        let wallet = try await citizen.boundWallet(keys: keys)
        let binding = try wallet.bindings()[0].id
        let none = try await wallet.questions(bindingId: binding)
        XCTAssertTrue(none.isEmpty)
        let asked = try await citizen.stand.ask(citizen.person)
        let open = try await citizen.stand.standing(asked)
        XCTAssertEqual(open, "OPEN")
        let questions = try await wallet.questions(bindingId: binding)
        XCTAssertEqual(questions.map(\.id), [asked])
        XCTAssertEqual(questions.map(\.purpose), ["Your file"])
        let before = keys.prompts.value
        let answered = try await wallet.answerQuestion(question: questions[0], acceptedClaims: ["name"])
        let receipt = try XCTUnwrap(answered)
        XCTAssertEqual(keys.prompts.value - before, 1, "a key that asks at every use asks once")
        let agreed = try await citizen.stand.standing(asked)
        XCTAssertEqual(agreed, "AGREED name")
        XCTAssertTrue(try wallet.verifyReceipt(receiptId: receipt.id))
        XCTAssertEqual(try wallet.activity().first?.kind, .questionAnswered)
        _ = try await wallet.withdrawConsent(receiptId: receipt.id)
        let withdrawn = try await citizen.stand.standing(asked)
        XCTAssertEqual(withdrawn, "WITHDRAWN")
        let again = try await citizen.stand.ask(citizen.person)
        let another = try await wallet.questions(bindingId: binding)
        let refused = try await wallet.answerQuestion(question: another[0], acceptedClaims: [])
        XCTAssertNil(refused)
        let declined = try await citizen.stand.standing(again)
        XCTAssertEqual(declined, "DECLINED")
    }

    func testRenewCertificate() async throws {
        let citizen = try await Citizen()
        let wallet = try await citizen.boundWallet()
        let old = try wallet.bindings()[0]
        let renewed = try await wallet.renewBinding(bindingId: old.id)
        XCTAssertEqual(renewed.id, old.id)
        XCTAssertGreaterThanOrEqual(renewed.expiresAt, old.expiresAt)
        XCTAssertEqual(try wallet.activity().first?.kind, .renewed)
        try await citizen.logIn(wallet)
    }

    func testWipe() async throws {
        let citizen = try await Citizen()
        let keys = PlayedKeys(try softwareKeys())
        let wallet = try await citizen.boundWallet(keys: keys)
        try await citizen.logIn(wallet)
        XCTAssertEqual(keys.aliases.value.count, 1)
        _ = try await keys.info(alias: keys.aliases.value[0])
        try await wallet.erase()
        XCTAssertEqual(try wallet.bindings(), [])
        XCTAssertEqual(try wallet.receipts(), [])
        XCTAssertEqual(try wallet.activity(), [])
        do {
            _ = try await keys.info(alias: keys.aliases.value[0])
            XCTFail("the key is there")
        } catch {
            XCTAssertEqual(error as? KeyError, .NotFound)
        }
    }

    private func other(than otp: String) -> String { String(otp.map { $0 == "1" ? "2" : "1" }) }
}

import Foundation
import TesseraWalletCore
import XCTest

@testable import TesseraWallet

/// Errors, their texts, and what may never stand in them.
final class ErrorTests: XCTestCase {
    func testErrorsAreTyped() async throws {
        let wallet = try await openWallet(in: temporaryFolder())
        XCTAssertThrowsError(try wallet.bindingsFor(scanned: "hello")) { error in
            XCTAssertEqual((error as? WalletError)?.code, .invalidLink)
            XCTAssertEqual((error as? WalletError)?.retry, .never)
            XCTAssertEqual((error as? WalletError)?.nextStep, .scanAgain)
        }
        let noLink = await wallet.startLogin("hello")
        XCTAssertEqual(noLink.asScanAgain?.code, .invalidLink)
        let unknown = await wallet.startLogin("tessera://wla-auth?linkCode=abc&iss=https://id.example")
        XCTAssertEqual(unknown.asBindFirst?.code, .unknownServer)
        XCTAssertThrowsError(try decodeQr(luma: Data([0]), width: 2, height: 2))
    }

    func testEveryCodeHasASentenceOfItsOwnAndAnAdvice() {
        let errors = ErrorCode.allCases.map { WalletError($0) }
        let texts = errors.map(\.localizedDescription)
        XCTAssertEqual(Set(texts).count, ErrorCode.allCases.count, "\(texts)")
        for error in errors {
            XCTAssertEqual(error.errorDescription, error.localizedDescription)
            XCTAssertTrue(error.localizedDescription.hasSuffix("."))
            XCTAssertEqual(error.recoverySuggestion?.isEmpty, false)
        }
        let steps = Set(ErrorCode.allCases.map(\.nextStep))
        XCTAssertEqual(steps, Set(NextStep.allCases), "every step follows from some code")
    }

    func testErrorsOfATransportArriveAsTheirCodesAndUnexpectedOnesWithoutTheirText() async throws {
        struct Unexpected: Error { let text = "MARKER" }
        let cases: [(any Error & Sendable, ErrorCode)] = [
            (TransportError.Timeout, .timeout), (TransportError.Tls, .untrustedConnection), (Unexpected(), .offline),
        ]
        for (thrown, expected) in cases {
            let network = PlayedTransport { _, _ in throw thrown }
            let wallet = try await openWallet(in: temporaryFolder(), transport: network)
            let flow = try await wallet.startBinding(bindingRequest(origin: "https://id.example", individualId: "1"))
            let state = try await expect(flow.state.asStarted, flow.state).requestOtp(.email)
            let error = try XCTUnwrap(state.open?.error)
            XCTAssertEqual(error.code, expected)
            XCTAssertFalse(everything(error).contains("MARKER"))
        }
    }

    func testAPanicIsAnErrorWithoutItsText() async throws {
        let citizen = try await Citizen()
        let log = KeptLog()
        let wallet = try await openWallet(in: temporaryFolder(), keys: try panickingKeys(), log: log)
        let flow = try await wallet.startBinding(try await citizen.request())
        let asked = try await expect(flow.state.asStarted, flow.state).requestOtp(.email)
        let panicked = try await expect(asked.open, asked).bind(.otp(code: try await citizen.otp()))
        let error = try XCTUnwrap(panicked.open?.error, "\(panicked)")
        XCTAssertEqual(error.code, .internal)
        XCTAssertEqual(error.nextStep, .report)
        XCTAssertFalse(everything(error).contains("MARKER"))
        XCTAssertFalse(log.entries.value.map { String(reflecting: $0) + $0.line }.joined().contains("MARKER"))
        // The wallet goes on.
        XCTAssertEqual(try wallet.bindings(), [])
        try flow.cancel()
        XCTAssertTrue(flow.state.isOver)
    }

    func testWhatHoldsPersonalDataPrintsItsNameOnly() async throws {
        let request = bindingRequest(origin: "https://id.example", individualId: "MARKER")
        let prompt = SigningPrompt(purpose: .login, audience: "MARKER")
        let choices = LoginChoices(acceptedVoluntaryClaims: ["MARKER"], permittedScopes: [], number: "MARKER")
        let wallet = try await openWallet(in: temporaryFolder())
        let flow = try await wallet.startBinding(request)
        let values: [Any] = [
            request, BindingFactor.otp(code: "MARKER"), prompt, choices, flow, flow.state, BindingStart.all(flow),
            HttpRequest(
                method: .get, url: "https://MARKER.example/MARKER", headers: [HttpHeader(name: "a", value: "MARKER")],
                body: Data("MARKER".utf8), timeoutMs: 1, maxResponseBytes: 1),
        ]
        for value in values { XCTAssertFalse(everything(value).contains("MARKER"), "\(type(of: value))") }
    }

    func testWhatALoginShowsStandsInNoTextAndNoLog() async throws {
        let citizen = try await Citizen()
        let log = KeptLog()
        let wallet = try await citizen.boundWallet(log: log)
        let login = try await citizen.start(wallet, try await citizen.stand.beginLogin())
        let review = try expect(login.state.asReview, login.state)
        let party = review.review.relyingParty.name
        XCTAssertFalse(party.isEmpty)
        let ended = await review.approve(review.review.choices())
        _ = try expect(ended.asCompleted, ended)
        let texts = [
            everything(login), everything(review), everything(LoginState.review(review)), everything(ended),
            everything(LoginStart.started(login: login)), everything(try wallet.receipts()),
            everything(try wallet.activity()), everything(try wallet.bindings()),
            log.entries.value.map { String(reflecting: $0) + $0.line }.joined(separator: "\n"),
        ]
        for text in texts {
            for secret in [citizen.person.id, citizen.person.name, party] {
                XCTAssertFalse(text.contains(secret), text)
            }
        }
        XCTAssertFalse(log.entries.value.isEmpty)
    }

    /// All that a print, a debugger's line or an alert would show.
    private func everything(_ value: Any) -> String {
        var texts = [String(describing: value), String(reflecting: value), "\(value)"]
        if let error = value as? any Error {
            texts.append(error.localizedDescription)
            texts.append("\(error as NSError)")
        }
        return texts.joined(separator: "\n")
    }
}

/// A state inside of something else, as an app's own enum would hold it.
private enum BindingStart {
    case state(BindingState)

    static func all(_ flow: BindingFlow) -> [BindingStart] { [.state(flow.state)] }
}

import Foundation
import TesseraWallet
import XCTest

/// A person at the stand, and what such a person does with a wallet.
struct Citizen {
    let stand: Stand
    let person: Stand.Person

    init() async throws {
        stand = try Stand()
        person = try await stand.newPerson()
    }

    func request() async throws -> BindingRequest {
        bindingRequest(origin: try await stand.origin(), individualId: person.id)
    }

    func otp() async throws -> String { try await stand.otp(person) }

    func boundWallet(
        in folder: URL? = nil, transport: any Transport = URLSessionTransport(), keys: (any DeviceKeys)? = nil,
        log: (any Log)? = nil, clock: (any TesseraWallet.Clock)? = nil
    ) async throws -> Wallet {
        let wallet = try await openWallet(
            in: folder ?? temporaryFolder(), transport: transport, keys: keys, log: log, clock: clock)
        try await bind(wallet)
        return wallet
    }

    func bind(_ wallet: Wallet) async throws {
        let flow = try await wallet.startBinding(try await request())
        let asked = try await expect(flow.state.asStarted, flow.state).requestOtp(.email)
        let ended = try await expect(asked.asOtpSent, asked).bind(.otp(code: try await otp()))
        XCTAssertNotNil(ended.asBound, "\(ended)")
    }

    func start(_ wallet: Wallet, _ begun: Stand.Begun) async throws -> LoginFlow {
        let start = await wallet.startLogin(begun.link)
        return try expect(start.asStarted, start)
    }

    func approve(_ wallet: Wallet, _ begun: Stand.Begun) async throws -> LoginState {
        let login = try await start(wallet, begun)
        let state = try expect(login.state.asReview, login.state)
        return await state.approve(state.review.choices())
    }

    @discardableResult
    func logIn(_ wallet: Wallet) async throws -> Stand.Begun {
        let begun = try await stand.beginLogin()
        let ended = try await approve(wallet, begun)
        XCTAssertNotNil(ended.asCompleted, "\(ended)")
        let name = try await stand.endLogin(begun)
        XCTAssertEqual(name, person.name)
        return begun
    }
}

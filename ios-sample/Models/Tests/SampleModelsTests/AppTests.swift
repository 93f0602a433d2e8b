import Foundation
import SampleModels
import TesseraWallet
import Testing

/// The app as a whole: starts, links, kills, and a store that cannot be opened.
@MainActor @Suite(.serialized, .timeLimit(.minutes(10)))
struct AppTests {
    private func app(_ phone: Phone) -> AppModel {
        AppModel(openWallet: { try await phone.home() }, removeStore: { try phone.removeStore() })
    }

    private func home(_ app: AppModel) throws -> HomeModel {
        guard case .open(let home) = app.stage else {
            Issue.record("not open")
            throw CancellationError()
        }
        return home
    }

    /// Universal links and the URL scheme.
    @Test func aLinkThatComesBeforeTheWalletIsOpenWaitsForIt() async throws {
        let phone = try await Phone()
        try await bindAndClose(phone)
        let begun = try await phone.stand.beginLogin()
        let app = app(phone)
        await app.opened(try #require(URL(string: begun.link)))
        await app.start()
        let login = try #require(try home(app).login)
        await login.approve()
        let learned = try await phone.stand.endLogin(begun)
        #expect(learned == phone.person.name)
        // One that comes later is taken at once, after the login on the screen.
        let next = try await phone.stand.beginLogin()
        let link = try #require(URL(string: next.link))
        await app.opened(link)
        #expect(try home(app).login?.id == login.id)
        try await home(app).endLogin()
        await app.opened(link)
        #expect(try home(app).login?.isInReview == true)
    }

    @Test func aLoginGoesOnAfterTheAppWasKilled() async throws {
        let phone = try await Phone()
        let begun = try await approveAndLoseTheAnswer(phone, of: "/authenticate")
        let app = app(phone)
        await app.start()
        let login = try #require(try home(app).login)
        #expect(login.isUnfinished)
        #expect(!login.canApprove)
        await login.finish()
        #expect(login.isCompleted)
        let learned = try await phone.stand.endLogin(begun)
        #expect(learned == phone.person.name)
        try await home(app).endLogin()
        #expect(try home(app).receipts.receipts.count == 1)
    }

    @Test func whereTheLastAnswerWasLostTheBrowserTells() async throws {
        let phone = try await Phone()
        let begun = try await approveAndLoseTheAnswer(phone, of: "/consent")
        let app = app(phone)
        await app.start()
        let login = try #require(try home(app).login)
        await login.finish()
        #expect(login.isFailed)
        #expect(login.work.trouble?.next == .lookAtBrowser)
        let learned = try await phone.stand.endLogin(begun)
        #expect(learned == phone.person.name)
    }

    /// An app that is killed between approval and answer.
    private func approveAndLoseTheAnswer(_ phone: Phone, of path: String) async throws -> Stand.Begun {
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginLogin()
        let login = try await phone.scan(begun, home)
        phone.network.now(.answerLost(path: path))
        await login.approve()
        #expect(login.isUnfinished)
        #expect(login.work.trouble?.next == .tryAgain)
        // Asking again does no harm while the answer is still lost.
        await login.finish()
        #expect(login.isUnfinished)
        phone.network.now(.none)
        return begun
    }

    @Test func aLockedPhoneOpensTheWalletLater() async throws {
        let phone = try await Phone()
        try await bindAndClose(phone)
        phone.dataKey.now(.Locked)
        let app = app(phone)
        await app.start()
        guard case .failed(let trouble) = app.stage else {
            Issue.record("the wallet opened")
            return
        }
        #expect(trouble.next == .unlock)
        #expect(!app.mustReset)
        // Nothing is deleted for that.
        await app.reset()
        phone.dataKey.now(nil)
        await app.start()
        #expect(try home(app).isBound)
    }

    @Test func aStoreWhoseKeyIsGoneIsReplaced() async throws {
        let phone = try await Phone()
        try await bindAndClose(phone)
        phone.dataKey.now(.Invalidated)
        let app = app(phone)
        await app.start()
        #expect(app.mustReset)
        phone.dataKey.now(nil)
        await app.reset()
        #expect(try !home(app).isBound)
    }

    @Test func theScreensAreCoveredWhileTheAppIsNotInFront() async throws {
        let app = app(try await Phone())
        #expect(!app.covered)
        app.became(active: false)
        #expect(app.covered)
        app.became(active: true)
        #expect(!app.covered)
    }

    private func bindAndClose(_ phone: Phone) async throws { _ = try await phone.boundHome() }
}

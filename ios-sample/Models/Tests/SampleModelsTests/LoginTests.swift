import Foundation
import SampleModels
import TesseraWallet
import Testing

/// Logins as the screens run them, beside the browser of a login stand.
@MainActor @Suite(.serialized, .timeLimit(.minutes(10)))
struct LoginTests {
    /// GS-WAL-07.
    @Test func aClaimLeftOutStaysInThePhone() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginLogin()
        let login = try await phone.scan(begun, home)
        let review = try #require(login.review)
        #expect(review.channel == .crossDevice)
        let name = try #require(review.claims.first { $0.name == "name" })
        let email = try #require(review.claims.first { $0.name == "email" })
        #expect(name.essential && login.goes(name))
        #expect(!email.essential && !login.goes(email))
        login.set(email, goes: true)
        login.set(email, goes: false)
        // What the login needs cannot be left out.
        login.set(name, goes: false)
        #expect(login.goes(name))
        await login.approve()
        #expect(login.isCompleted)
        let learned = try await phone.stand.endLogin(begun)
        #expect(learned == phone.person.name)
        await home.endLogin()
        #expect(home.login == nil)
        #expect(home.receipts.receipts.map(\.claims) == [["name"]])
        #expect(home.activity.entries.first?.kind == .loginApproved)
        #expect(home.activity.entries.first?.claims == ["name"])
    }

    @Test func aClaimChosenGoesAlong() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginLogin()
        let login = try await phone.scan(begun, home)
        for claim in login.review?.claims ?? [] { login.set(claim, goes: true) }
        await login.approve()
        _ = try await phone.stand.endLogin(begun)
        await home.endLogin()
        #expect(home.receipts.receipts.first?.claims == ["email", "name"])
    }

    @Test func theNumberOfThePageLogsIn() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginNumberedLogin()
        let login = try await phone.scan(begun, home)
        #expect(login.review?.numberRequired == true)
        #expect(!login.canApprove)
        login.number = " \(try await phone.stand.numberShown(begun)) "
        #expect(login.canApprove)
        await login.approve()
        #expect(login.isCompleted)
        let learned = try await phone.stand.endLogin(begun)
        #expect(learned == phone.person.name)
    }

    @Test func aWrongNumberEndsTheLogin() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginNumberedLogin()
        let login = try await phone.scan(begun, home)
        let shown = try #require(Int(try await phone.stand.numberShown(begun)))
        let typed = String((shown + 1) % 1000)
        login.number = String(repeating: "0", count: 3 - typed.count) + typed
        await login.approve()
        #expect(login.isFailed)
        #expect(login.work.trouble == Trouble(.numberWrong))
        #expect(login.work.trouble?.next == .beginAgain)
        #expect(login.number.isEmpty)
        await #expect(throws: Stand.Refused(status: 409)) { try await phone.stand.endLogin(begun) }
    }

    /// GS-WAL-08.
    @Test func aDenialReachesTheBrowser() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginLogin()
        let login = try await phone.scan(begun, home)
        await login.deny(reason: .notMe)
        #expect(login.isDenied)
        #expect(login.review == nil)
        await #expect(throws: Stand.Refused(status: 409)) { try await phone.stand.endLogin(begun) }
        await home.endLogin()
        #expect(home.activity.entries.first?.kind == .loginDenied)
        #expect(home.receipts.receipts.isEmpty)
    }

    @Test func aLoginThatIsLeftIsGivenUp() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let login = try await phone.scan(try await phone.stand.beginLogin(), home)
        await home.endLogin()
        #expect(login.isCancelled)
        await home.load()
        #expect(home.login == nil)
    }

    @Test func anExpiredCodeAsksForTheNextOne() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginExpiredLogin()
        await home.scan.saw(begun.link)
        #expect(home.login == nil)
        #expect(home.scan.work.trouble?.next == .scanAgain)
        #expect(home.scan.looking)
        // The server says the same of it.
        let bare = begun.link.replacingOccurrences(
            of: "&linkExpireDateTime=[^&]*", with: "", options: .regularExpression)
        await home.scan.saw(bare)
        #expect(home.login == nil)
        #expect(home.scan.work.trouble?.next == .scanAgain)
    }

    @Test func aServerThatIsNotKnownIsNotSentAnything() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginLoginElsewhere()
        phone.network.now(.offline)
        await home.scan.saw(begun.link)
        #expect(home.scan.work.trouble == Trouble(.unknownServer))
        #expect(home.scan.work.trouble?.next == .bind)
    }

    @Test func whatIsNoLinkIsToldWhenPastedAndIgnoredWhenSeen() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        await home.scan.saw("https://example.org/menu")
        #expect(home.scan.work.trouble == nil)
        home.scan.pasted = "https://example.org/menu"
        await home.scan.takePasted()
        #expect(home.scan.work.trouble == Trouble(.invalidLink))
        #expect(home.scan.pasted.isEmpty)
        home.scan.troubleSeen()
        #expect(home.scan.work.trouble == nil)
    }

    @Test func offlineAndBack() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.stand.beginLogin()
        phone.network.now(.offline)
        await home.scan.take(begun.link)
        #expect(home.scan.work.trouble?.next == .tryAgain)
        phone.network.now(.none)
        await home.scan.take(begun.link)
        let login = try #require(home.login)
        phone.network.now(.offline)
        await login.deny(reason: nil)
        #expect(login.isInReview)
        #expect(login.work.trouble == Trouble(.offline))
        phone.network.now(.none)
        await login.deny(reason: nil)
        #expect(login.isDenied)
    }

    @Test func severalPersonsOfOnePhoneAreAskedFor() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let other = try await phone.stand.newPerson()
        home.beginBinding()
        let binding = try #require(home.binding)
        try await phone.fill(binding)
        binding.individualId = other.id
        await binding.sendOtp()
        binding.otp = try await phone.stand.otp(other)
        await binding.bind()
        #expect(binding.isBound)
        await home.endBinding()
        #expect(home.devices.entries.count == 2)
        let begun = try await phone.stand.beginLogin()
        await home.scan.saw(begun.link)
        #expect(home.login == nil)
        let choice = try #require(home.scan.choice)
        #expect(choice.bindings.count == 2)
        home.scan.chooseNone()
        #expect(home.scan.looking)
        await home.scan.saw(begun.link)
        let second = try #require(home.scan.choice?.bindings.last)
        await home.scan.choose(second)
        let login = try #require(home.login)
        #expect(login.review?.bindingId == second.id)
        await login.approve()
        let learned = try await phone.stand.endLogin(begun)
        #expect(learned == other.name)
    }

    @Test func theTimeLeftIsCountedDown() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let login = try await phone.scan(try await phone.stand.beginLogin(), home)
        let end = try #require(login.review?.expiresAt)
        #expect(login.secondsLeft(now: end.addingTimeInterval(-12.5)) == 13)
        #expect(login.secondsLeft(now: end.addingTimeInterval(5)) == 0)
        await login.deny(reason: .changedMind)
        #expect(login.secondsLeft(now: end) == nil)
    }
}

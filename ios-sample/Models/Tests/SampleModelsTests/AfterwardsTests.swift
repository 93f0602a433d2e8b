import Foundation
import SampleModels
import TesseraWallet
import Testing

/// What a citizen does after a login: report, withdraw, look back, delete.
@MainActor @Suite(.serialized, .timeLimit(.minutes(10)))
struct AfterwardsTests {
    @Test func aReportedLoginIsWorthNothingAnyMore() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.logIn(home)
        let entry = try #require(home.activity.entries.first)
        #expect(home.activity.canReport(entry))
        await home.activity.report(entry, reason: .suspicious)
        #expect(home.activity.work.trouble == nil)
        #expect(home.activity.entries.first?.kind == .loginReported)
        await #expect(throws: Stand.Refused(status: 409)) { try await phone.stand.nameAgain(begun) }
    }

    @Test func aConsentIsWithdrawn() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        let begun = try await phone.logIn(home)
        let receipt = try #require(home.receipts.receipts.first)
        #expect(await home.receipts.isGenuine(receipt) == true)
        #expect(home.receipts.canWithdraw(receipt))
        phone.network.now(.offline)
        await home.receipts.withdraw(receipt)
        #expect(home.receipts.work.trouble?.next == .tryAgain)
        #expect(home.receipts.receipts.first?.state == .given)
        phone.network.now(.none)
        await home.receipts.withdraw(receipt)
        let withdrawn = try #require(home.receipts.receipts.first)
        #expect(withdrawn.state == .withdrawn)
        #expect(!home.receipts.canWithdraw(withdrawn))
        await #expect(throws: Stand.Refused(status: 409)) { try await phone.stand.nameAgain(begun) }
        await home.receipts.delete(withdrawn)
        #expect(home.receipts.receipts.isEmpty)
    }

    @Test func whatAnotherPhoneAgreedToIsFetched() async throws {
        let first = try await Phone()
        let home = try await first.boundHome()
        let second = try await Phone(first.person)
        let other = try await second.boundHome()
        _ = try await first.logIn(home)
        await other.receipts.refresh()
        let receipt = try #require(other.receipts.receipts.first)
        #expect(receipt.claims == ["name"])
        // Its signature is on the first phone.
        #expect(await other.receipts.isGenuine(receipt) == nil)
    }

    @Test func theLogIsExportedAndCleared() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        _ = try await phone.logIn(home)
        let text = try #require(await home.activity.export())
        let entries = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(entries.count == home.activity.entries.count)
        #expect(!text.contains(phone.person.name))
        await home.activity.clear()
        #expect(home.activity.entries.isEmpty)
        #expect(home.receipts.receipts.count == 1)
    }

    @Test func everythingIsDeleted() async throws {
        let phone = try await Phone()
        let home = try await phone.boundHome()
        _ = try await phone.logIn(home)
        await home.wipe()
        #expect(!home.isBound)
        #expect(home.receipts.receipts.isEmpty)
        #expect(home.activity.entries.isEmpty)
        #expect(home.devices.entries.isEmpty)
    }
}

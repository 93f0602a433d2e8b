import SampleModels
import TesseraWallet
import Testing

/// Binding, and the list of phones.
@MainActor @Suite(.serialized, .timeLimit(.minutes(10)))
struct BindTests {
    /// GS-WAL-01.
    @Test func aPhoneIsBoundWithAPassword() async throws {
        let phone = try await Phone()
        let home = try await phone.home()
        #expect(!home.isBound)
        home.beginBinding()
        let binding = try #require(home.binding)
        #expect(!binding.canSendOtp)
        try await phone.fill(binding)
        #expect(binding.canSendOtp)
        await binding.sendOtp()
        #expect(binding.awaitsPassword)
        guard case .password(let delivery) = binding.step else { return }
        #expect(delivery.maskedEmail?.contains("*") == true)
        let otp = try await phone.stand.otp(phone.person)
        binding.otp = "wrong"
        await binding.bind()
        #expect(binding.work.trouble == Trouble(.authenticationFailed))
        #expect(binding.work.trouble?.next == .tryAgain)
        #expect(binding.otp.isEmpty)
        binding.otp = " \(otp) "
        await binding.bind()
        #expect(binding.isBound)
        await home.endBinding()
        #expect(home.isBound)
        #expect(home.binding == nil)
    }

    @Test func whatIsWrongInTheFormIsTold() async throws {
        let phone = try await Phone()
        let home = try await phone.home()
        home.beginBinding()
        let binding = try #require(home.binding)
        try await phone.fill(binding)
        binding.server = "http://id.example"
        await binding.sendOtp()
        #expect(binding.work.trouble == Trouble(.insecureAddress))
        #expect(binding.step == .form)
        try await phone.fill(binding)
        phone.network.now(.offline)
        await binding.sendOtp()
        #expect(binding.work.trouble == Trouble(.offline))
        phone.network.now(.none)
        await binding.sendOtp()
        #expect(binding.awaitsPassword)
        binding.startOver()
        #expect(binding.step == .form)
        binding.deviceName = String(repeating: "x", count: 65)
        #expect(!binding.canSendOtp)
    }

    @Test func aBindingGoesOnAfterTheAppWasKilled() async throws {
        let phone = try await Phone()
        try await sendOtp(phone)
        let home = try await phone.home()
        let binding = try #require(home.binding)
        #expect(binding.awaitsPassword)
        binding.otp = try await phone.stand.otp(phone.person)
        await binding.bind()
        #expect(binding.isBound)
        await home.endBinding()
        #expect(home.isBound)
    }

    /// An app that is killed after this.
    private func sendOtp(_ phone: Phone) async throws {
        let home = try await phone.home()
        home.beginBinding()
        let binding = try #require(home.binding)
        try await phone.fill(binding)
        await binding.sendOtp()
        try #require(binding.awaitsPassword)
    }

    @Test func phonesAreListedRenamedRenewedAndRevoked() async throws {
        let first = try await Phone()
        let home = try await first.boundHome()
        let second = try await Phone(first.person)
        let other = try await second.boundHome()
        await home.devices.refresh()
        let entry = try #require(home.devices.entries.first)
        let devices = try #require(entry.devices)
        #expect(devices.count == 2)
        let own = try #require(devices.first { $0.current })
        let others = try #require(devices.first { !$0.current })
        await home.devices.rename(others, at: entry.id, to: " Old phone ")
        #expect(home.devices.entries.first?.devices?.first { !$0.current }?.name == "Old phone")
        await home.devices.renew(entry.id)
        #expect(home.devices.work.trouble == nil)
        let renewed = try #require(home.devices.entries.first)
        #expect(renewed.binding.expiresAt >= entry.binding.expiresAt)
        await home.devices.revoke(others, at: entry.id)
        #expect(home.devices.entries.first?.devices?.map(\.deviceId) == [own.deviceId])
        // The other phone learns of it when it asks, and can only be bound again.
        await other.devices.refresh()
        #expect(other.devices.work.trouble?.next == .bind)
        // Told so too when it approves a login.
        let login = try await second.scan(try await second.stand.beginLogin(), other)
        await login.approve()
        #expect(login.isFailed)
        #expect(login.work.trouble == Trouble(.bindingEnded))
        await home.devices.revoke(own, at: entry.id)
        #expect(home.devices.entries.isEmpty)
        await other.devices.forget(try #require(other.devices.entries.first?.id))
        #expect(other.devices.entries.isEmpty)
    }
}

import Foundation
import SampleModels
import TesseraWallet
import UIKit

/// Opens the wallet with the parts of this device.
@MainActor
enum DeviceWallet {
    static func open() async throws -> HomeModel {
        let wallet = try await openDeviceWallet(
            credentialIssuers: try PinnedIssuers.shipped(), reason: { prompt in reason(for: prompt) })
        return HomeModel(
            wallet: wallet, deviceName: UIDevice.current.name,
            keyOptions: NewKeyOptions(userAuthentication: .everyUse, attest: true))
    }

    /// Removes the folder of a store that cannot be read any more. Its keys are deleted by the next wallet that opens there.
    static func removeStore() throws {
        let support = try FileManager.default.url(
            for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: false)
        try FileManager.default.removeItem(at: support.appendingPathComponent("TesseraWallet", isDirectory: true))
    }

    /// The sentence of the prompt for face, finger or passcode, in the citizen's language.
    private nonisolated static func reason(for prompt: SigningPrompt) -> String {
        let audience = prompt.audience ?? ""
        return switch prompt.purpose {
        case .binding: String(localized: "prompt.binding \(audience)")
        case .login: String(localized: "prompt.login \(audience)")
        case .manageDevices: String(localized: "prompt.manageDevices")
        case .manageConsents: String(localized: "prompt.manageConsents")
        case .reportLogin: String(localized: "prompt.reportLogin")
        }
    }
}

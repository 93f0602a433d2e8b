import SampleModels
import SwiftUI

@main
struct TesseraSampleApp: App {
    @State private var app = AppModel(openWallet: DeviceWallet.open, removeStore: DeviceWallet.removeStore)
    @Environment(\.scenePhase) private var phase

    var body: some Scene {
        WindowGroup {
            RootView(app: app)
                .environment(app)
                .task { await app.start() }
                // Links of the app's scheme and universal links alike.
                .onOpenURL { url in Task { await app.opened(url) } }
                .onChange(of: phase) { app.became(active: phase == .active) }
        }
    }
}

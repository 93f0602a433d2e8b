import SampleModels
import SwiftUI

/// The open wallet: one tab per thing it holds; a login or a binding lies above all of them.
struct HomeView: View {
    let home: HomeModel

    var body: some View {
        TabView {
            ScanView(home: home, scan: home.scan)
                .tabItem { Label("tab.scan", systemImage: "qrcode.viewfinder") }
            CredentialsView(model: home.credentials)
                .tabItem { Label("tab.credentials", systemImage: "person.text.rectangle") }
            ReceiptsView(model: home.receipts)
                .tabItem { Label("tab.receipts", systemImage: "checkmark.seal") }
            ActivityView(model: home.activity)
                .tabItem { Label("tab.activity", systemImage: "list.bullet.rectangle") }
            SettingsView(home: home, model: home.settings)
                .tabItem { Label("tab.settings", systemImage: "gearshape") }
        }
        .sheet(item: loginOnScreen) { login in
            LoginView(login: login) { Task { await home.endLogin() } }
                .interactiveDismissDisabled()
                .shaded()
        }
        .sheet(isPresented: bindingOnScreen) {
            if let binding = home.binding {
                BindView(model: binding) { Task { await home.endBinding() } }
                    .interactiveDismissDisabled()
                    .shaded()
            }
        }
    }

    private var loginOnScreen: SwiftUI.Binding<LoginModel?> {
        .init(get: { @MainActor in home.login }, set: { @MainActor in if $0 == nil { Task { await home.endLogin() } } })
    }

    private var bindingOnScreen: SwiftUI.Binding<Bool> {
        // A login waits for nobody: it comes first.
        .init(
            get: { @MainActor in home.binding != nil && home.login == nil },
            set: { @MainActor in if !$0 && home.login == nil { Task { await home.endBinding() } } })
    }
}

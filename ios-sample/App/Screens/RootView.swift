import SampleModels
import SwiftUI

/// What is shown while the wallet opens, where it cannot, and where it is open.
struct RootView: View {
    let app: AppModel
    @State private var asksReset = false

    var body: some View {
        Group {
            switch app.stage {
            case .opening:
                ProgressView("root.opening")
            case .open(let home):
                HomeView(home: home)
            case .failed(let trouble):
                failed(trouble)
            }
        }
        .shaded()
    }

    private func failed(_ trouble: Trouble) -> some View {
        ContentUnavailableView {
            Label("root.failed", systemImage: "lock.trianglebadge.exclamationmark")
        } description: {
            Text(trouble.message)
        } actions: {
            if app.mustReset {
                Button("root.reset", role: .destructive) { asksReset = true }
            } else {
                Button("common.tryAgain") { Task { await app.start() } }
            }
        }
        .confirmationDialog("root.reset.question", isPresented: $asksReset, titleVisibility: .visible) {
            Button("root.reset", role: .destructive) { Task { await app.reset() } }
        } message: {
            Text("root.reset.consequence")
        }
    }
}

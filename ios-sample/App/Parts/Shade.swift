import SampleModels
import SwiftUI

/// Covers a screen where the app is not in front: the picture among the open apps shows nothing. Sheets lie above what is
/// below them, so each has its own.
private struct Shade: ViewModifier {
    @Environment(AppModel.self) private var app

    func body(content: Content) -> some View {
        content
            .accessibilityHidden(app.covered)
            .overlay {
                if app.covered {
                    ZStack {
                        Rectangle().fill(.background).ignoresSafeArea()
                        Image(systemName: "lock.shield")
                            .font(.largeTitle)
                            .foregroundStyle(.secondary)
                            .accessibilityHidden(true)
                    }
                }
            }
    }
}

extension View {
    /// Covered where the app is not in front.
    func shaded() -> some View { modifier(Shade()) }
}

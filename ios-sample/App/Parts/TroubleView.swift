import SampleModels
import SwiftUI

extension Text {
    /// The text that a model names.
    init(_ message: Message) { self.init(LocalizedStringKey(message.key)) }
}

/// What went wrong, at the place where the citizen looks.
struct TroubleView: View {
    let work: Work

    var body: some View {
        if let trouble = work.trouble {
            Label {
                Text(trouble.message)
            } icon: {
                Image(systemName: "exclamationmark.triangle").foregroundStyle(.red)
            }
            .accessibilityElement(children: .combine)
            // VoiceOver goes to what is new on the screen.
            .onAppear { AccessibilityNotification.LayoutChanged().post() }
        }
    }
}

/// A button whose call runs for a while: off, with a sign of activity, until it is done.
struct CallButton: View {
    let title: LocalizedStringKey
    let work: Work
    let role: ButtonRole?
    let call: @MainActor () async -> Void

    init(_ title: LocalizedStringKey, work: Work, role: ButtonRole? = nil, call: @escaping @MainActor () async -> Void) {
        self.title = title
        self.work = work
        self.role = role
        self.call = call
    }

    var body: some View {
        Button(role: role) {
            Task { await call() }
        } label: {
            HStack {
                Text(title)
                if work.running {
                    Spacer()
                    ProgressView().accessibilityLabel("common.working")
                }
            }
        }
        .disabled(work.running)
    }
}

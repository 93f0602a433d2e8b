import SampleModels
import SwiftUI
import TesseraWallet

/// One login, from the review to its end.
struct LoginView: View {
    @Bindable var login: LoginModel
    let close: @MainActor () -> Void
    @Environment(\.openURL) private var openURL

    var body: some View {
        NavigationStack {
            Form {
                switch login.state {
                case .review(let state):
                    ReviewView(login: login, review: state.review)
                    NumberSection(login: login, review: state.review)
                    TroubleView(work: login.work)
                    DecisionSection(login: login)
                case .working(let review):
                    ReviewView(login: login, review: review)
                    ProgressView("login.working")
                case .unfinished(let state):
                    unfinished(state.review)
                case .completed(let outcome):
                    completed(outcome)
                case .denied:
                    end("login.denied", systemImage: "hand.raised")
                case .failed:
                    TroubleView(work: login.work)
                    end("login.failed", systemImage: "xmark.circle")
                case .cancelled:
                    end("login.left", systemImage: "xmark.circle")
                }
            }
            .navigationTitle("login.title")
            .toolbar {
                ToolbarItem(placement: .cancellationAction) {
                    Button("common.close", action: close).disabled(login.work.running)
                }
            }
        }
    }

    private func unfinished(_ review: LoginReview) -> some View {
        Section {
            Text("login.unfinished \(review.relyingParty.name)")
            TroubleView(work: login.work)
            CallButton("login.finish", work: login.work) { await login.finish() }
        }
    }

    private func completed(_ outcome: LoginOutcome) -> some View {
        Section {
            end("login.completed", systemImage: "checkmark.circle")
            if outcome.consentRemembered { Text("login.remembered") }
            if let link = outcome.returnUri.flatMap(URL.init(string:)) {
                Button("login.return") {
                    openURL(link)
                    close()
                }
            }
        }
    }

    private func end(_ text: LocalizedStringKey, systemImage: String) -> some View {
        Label(text, systemImage: systemImage).font(.headline)
    }
}

import SampleModels
import SwiftUI
import TesseraWallet

/// Who asks for what. What the server vouches for stands apart from what anybody can claim.
struct ReviewView: View {
    let login: LoginModel
    let review: LoginReview

    var body: some View {
        relyingParty
        origin
        essential
        voluntary
        scopes
    }

    private var relyingParty: some View {
        Section("review.who") {
            VStack(alignment: .leading) {
                Text(verbatim: review.relyingParty.name).font(.title2)
                if let domain = review.relyingParty.domain {
                    Text(verbatim: domain).font(.headline)
                    Label("review.verified", systemImage: "checkmark.seal")
                        .font(.footnote)
                        .foregroundStyle(.green)
                } else {
                    Label("review.notVerified", systemImage: "questionmark.circle")
                        .font(.footnote)
                        .foregroundStyle(.orange)
                }
            }
            .accessibilityElement(children: .combine)
            if let page = review.pageOrigin {
                LabeledContent("review.page") { Text(verbatim: page) }
            }
        }
    }

    private var origin: some View {
        Section {
            switch review.channel {
            case .crossDevice:
                Label("review.channel.other", systemImage: "desktopcomputer")
            case .sameDevice:
                Label("review.channel.same", systemImage: "iphone")
            }
            if let browser = review.from.browser {
                LabeledContent("review.browser") { Text(verbatim: browser) }
            }
            if let place = review.from.place {
                LabeledContent("review.place") { Text(verbatim: place) }
            }
            if let near = review.from.near {
                if near {
                    Label("review.near", systemImage: "wifi")
                } else {
                    Label("review.far", systemImage: "exclamationmark.triangle").foregroundStyle(.orange)
                }
            }
            if let startedAt = review.from.startedAt {
                LabeledContent("review.startedAt") { TimeText(startedAt) }
            }
        } header: {
            Text("review.from")
        } footer: {
            Text("review.from.hint")
        }
    }

    @ViewBuilder private var essential: some View {
        let claims = review.claims.filter(\.essential)
        if !claims.isEmpty {
            Section("review.essential") {
                ForEach(claims, id: \.name) { claim in
                    Label {
                        ClaimText(claim.name)
                    } icon: {
                        Image(systemName: "lock")
                    }
                    .accessibilityElement(children: .combine)
                    .accessibilityHint("review.essential.hint")
                }
            }
        }
    }

    @ViewBuilder private var voluntary: some View {
        let claims = review.claims.filter { !$0.essential }
        if !claims.isEmpty {
            Section {
                ForEach(claims, id: \.name) { claim in
                    Toggle(
                        isOn: .init(get: { @MainActor in login.goes(claim) }, set: { @MainActor in login.set(claim, goes: $0) })
                    ) {
                        ClaimText(claim.name)
                    }
                }
            } header: {
                Text("review.voluntary")
            } footer: {
                Text("review.voluntary.hint")
            }
        }
    }

    @ViewBuilder private var scopes: some View {
        if !review.scopes.isEmpty {
            Section("review.scopes") {
                ForEach(review.scopes, id: \.self) { scope in
                    Toggle(
                        isOn: .init(
                            get: { @MainActor in login.isPermitted(scope) },
                            set: { @MainActor in login.set(scope: scope, permitted: $0) })
                    ) {
                        Text(verbatim: scope)
                    }
                }
            }
        }
    }
}

/// The number that the browser shows: typed, never chosen from a list.
struct NumberSection: View {
    @Bindable var login: LoginModel
    let review: LoginReview

    var body: some View {
        if review.numberRequired {
            Section {
                TextField("review.number", text: $login.number)
                    .keyboardType(.numberPad)
                    .font(.title2)
            } footer: {
                Text("review.number.hint")
            }
        }
    }
}

/// Approve, or say no and why.
struct DecisionSection: View {
    let login: LoginModel
    @State private var asksWhy = false

    var body: some View {
        Section {
            TimelineView(.periodic(from: .now, by: 1)) { context in
                if let seconds = login.secondsLeft(now: context.date) {
                    Text("review.secondsLeft \(String(seconds))")
                        .font(.footnote)
                        .foregroundStyle(.secondary)
                        // Read when asked for, not every second.
                        .accessibilityAddTraits(.updatesFrequently)
                }
            }
            CallButton("review.approve", work: login.work) { await login.approve() }
                .disabled(!login.canApprove)
            Button("review.deny", role: .destructive) { asksWhy = true }
                .disabled(login.work.running)
        }
        .confirmationDialog("review.deny.why", isPresented: $asksWhy, titleVisibility: .visible) {
            Button("review.deny.notMe", role: .destructive) { Task { await login.deny(reason: .notMe) } }
            Button("review.deny.suspicious", role: .destructive) { Task { await login.deny(reason: .suspicious) } }
            Button("review.deny.changedMind") { Task { await login.deny(reason: .changedMind) } }
            Button("common.cancel", role: .cancel) {}
        }
    }
}

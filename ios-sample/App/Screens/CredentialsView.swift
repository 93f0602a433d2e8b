import SampleModels
import SwiftUI
import TesseraWallet

/// What others vouched for.
struct CredentialsView: View {
    let model: CredentialsModel
    @State private var adds = false

    var body: some View {
        NavigationStack {
            List {
                TroubleView(work: model.work)
                ForEach(model.credentials, id: \.id) { credential in
                    NavigationLink {
                        CredentialView(model: model, id: credential.id)
                    } label: {
                        CredentialRow(credential: credential)
                    }
                }
            }
            .overlay {
                if model.credentials.isEmpty {
                    ContentUnavailableView("credentials.none", systemImage: "person.text.rectangle")
                }
            }
            .navigationTitle("credentials.title")
            .task { await model.load() }
            .toolbar {
                ToolbarItem(placement: .primaryAction) {
                    Button {
                        model.beginAdding()
                        adds = true
                    } label: {
                        Label("credentials.add", systemImage: "plus")
                    }
                }
            }
            .sheet(isPresented: $adds) {
                AddCredentialView(model: model) { adds = false }
                    .shaded()
            }
        }
    }
}

/// One credential in a list.
private struct CredentialRow: View {
    let credential: Credential

    var body: some View {
        VStack(alignment: .leading) {
            if let title = credential.title {
                Text(verbatim: title).font(.headline).privacySensitive()
            } else {
                Text("credentials.untitled").font(.headline)
            }
            if let issuer = credential.issuerName ?? credential.issuer {
                Text(verbatim: issuer).font(.footnote).foregroundStyle(.secondary)
            }
            VerificationView(verification: credential.verification).font(.footnote)
        }
        .accessibilityElement(children: .combine)
    }
}

/// Whether a credential stands, with all reasons why not.
struct VerificationView: View {
    let verification: CredentialVerification

    var body: some View {
        switch verification {
        case .verified:
            Label("credentials.verified", systemImage: "checkmark.seal").foregroundStyle(.green)
        case .notVerified(let doubts):
            VStack(alignment: .leading) {
                Label("credentials.notVerified", systemImage: "exclamationmark.triangle").foregroundStyle(.orange)
                ForEach(doubts, id: \.self) { Text(Message(of: $0)) }
            }
        }
    }
}

/// The camera, until a credential was read.
private struct AddCredentialView: View {
    let model: CredentialsModel
    let close: @MainActor () -> Void
    @State private var camera = CameraModel()

    var body: some View {
        NavigationStack {
            Form {
                if let added = model.added {
                    Section {
                        Label("credentials.added", systemImage: "checkmark.circle").font(.headline)
                        CredentialRow(credential: added)
                    }
                } else {
                    Section {
                        CameraView(camera: camera, looking: true) { text in Task { await model.saw(text) } }
                        TroubleView(work: model.work)
                    } footer: {
                        Text("credentials.hint")
                    }
                }
            }
            .navigationTitle("credentials.add")
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button("common.close", action: close) }
            }
        }
    }
}

import SampleModels
import SwiftUI
import TesseraWallet
import UIKit

/// One credential with all that it says, and its photo.
struct CredentialView: View {
    let model: CredentialsModel
    let id: String
    @State private var details: CredentialDetails?
    @State private var asksDelete = false
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        List {
            TroubleView(work: model.work)
            if let details {
                if let photo = details.photo { PhotoView(photo: photo) }
                standing(details.credential)
                Section("credentials.claims") {
                    ForEach(details.claims, id: \.name) { claim in
                        LabeledContent {
                            Text(verbatim: claim.value).textSelection(.enabled).privacySensitive()
                        } label: {
                            ClaimText(claim.name)
                        }
                    }
                }
                Button("credentials.delete", role: .destructive) { asksDelete = true }
            }
        }
        .navigationTitle("credentials.one.title")
        .task { details = await model.details(id) }
        .confirmationDialog("credentials.delete.question", isPresented: $asksDelete, titleVisibility: .visible) {
            Button("credentials.delete", role: .destructive) {
                Task { await model.delete(id) }
                dismiss()
            }
        } message: {
            Text("credentials.delete.consequence")
        }
    }

    private func standing(_ credential: Credential) -> some View {
        Section {
            VerificationView(verification: credential.verification)
            if let issuer = credential.issuerName ?? credential.issuer {
                LabeledContent("credentials.issuer") { Text(verbatim: issuer) }
            }
            if let issued = credential.issuedAtMs {
                LabeledContent("credentials.issued") { DayText(milliseconds: issued) }
            }
            if let end = credential.validUntilMs {
                LabeledContent("credentials.validUntil") { DayText(milliseconds: end) }
            }
        }
    }
}

/// The portrait, where this system can draw its format.
private struct PhotoView: View {
    let photo: CredentialImage

    var body: some View {
        if let picture = UIImage(data: photo.data) {
            Image(uiImage: picture)
                .resizable()
                .aspectRatio(contentMode: .fit)
                .frame(maxHeight: 240)
                .clipShape(RoundedRectangle(cornerRadius: 8))
                .accessibilityLabel("credentials.photo")
                .privacySensitive()
        } else {
            Text("credentials.photo.unreadable")
        }
    }
}

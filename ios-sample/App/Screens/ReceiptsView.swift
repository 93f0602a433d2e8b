import SampleModels
import SwiftUI
import TesseraWallet

/// What the citizen agreed to.
struct ReceiptsView: View {
    let model: ReceiptsModel

    var body: some View {
        NavigationStack {
            List {
                TroubleView(work: model.work)
                ForEach(model.receipts, id: \.id) { receipt in
                    NavigationLink {
                        ReceiptView(model: model, id: receipt.id)
                    } label: {
                        VStack(alignment: .leading) {
                            Text(verbatim: receipt.relyingParty).font(.headline)
                            TimeText(receipt.at).font(.footnote).foregroundStyle(.secondary)
                            Text(Message(of: receipt.state)).font(.footnote)
                        }
                        .accessibilityElement(children: .combine)
                    }
                }
            }
            .overlay {
                if model.receipts.isEmpty {
                    ContentUnavailableView("receipts.none", systemImage: "checkmark.seal")
                }
            }
            .navigationTitle("receipts.title")
            .task { await model.load() }
            .refreshable { await model.refresh() }
        }
    }
}

/// One receipt, with its withdrawal.
private struct ReceiptView: View {
    let model: ReceiptsModel
    let id: String
    @State private var asksWithdrawal = false
    @State private var genuine: Bool?
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        List {
            if let receipt = model.receipts.first(where: { $0.id == id }) {
                what(receipt)
                proof(receipt)
                actions(receipt)
            }
        }
        .navigationTitle("receipts.one.title")
    }

    @ViewBuilder private func what(_ receipt: ConsentReceipt) -> some View {
        Section {
            LabeledContent("receipts.relyingParty") { Text(verbatim: receipt.relyingParty) }
            if let domain = receipt.domain {
                LabeledContent("receipts.domain") { Text(verbatim: domain) }
            }
            LabeledContent("receipts.at") { TimeText(receipt.at) }
            LabeledContent("receipts.state") { Text(Message(of: receipt.state)) }
            if let end = receipt.expiresAt {
                LabeledContent("receipts.expires") { DayText(end) }
            }
            if let end = receipt.withdrawnAt {
                LabeledContent("receipts.withdrawnAt") { TimeText(end) }
            }
        }
        Section("receipts.agreed") {
            ForEach(receipt.claims, id: \.self) { ClaimText($0) }
            ForEach(receipt.scopes, id: \.self) { Text(verbatim: $0) }
        }
    }

    private func proof(_ receipt: ConsentReceipt) -> some View {
        Section("receipts.proof") {
            if receipt.statement == nil {
                Text("receipts.proof.elsewhere")
            } else if let genuine {
                if genuine {
                    Label("receipts.proof.genuine", systemImage: "checkmark.seal")
                } else {
                    Label("receipts.proof.forged", systemImage: "xmark.seal").foregroundStyle(.red)
                }
            } else {
                Button("receipts.proof.check") { Task { genuine = await model.isGenuine(receipt) } }
            }
        }
    }

    private func actions(_ receipt: ConsentReceipt) -> some View {
        Section {
            TroubleView(work: model.work)
            if receipt.state == .given {
                Button("receipts.withdraw", role: .destructive) { asksWithdrawal = true }
                    .disabled(!model.canWithdraw(receipt))
            }
            Button("receipts.delete", role: .destructive) {
                Task { await model.delete(receipt) }
                dismiss()
            }
        } footer: {
            Text("receipts.delete.hint")
        }
        .confirmationDialog("receipts.withdraw.question", isPresented: $asksWithdrawal, titleVisibility: .visible) {
            Button("receipts.withdraw", role: .destructive) { Task { await model.withdraw(receipt) } }
        } message: {
            Text("receipts.withdraw.consequence \(receipt.relyingParty)")
        }
    }
}

import SampleModels
import SwiftUI
import TesseraWallet

/// What this phone did for whom.
struct ActivityView: View {
    let model: ActivityModel
    @State private var asksClear = false
    @State private var file: SavedFile?

    var body: some View {
        NavigationStack {
            List {
                TroubleView(work: model.work)
                ForEach(model.entries, id: \.id) { entry in
                    EntryRow(model: model, entry: entry)
                }
            }
            .overlay {
                if model.entries.isEmpty {
                    ContentUnavailableView("activity.none", systemImage: "list.bullet.rectangle")
                }
            }
            .navigationTitle("activity.title")
            .task { await model.load() }
            .toolbar {
                ToolbarItem(placement: .primaryAction) {
                    Button {
                        Task { file = await model.export().map { SavedFile(Data($0.utf8)) } }
                    } label: {
                        Label("activity.export", systemImage: "square.and.arrow.up")
                    }
                    .disabled(model.entries.isEmpty)
                }
                ToolbarItem(placement: .destructiveAction) {
                    Button("activity.clear", role: .destructive) { asksClear = true }
                        .disabled(model.entries.isEmpty)
                }
            }
            .savingFile($file, as: .json, named: "tessera-activity")
            .confirmationDialog("activity.clear.question", isPresented: $asksClear, titleVisibility: .visible) {
                Button("activity.clear", role: .destructive) { Task { await model.clear() } }
            } message: {
                Text("activity.clear.consequence")
            }
        }
    }
}

/// One entry; a login that was approved can be reported.
private struct EntryRow: View {
    let model: ActivityModel
    let entry: ActivityEntry
    @State private var asksWhy = false

    var body: some View {
        VStack(alignment: .leading) {
            Text(Message(of: entry.kind)).font(.headline)
            Text(verbatim: entry.relyingParty ?? entry.server)
            TimeText(entry.at).font(.footnote).foregroundStyle(.secondary)
            ForEach(entry.claims, id: \.self) { ClaimText($0).font(.footnote) }
            if let code = entry.error { Text(Message(of: code)).font(.footnote) }
            if model.canReport(entry) {
                Button("activity.report") { asksWhy = true }
                    .buttonStyle(.borderless)
            }
        }
        .confirmationDialog("activity.report.question", isPresented: $asksWhy, titleVisibility: .visible) {
            Button("review.deny.notMe", role: .destructive) { Task { await model.report(entry, reason: .notMe) } }
            Button("review.deny.suspicious", role: .destructive) { Task { await model.report(entry, reason: .suspicious) } }
        } message: {
            Text("activity.report.consequence")
        }
    }
}

import SampleModels
import SwiftUI
import TesseraWallet
import UniformTypeIdentifiers

/// Makes a file for another phone, brings one back, and says what must be bound again.
struct BackupView: View {
    let home: HomeModel
    @Bindable var model: BackupModel
    @State private var file: SavedFile?
    @State private var picks = false

    var body: some View {
        Form {
            export
            restore
            if let restored = model.restored {
                Section("backup.restored") {
                    LabeledContent("tab.credentials") { Text(verbatim: String(restored.credentials)) }
                    LabeledContent("tab.receipts") { Text(verbatim: String(restored.receipts)) }
                    LabeledContent("tab.activity") { Text(verbatim: String(restored.activity)) }
                }
            }
            if !model.bindAgain.isEmpty { again }
        }
        .navigationTitle("backup.title")
        .task { await model.load() }
        .onDisappear { model.forget() }
        .savingFile($file, as: .data, named: "tessera-backup")
        .fileImporter(isPresented: $picks, allowedContentTypes: [.data]) { picked in
            if case .success(let url) = picked { Task { await open(url) } }
        }
    }

    private var export: some View {
        Section {
            SecureField("backup.passphrase", text: $model.passphrase)
                .textContentType(.newPassword)
            SecureField("backup.repeated", text: $model.repeated)
                .textContentType(.newPassword)
            CallButton("backup.export", work: model.work) { file = await model.export().map(SavedFile.init) }
                .disabled(!model.canExport)
        } footer: {
            Text("backup.export.hint")
        }
    }

    private var restore: some View {
        Section {
            TroubleView(work: model.work)
            Button("backup.restore") { picks = true }
                .disabled(!model.canRestore)
        } footer: {
            Text("backup.restore.hint")
        }
    }

    private var again: some View {
        Section("backup.bindAgain") {
            ForEach(model.bindAgain, id: \.id) { open in
                VStack(alignment: .leading) {
                    Text(verbatim: open.label.isEmpty ? open.individualId : open.label).privacySensitive()
                    Text(verbatim: open.server).font(.footnote).foregroundStyle(.secondary)
                    Button("bind.begin") { home.beginBinding(again: open) }
                        .buttonStyle(.borderless)
                    Button("backup.skip", role: .destructive) { Task { await model.skip(open) } }
                        .buttonStyle(.borderless)
                }
            }
        }
    }

    private func open(_ url: URL) async {
        // The file lies in another app's folder.
        let allowed = url.startAccessingSecurityScopedResource()
        defer { if allowed { url.stopAccessingSecurityScopedResource() } }
        guard let bytes = try? Data(contentsOf: url) else { return model.fileUnreadable() }
        await model.restore(bytes)
    }
}

import SampleModels
import SwiftUI

/// The camera, and a field for a link from elsewhere.
struct ScanView: View {
    let home: HomeModel
    @Bindable var scan: ScanModel
    @State private var camera = CameraModel()

    var body: some View {
        NavigationStack {
            Form {
                if home.isBound {
                    cameraSection
                    pasteSection
                } else {
                    unbound
                }
            }
            .navigationTitle("scan.title")
            .confirmationDialog("scan.choose", isPresented: choosing, titleVisibility: .visible) {
                ForEach(scan.choice?.bindings ?? [], id: \.id) { binding in
                    Button {
                        Task { await scan.choose(binding) }
                    } label: {
                        Text(verbatim: binding.label.isEmpty ? binding.server : binding.label)
                    }
                }
                Button("common.cancel", role: .cancel) { scan.chooseNone() }
            }
        }
    }

    private var choosing: SwiftUI.Binding<Bool> {
        .init(get: { @MainActor in scan.choice != nil }, set: { @MainActor in if !$0 { scan.chooseNone() } })
    }

    private var cameraSection: some View {
        Section {
            CameraView(camera: camera, looking: scan.looking && home.login == nil) { text in
                // A task of its own: the camera's ends as soon as a code is taken, and a cancelled task would end the login.
                Task { await scan.saw(text) }
            }
            TroubleView(work: scan.work)
            if scan.work.trouble?.next == .bind {
                Button("bind.begin") { home.beginBinding() }
            }
        } footer: {
            Text("scan.hint")
        }
    }

    private var pasteSection: some View {
        Section("scan.paste.title") {
            TextField("scan.paste.field", text: $scan.pasted)
                .textInputAutocapitalization(.never)
                .autocorrectionDisabled()
                .keyboardType(.URL)
                .onSubmit { Task { await scan.takePasted() } }
            CallButton("scan.paste.open", work: scan.work) { await scan.takePasted() }
                .disabled(scan.pasted.isEmpty)
        }
    }

    private var unbound: some View {
        Section {
            Text("scan.unbound")
            Button("bind.begin") { home.beginBinding() }
            TroubleView(work: scan.work)
        }
    }
}

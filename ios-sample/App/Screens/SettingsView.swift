import SampleModels
import SwiftUI
import UIKit

/// Phones, backup, language, deletion, and what this app is.
struct SettingsView: View {
    let home: HomeModel
    let model: SettingsModel
    @Environment(\.openURL) private var openURL
    @State private var asksWipe = false

    var body: some View {
        NavigationStack {
            List {
                Section {
                    NavigationLink("devices.title") { DevicesView(home: home, model: home.devices) }
                    NavigationLink("backup.title") { BackupView(home: home, model: home.backup) }
                    NavigationLink("about.title") { AboutView() }
                }
                language
                wipe
            }
            .navigationTitle("settings.title")
        }
    }

    private var language: some View {
        Section {
            if let settings = URL(string: UIApplication.openSettingsURLString) {
                Button("settings.language") { openURL(settings) }
            }
        } footer: {
            Text("settings.language.hint")
        }
    }

    private var wipe: some View {
        Section {
            TroubleView(work: model.work)
            Button("settings.wipe", role: .destructive) { asksWipe = true }
                .disabled(model.work.running)
        }
        .confirmationDialog("settings.wipe.question", isPresented: $asksWipe, titleVisibility: .visible) {
            Button("settings.wipe", role: .destructive) { Task { await home.wipe() } }
        } message: {
            Text("settings.wipe.consequence")
        }
    }
}

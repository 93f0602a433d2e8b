import SwiftUI

/// What this app is, and which version.
struct AboutView: View {
    var body: some View {
        List {
            Text("about.what")
            LabeledContent("about.version") { Text(verbatim: version) }
            Text("about.licence").font(.footnote).foregroundStyle(.secondary)
        }
        .navigationTitle("about.title")
    }

    private var version: String {
        let known = Bundle.main.object(forInfoDictionaryKey: "CFBundleShortVersionString")
        return known as? String ?? ""
    }
}

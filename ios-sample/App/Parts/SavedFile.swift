import SwiftUI
import UniformTypeIdentifiers

/// A file for the citizen to keep where he likes.
struct SavedFile: FileDocument {
    static let readableContentTypes: [UTType] = [.json, .data]

    let bytes: Data

    init(_ bytes: Data) { self.bytes = bytes }

    init(configuration: ReadConfiguration) throws {
        guard let bytes = configuration.file.regularFileContents else { throw CocoaError(.fileReadCorruptFile) }
        self.bytes = bytes
    }

    func fileWrapper(configuration: WriteConfiguration) throws -> FileWrapper {
        FileWrapper(regularFileWithContents: bytes)
    }
}

extension View {
    /// Asks where to keep a file, as soon as there is one. What becomes of it is the system's to tell.
    func savingFile(_ file: SwiftUI.Binding<SavedFile?>, as type: UTType, named name: String) -> some View {
        fileExporter(
            isPresented: .init(
                get: { @MainActor in file.wrappedValue != nil }, set: { @MainActor in if !$0 { file.wrappedValue = nil } }),
            document: file.wrappedValue, contentType: type, defaultFilename: name
        ) { _ in file.wrappedValue = nil }
    }
}

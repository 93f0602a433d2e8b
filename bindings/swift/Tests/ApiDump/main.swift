// Writes the public API of the package, one line for each symbol, sorted: `kind path : declaration`, as bindings/parity.sh
// reads it. Read from the symbol graphs of check-apple.sh, so that the parts for Apple's platforms are in it. What the generated module holds beside the
// names of Exports.swift is not public.
// usage: ApiDump FOLDER-OF-SYMBOL-GRAPHS EXPORTS.SWIFT
import Foundation

struct Graph: Decodable {
    struct Symbol: Decodable {
        struct Identifier: Decodable { let precise: String }
        struct Fragment: Decodable { let spelling: String }
        struct Kind: Decodable { let identifier: String }
        let kind: Kind
        let identifier: Identifier
        let pathComponents: [String]
        let declarationFragments: [Fragment]
        let accessLevel: String
    }
    let symbols: [Symbol]
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
    FileHandle.standardError.write(Data("usage: ApiDump FOLDER EXPORTS.SWIFT\n".utf8))
    exit(2)
}
let folder = URL(fileURLWithPath: arguments[1])
let exports = try String(contentsOf: URL(fileURLWithPath: arguments[2]), encoding: .utf8)
let exported = Set(
    exports.split(separator: "\n").filter { $0.hasPrefix("@_exported import ") }.compactMap {
        $0.split(separator: ".").last.map(String.init)
    })

let kinds = [
    "swift.class": "class", "swift.struct": "struct", "swift.enum": "enum", "swift.protocol": "protocol",
    "swift.enum.case": "case", "swift.init": "init", "swift.func": "func", "swift.method": "func",
    "swift.type.method": "static func", "swift.property": "var", "swift.type.property": "static var",
]

var lines: Set<String> = []
for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
    let generated = file.lastPathComponent.hasPrefix("TesseraWalletCore")
    let graph = try JSONDecoder().decode(Graph.self, from: Data(contentsOf: file))
    for symbol in graph.symbols where !symbol.identifier.precise.contains("::SYNTHESIZED::") {
        // A function's path is its name with labels.
        let outer = symbol.pathComponents[0].prefix { $0 != "(" }
        if generated && !exported.contains(String(outer)) { continue }
        let declaration = symbol.declarationFragments.map(\.spelling).joined()
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let open = symbol.accessLevel == "open" ? "open " : ""
        guard let kind = kinds[symbol.kind.identifier] else { fatalError("unknown kind \(symbol.kind.identifier)") }
        lines.insert("\(kind) \(symbol.pathComponents.joined(separator: ".")) : \(open)\(declaration)")
    }
}
for line in lines.sorted() { print(line) }

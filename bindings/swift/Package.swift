// swift-tools-version:6.0
import PackageDescription

// The package as app developers get it is made by xcframework.sh: these sources, the generated code, the XCFramework, and
// in the two lines below where the XCFramework lies. assemble.sh makes the one for Linux, without XCFramework.
let url = ""
let checksum = ""

// Linux: TESSERA_LIB is the folder of libwallet_ffi. With TESSERA_TEST_KEYS it also holds software keys, and the tests run.
let library = Context.environment["TESSERA_LIB"]
let testKeys = Context.environment["TESSERA_TEST_KEYS"] != nil

let rust: Target
var link: [LinkerSetting] = []
if let library {
    rust = .systemLibrary(name: "TesseraWalletFFI")
    link = [.unsafeFlags(["-L\(library)"])]
} else if url.isEmpty {
    rust = .binaryTarget(name: "TesseraWalletFFI", path: "TesseraWalletFFI.xcframework")
} else {
    rust = .binaryTarget(name: "TesseraWalletFFI", url: url, checksum: checksum)
}

var targets: [Target] = [
    rust,
    // Generated, in language mode 5: async foreign traits stop the Swift 6.0 compiler in mode 6 (swiftlang/swift#78439).
    .target(
        name: "TesseraWalletCore", dependencies: ["TesseraWalletFFI"], swiftSettings: [.swiftLanguageMode(.v5)],
        linkerSettings: link),
    .target(name: "TesseraWallet", dependencies: ["TesseraWalletCore"]),
]
if testKeys {
    targets += [
        .testTarget(name: "TesseraWalletTests", dependencies: ["TesseraWallet", "TesseraWalletCore"]),
        .executableTarget(
            name: "CallCosts", dependencies: ["TesseraWallet", "TesseraWalletCore"], path: "Tests/CallCosts"),
        .executableTarget(name: "ApiDump", path: "Tests/ApiDump"),
    ]
}

let package = Package(
    name: "TesseraWallet",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "TesseraWallet", targets: ["TesseraWallet"])],
    targets: targets,
    swiftLanguageModes: [.v6]
)

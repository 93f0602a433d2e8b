// swift-tools-version:6.0
import PackageDescription

// test.sh puts this package, the generated code and the library together in target/bindings/swift.
// TESSERA_LIB is the folder of libwallet_ffi; with TESSERA_TEST_KEYS it also holds software keys.
let library = Context.environment["TESSERA_LIB"] ?? "\(Context.packageDirectory)/lib"
let testKeys = Context.environment["TESSERA_TEST_KEYS"] != nil

// The generated code in language mode 5: async foreign traits stop the Swift 6.0 compiler in mode 6
// (swiftlang/swift#78439). What uses the package may be in mode 6; its tests are.
let generated: [SwiftSetting] = [.swiftLanguageMode(.v5)]
let link: [LinkerSetting] = [.unsafeFlags(["-L\(library)"])]

var targets: [Target] = [
    .systemLibrary(name: "TesseraWalletFFI"),
    .target(name: "TesseraWallet", dependencies: ["TesseraWalletFFI"], swiftSettings: generated, linkerSettings: link),
]
if testKeys {
    targets.append(.testTarget(name: "TesseraWalletTests", dependencies: ["TesseraWallet"]))
}

let package = Package(
    name: "TesseraWallet",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "TesseraWallet", targets: ["TesseraWallet"])],
    targets: targets
)

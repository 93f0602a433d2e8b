// swift-tools-version:6.0
import PackageDescription

// The code of docs/guide-ios.md beside the wallet's package, as an app developer has them.
let wallet = Context.environment["TESSERA_PACKAGE"] ?? ""

let package = Package(
    name: "FirstLogin",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "TesseraWallet", path: wallet)],
    targets: [
        .executableTarget(
            name: "FirstLogin", dependencies: [.product(name: "TesseraWallet", package: "TesseraWallet")])
    ]
)

// swift-tools-version:6.0
import Foundation
import PackageDescription

// The wallet's package: bindings/swift on a Mac, with its XCFramework; on Linux what test.sh puts together beside it.
let wallet = Context.environment["TESSERA_PACKAGE"] ?? "../../bindings/swift"

let package = Package(
    name: "SampleModels",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "SampleModels", targets: ["SampleModels"])],
    dependencies: [.package(name: "TesseraWallet", path: wallet)],
    targets: [
        .target(name: "SampleModels", dependencies: ["TesseraWallet"]),
        .testTarget(name: "SampleModelsTests", dependencies: ["SampleModels", "TesseraWallet"]),
    ]
)

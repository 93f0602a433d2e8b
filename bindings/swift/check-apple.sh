#!/usr/bin/env bash
# Type-checks the sources for Apple's platforms on Linux, against stand-ins for Apple's modules (Tests/AppleStandins), and
# writes the symbol graphs of both modules and the documentation. Proves our own names and types, nothing about Apple's.
# Run where Swift is, on a package that assemble.sh put together and `swift build` built.
# usage: check-apple.sh PACKAGE       writes PACKAGE/apple/symbols and PACKAGE/apple/documentation
set -euo pipefail
cd "$1"
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
rm -rf apple
mkdir -p apple/symbols
bin=$(swift build --show-bin-path)
common=(-swift-version 6 -parse-as-library -package-name "$(basename "$PWD")" -I "$bin/Modules" -I apple
    -Xcc "-fmodule-map-file=$PWD/Sources/TesseraWalletFFI/module.modulemap")

# In this order: each imports those before it.
for module in Security LocalAuthentication DeviceCheck CryptoKit os; do
    swiftc -emit-module "${common[@]}" -module-name "$module" -emit-module-path "apple/$module.swiftmodule" \
        "Tests/AppleStandins/$module.swift"
done
mapfile -t sources < <(find Sources/TesseraWallet -name '*.swift' | sort)
swiftc -wmo -emit-module -warnings-as-errors "${common[@]}" -module-name TesseraWallet \
    -emit-module-path apple/TesseraWallet.swiftmodule "${sources[@]}"
for module in TesseraWallet TesseraWalletCore; do
    "$tools/swift-symbolgraph-extract" -module-name "$module" -minimum-access-level public -output-dir apple/symbols \
        -target "$(swiftc -print-target-info | sed -n 's/.*"triple": "\(.*\)".*/\1/p' | head -1)" \
        -I apple -I "$bin/Modules" -Xcc "-fmodule-map-file=$PWD/Sources/TesseraWalletFFI/module.modulemap"
done
# Every link of the documentation leads somewhere, and every parameter is described.
"$tools/docc" convert Sources/TesseraWallet/TesseraWallet.docc --warnings-as-errors --output-dir apple/documentation \
    --additional-symbol-graph-dir apple/symbols --fallback-display-name TesseraWallet \
    --fallback-bundle-identifier org.tessera.wallet

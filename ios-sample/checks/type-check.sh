#!/usr/bin/env bash
# Type-checks the app's sources, and the guide's, against stand-ins for Apple's frameworks (standin/). Run where `swift` is,
# after the models were built.
# usage: type-check.sh BUILD FOLDER GUIDE
#   BUILD   SwiftPM's scratch folder of the models
#   FOLDER  where the modules of the stand-ins are kept
#   GUIDE   what guide.py made
#
# It proves that the app's own names and types fit together, and fit the models and the wallet. It proves nothing about
# Apple's frameworks: a stand-in says what we believe of them.
set -euo pipefail
build=$(realpath "$1") folder=$(realpath -m "$2") guide=$(realpath "$3")
sample=$(cd "$(dirname "$0")/.." && pwd)
wallet=${TESSERA_PACKAGE:?}
header=$(dirname "$(find "$wallet/Sources" -name module.modulemap)")

mkdir -p "$folder"
for module in UIKit UniformTypeIdentifiers AVFoundation SwiftUI; do
    sources=("$sample/checks/standin/$module"/*.swift)
    made=$folder/$module.swiftmodule
    [ ! -e "$made" ] || [ -n "$(find "${sources[@]}" -newer "$made")" ] || continue
    swiftc -emit-module -parse-as-library -swift-version 6 -module-name "$module" -I "$folder" \
        -emit-module-path "$made" "${sources[@]}"
done

# What the stand-in says of the wallet's Apple parts is what their source says.
one_line() { tr -s ' \n' ' ' | sed 's/( /(/g; s/ )/)/g'; }
declared() { sed -n '/public func openDeviceWallet(/,/-> Wallet {/p' "$1" | one_line | sed 's/ {.*//; s/^ //'; }
mine=$(declared "$sample/checks/standin/AppleParts.swift")
theirs=$(declared "$wallet/Sources/TesseraWallet/Apple/DeviceWallet.swift")
if [ -z "$mine" ] || [ "$mine" != "$theirs" ]; then
    printf 'openDeviceWallet is declared otherwise:\n%s\n%s\n' "$mine" "$theirs" >&2
    exit 1
fi

check() {
    local name=$1
    shift
    swiftc -typecheck -parse-as-library -swift-version 6 -warnings-as-errors -module-name "$name" \
        -I "$folder" -I "$build/debug/Modules" -I "$header" "$@" "$sample/checks/standin/AppleParts.swift"
    echo "$name: $# sources fit"
}
mapfile -t app < <(find "$sample/App" -name '*.swift' | sort)
check TesseraSample "${app[@]}"
check FirstApp "$guide"/app/*.swift

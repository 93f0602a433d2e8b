#!/usr/bin/env bash
# Type-checks the app's sources against stand-ins for Apple's frameworks (standin/). Run where `swift` is, after the models
# were built.
# usage: type-check.sh BUILD FOLDER      (BUILD: SwiftPM's scratch folder of the models; FOLDER: for the stand-ins' modules)
#
# It proves that the app's own names and types fit together, and fit the models and the wallet. It proves nothing about
# Apple's frameworks: a stand-in says what we believe of them.
set -euo pipefail
build=$(realpath "$1") folder=$(realpath -m "$2")
sample=$(cd "$(dirname "$0")/.." && pwd)
header=$(dirname "$(find "${TESSERA_PACKAGE:?}/Sources" -name module.modulemap)")

mkdir -p "$folder"
for module in UIKit UniformTypeIdentifiers AVFoundation SwiftUI; do
    sources=("$sample/checks/standin/$module"/*.swift)
    made=$folder/$module.swiftmodule
    [ -n "$(find "${sources[@]}" -newer "$made" 2>/dev/null || echo none)" ] || continue
    swiftc -emit-module -parse-as-library -swift-version 6 -module-name "$module" -I "$folder" \
        -emit-module-path "$made" "${sources[@]}"
done

mapfile -t app < <(find "$sample/App" -name '*.swift' | sort)
swiftc -typecheck -parse-as-library -swift-version 6 -warnings-as-errors -module-name TesseraSample \
    -I "$folder" -I "$build/debug/Modules" -I "$header" "${app[@]}" "$sample/checks/standin/AppleParts.swift"
echo "${#app[@]} sources of the app fit the models, the wallet and the stand-ins"

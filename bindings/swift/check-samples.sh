#!/usr/bin/env bash
# Type-checks every ```swift block of the documentation, each by itself, against the package with Apple's parts. A block that
# imports something is a file; any other is the body of an async function that has what Tests/Samples/Given.swift gives.
# usage: check-samples.sh PACKAGE PAGE.md…      (after check-apple.sh)
set -euo pipefail
package=$1
shift
bin=$(swift build --package-path "$package" --show-bin-path)
rm -rf "$package/samples"
mkdir -p "$package/samples"
awk -v folder="$package/samples" '
    FNR == 1 { page = FILENAME; gsub(/[^A-Za-z0-9]/, "_", page) }
    /^```swift$/ { inside = 1; body = ""; file = 0; at = FNR; next }
    inside && /^```$/ {
        inside = 0
        name = folder "/" page "_" at ".swift"
        printf "%s", "#sourceLocation(file: \"" FILENAME "\", line: " at + 1 ")\n" > name
        if (file) printf "%s", body > name
        else printf "%s", "import Foundation\nimport TesseraWallet\nextension Given { func sample() async throws {\n" body "} }\n" > name
        close(name)
        next
    }
    inside { if ($0 ~ /^import /) file = 1; body = body $0 "\n" }
' "$@"
checked=0
for sample in "$package"/samples/*.swift; do
    [ -e "$sample" ] || break
    # SwiftUI is not on Linux: samples with it belong to the sample app, which has a stand-in.
    if grep -q '^import SwiftUI' "$sample"; then continue; fi
    swiftc -typecheck -suppress-warnings -swift-version 6 -parse-as-library -I "$package/apple" -I "$bin/Modules" \
        -Xcc "-fmodule-map-file=$PWD/$package/Sources/TesseraWalletFFI/module.modulemap" \
        bindings/swift/Tests/Samples/Given.swift "$sample"
    checked=$((checked + 1))
done
echo "$checked samples of the documentation compile"

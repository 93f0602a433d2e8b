#!/usr/bin/env bash
# Puts the Swift package together in target/bindings/swift, builds it on Linux, and runs its tests against the Rust library
# and a running server. Then: Apple's parts against stand-ins, the public API against api.txt, the samples of the
# documentation, the form of the sources.
# usage: bindings/swift/test.sh [--update-api]      (--update-api writes api.txt instead of comparing it, and does no more)
#   SWIFT_ROOT          the folder with Swift, as tests/install/swift prints it; not needed where `swift` is installed
#   TESSERA_TEST_STAND  address of a running login stand; without it one is started
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
update=${1:-}
[ -n "${TESSERA_TEST_STAND:-}" ] || [ -n "$update" ] || exec bindings/with-stand.sh "$here/test.sh"

# cargo does nothing where the libraries are up to date.
tests/build
package=target/bindings/swift
# wallet-ffi with software keys beside it takes the place of wallet-ffi: Linux has no CryptoKit.
bindings/swift/assemble.sh target/debug/libwallet_ffi_test_keys.so "$package"

export TESSERA_LIB=$package/lib TESSERA_TEST_KEYS=1
if command -v swift >/dev/null; then
    library=$PWD/$TESSERA_LIB
    export TESSERA_LIB=$library LD_LIBRARY_PATH=$library
    in_swift() { "$@"; }
else
    SWIFT_ROOT=${SWIFT_ROOT:-$(tests/install/swift)}
    export SWIFT_ROOT
    # The same paths inside: the repository is the working folder there.
    in_swift() { bindings/swift/in-chroot.sh "$@"; }
fi

in_swift swift build --quiet --package-path "$package" --build-tests
in_swift bindings/swift/check-apple.sh "$package"
api=$package/api.txt
in_swift swift run --quiet --skip-build --package-path "$package" ApiDump "$package/apple/symbols" \
    "bindings/swift/Sources/TesseraWallet/Exports.swift" >"$api"
if [ -n "$update" ]; then
    cp "$api" "$here/api.txt"
    exit 0
fi
diff -u "$here/api.txt" "$api" || {
    echo "the public API is not that of bindings/swift/api.txt; where that is meant: bindings/swift/test.sh --update-api" >&2
    exit 1
}
bindings/parity.sh swift
mapfile -t pages < <(find docs bindings -name '*.md' -not -path '*/build/*' | sort)
in_swift bindings/swift/check-samples.sh "$package" "${pages[@]}"
in_swift swift format lint --strict --recursive --configuration bindings/swift/.swift-format \
    bindings/swift/Package.swift bindings/swift/Sources bindings/swift/Tests
in_swift swift test --skip-build --package-path "$package"
in_swift swift run --quiet --skip-build --package-path "$package" CallCosts

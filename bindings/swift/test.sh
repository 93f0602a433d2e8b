#!/usr/bin/env bash
# Puts the Swift package together in target/bindings/swift, builds it on Linux and runs its tests against the Rust library
# and a running server.
#   SWIFT_ROOT          the folder with Swift, as tests/install/swift prints it; not needed where `swift` is installed
#   TESSERA_TEST_STAND  address of a running login stand; without it one is started
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
[ -n "${TESSERA_TEST_STAND:-}" ] || exec bindings/with-stand.sh "$here/test.sh"

package=target/bindings/swift
# cargo does nothing where the libraries are up to date.
tests/build
rm -rf "${package:?}"/{Sources,Tests,lib,generated}
mkdir -p "$package/lib"
cp "$here/Package.swift" "$package/"
cp -r "$here/Sources" "$here/Tests" "$package/"

# wallet-ffi with software keys beside it takes the place of wallet-ffi: Linux has no CryptoKit.
ln -f target/debug/libwallet_ffi_test_keys.so "$package/lib/libwallet_ffi.so"
bindings/generate.sh swift "$package/lib/libwallet_ffi.so" "$package/generated"
mkdir -p "$package/Sources/TesseraWalletFFI"
mv "$package"/generated/*.swift "$package/Sources/TesseraWallet/"
mv "$package"/generated/*.h "$package/Sources/TesseraWalletFFI/"
# The generated module maps name Darwin's modules; this one holds both headers and links the library.
cat >"$package/Sources/TesseraWalletFFI/module.modulemap" <<'MAP'
module TesseraWalletFFI {
    header "TesseraWalletFFI.h"
    header "TesseraTestKeysFFI.h"
    link "wallet_ffi"
    export *
}
MAP

export TESSERA_LIB=$package/lib TESSERA_TEST_KEYS=1
if command -v swift >/dev/null; then
    library=$PWD/$TESSERA_LIB
    TESSERA_LIB=$library LD_LIBRARY_PATH=$library swift test --package-path "$package"
else
    SWIFT_ROOT=${SWIFT_ROOT:-$(tests/install/swift)} bindings/swift/in-chroot.sh swift test --package-path "/src/$package"
fi

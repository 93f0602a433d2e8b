#!/usr/bin/env bash
# Makes the Swift package for app developers, with the library for iPhones, simulators and Macs as an XCFramework.
# Needs a Mac with Xcode 16 and rustup; run nowhere else. tests/run checks its form only.
# usage: bindings/swift/xcframework.sh                 completes bindings/swift itself, for apps that name it by path
#        bindings/swift/xcframework.sh FOLDER [URL]    makes a package of its own, for a release
#   FOLDER  becomes the package: sources, generated code, the XCFramework, its .zip and checksum
#   URL     where the .zip will lie: the package then names that in place of its own XCFramework. Upload the .zip there, and
#           make the rest of FOLDER a tagged repository.
set -euo pipefail
folder=${1:-} url=${2:-}
[ "$(uname -s)" = Darwin ] || { echo "an XCFramework is made on a Mac with Xcode only" >&2; exit 1; }
[ -z "$folder" ] || { mkdir -p "$folder" && folder=$(cd "$folder" && pwd); }
cd "$(dirname "$0")/../.."
here=$PWD/bindings/swift
work=target/xcframework
rm -rf "$work"
mkdir -p "$work/include" "$work/simulator" "$work/mac"

# The lowest systems of Package.swift.
export IPHONEOS_DEPLOYMENT_TARGET=15.0 MACOSX_DEPLOYMENT_TARGET=12.0
for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin; do
    rustup target add "$target"
    cargo build --release --package wallet-ffi --target "$target"
done
# A fat library for each platform with two processors.
lipo -create -output "$work/simulator/libwallet_ffi.a" \
    target/{aarch64-apple-ios-sim,x86_64-apple-ios}/release/libwallet_ffi.a
lipo -create -output "$work/mac/libwallet_ffi.a" target/{aarch64,x86_64}-apple-darwin/release/libwallet_ffi.a

# Generated before anything is stripped: the library tells what is to be generated.
bindings/generate.sh swift target/aarch64-apple-ios/release/libwallet_ffi.a "$work/generated"
mv "$work"/generated/*.h "$work/include/"
mv "$work"/generated/*.modulemap "$work/include/module.modulemap"
for library in target/aarch64-apple-ios/release "$work/simulator" "$work/mac"; do
    strip -S "$library/libwallet_ffi.a"
done

xcodebuild -create-xcframework -output "$work/TesseraWalletFFI.xcframework" \
    -library target/aarch64-apple-ios/release/libwallet_ffi.a -headers "$work/include" \
    -library "$work/simulator/libwallet_ffi.a" -headers "$work/include" \
    -library "$work/mac/libwallet_ffi.a" -headers "$work/include"

framework=TesseraWalletFFI.xcframework
package=${folder:-$here}
rm -rf "${package:?}/$framework" "$package/Sources/TesseraWalletCore"
mkdir -p "$package/Sources/TesseraWalletCore"
cp "$work"/generated/*.swift "$package/Sources/TesseraWalletCore/"
if [ "$package" = "$here" ]; then
    cp -R "$work/$framework" "$package/"
    exit 0
fi

rm -rf "$package/Sources/TesseraWallet"
cp -R "$here/Sources/TesseraWallet" "$package/Sources/"
cp LICENSE "$package/"
(cd "$work" && ditto -c -k --sequesterRsrc --keepParent "$framework" "$package/$framework.zip")
checksum=$(swift package --package-path "$here" compute-checksum "$package/$framework.zip")
if [ -n "$url" ]; then
    sed -e "s|^let url = \"\"|let url = \"$url\"|" -e "s|^let checksum = \"\"|let checksum = \"$checksum\"|" \
        "$here/Package.swift" >"$package/Package.swift"
else
    cp "$here/Package.swift" "$package/"
    cp -R "$work/$framework" "$package/"
fi
echo "$checksum" | tee "$package/$framework.zip.checksum"

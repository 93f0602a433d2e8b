#!/usr/bin/env bash
# Puts the Swift package together for Linux: its sources, the code generated from a library, and that library.
# What is up to date is left alone, so that Swift compiles only what changed.
# usage: bindings/swift/assemble.sh LIBRARY FOLDER     (LIBRARY: libwallet_ffi.so, or the one with software keys beside it)
set -euo pipefail
library=$(realpath "$1") folder=$(realpath -m "$2")
cd "$(dirname "$0")/../.."
here=bindings/swift

new=$folder/new
rm -rf "$new"
mkdir -p "$folder/lib" "$new/Sources/TesseraWalletFFI" "$new/Sources/TesseraWalletCore"
cp -r "$here/Package.swift" "$here/Sources" "$here/Tests" "$new/"
bindings/generate.sh swift "$library" "$folder/generated"
mv "$folder"/generated/*.swift "$new/Sources/TesseraWalletCore/"
mv "$folder"/generated/*.h "$new/Sources/TesseraWalletFFI/"
rm -r "$folder/generated"
# The generated module maps name Darwin's modules; this one holds all headers and links the library.
{
    echo 'module TesseraWalletFFI {'
    for header in "$new"/Sources/TesseraWalletFFI/*.h; do echo "    header \"${header##*/}\""; done
    printf '    link "wallet_ffi"\n    export *\n}\n'
} >"$new/Sources/TesseraWalletFFI/module.modulemap"

for part in Package.swift Sources Tests; do
    # A file keeps its time where its content is the same.
    diff -rq "$new/$part" "$folder/$part" >/dev/null 2>&1 && continue
    rm -rf "${folder:?}/$part"
    mv "$new/$part" "$folder/$part"
done
rm -rf "$new"
cmp -s "$library" "$folder/lib/libwallet_ffi.so" || cp -f "$library" "$folder/lib/libwallet_ffi.so"

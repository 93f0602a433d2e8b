#!/usr/bin/env bash
# Builds the guide's FirstLogin as a program, and lets it bind and log a browser in at the login stand; builds the guide's program for
# Linux too (FOLDER/run/desk). Run where `swift` is, after the models were built: the wallet's modules are taken from there.
# usage: run-guide.sh BUILD FOLDER      (BUILD: SwiftPM's scratch folder of the models; FOLDER: what guide.py made)
set -euo pipefail
build=$(realpath "$1")/debug folder=$(realpath "$2")/run
checks=$(cd "$(dirname "$0")" && pwd)
header=$(dirname "$(find "${TESSERA_PACKAGE:?}/Sources" -name module.modulemap)")
# usage: program NAME FILE SOURCE…
program() {
    swiftc -swift-version 6 -parse-as-library -module-name "$1" -I "$build/Modules" -I "$header" "${@:3}" \
        "$build"/TesseraWallet.build/*.o "$build"/TesseraWalletCore.build/*.o \
        -L "${TESSERA_LIB:?}" -Xlinker --allow-shlib-undefined -o "$2"
}
program Desk "$folder/desk" "$folder/Desk.swift"
program FirstLogin "$folder/first-login" "$folder/FirstLogin.swift" "$checks/GuidePhone.swift"
"$folder/first-login"

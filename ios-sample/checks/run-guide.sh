#!/usr/bin/env bash
# Builds the guide's FirstLogin as a program beside the wallet's package, and lets it bind and log a browser in at the login stand.
# Run where `swift` is.
# usage: run-guide.sh FOLDER      (FOLDER: what guide.py made)
set -euo pipefail
folder=$(realpath "$1")/run
checks=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder/package/Sources/FirstLogin"
cp "$checks/guide/Package.swift" "$folder/package/"
cp "$folder/FirstLogin.swift" "$checks"/guide/*Phone.swift "$folder/package/Sources/FirstLogin/"
swift run --package-path "$folder/package" -Xlinker --allow-shlib-undefined FirstLogin

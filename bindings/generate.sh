#!/usr/bin/env bash
# Writes the Kotlin or Swift code of a library that carries wallet-core's scaffolding. The code is made at every build
# and not kept in the repository, so that it cannot differ from the library.
# usage: bindings/generate.sh kotlin|swift LIBRARY FOLDER      (LIBRARY must not be stripped)
set -euo pipefail
language=$1 library=$(realpath "$2") folder=$(realpath -m "$3")
cd "$(dirname "$0")/.."

bindgen=${UNIFFI_BINDGEN:-target/debug/uniffi-bindgen}
[ -x "$bindgen" ] || cargo build --quiet --package uniffi-bindgen
rm -rf "$folder"
mkdir -p "$folder"
"$bindgen" generate "$library" --language "$language" --no-format --out-dir "$folder"

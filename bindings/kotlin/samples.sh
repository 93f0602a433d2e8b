#!/usr/bin/env bash
# Writes every block of Kotlin in docs/*.md and bindings/README.md to a file that can be compiled, named after the document and
# the block's line. A block that declares something stands as it is. One of statements becomes a function that has what every
# app has: context, wallet, scanned, folder, scope.
# usage: bindings/kotlin/samples.sh FOLDER
set -euo pipefail
folder=$(realpath -m "$1")
cd "$(dirname "$0")/../.."
rm -rf "$folder"
mkdir -p "$folder"
awk -v folder="$folder" '
    function write_block(   name, file, declares, i, own) {
        name = FILENAME; gsub(/[^A-Za-z0-9]/, "_", name); name = name "_" begun
        file = folder "/" name ".kt"
        own = 0; declares = 0
        for (i = 1; i <= count; i++) {
            if (block[i] ~ /^package /) own = 1
            if (block[i] ~ /^(@[A-Z]|((public|private|internal|open|abstract|sealed|data|suspend|override) )*(class|interface|object|fun|enum class) )/) declares = 1
        }
        print "@file:Suppress(\"UNUSED_VARIABLE\", \"UNUSED_PARAMETER\", \"UNUSED_EXPRESSION\", \"NAME_SHADOWING\", \"unused\")" > file
        if (!own) {
            print "package samples." name > file
            print "import org.tessera.wallet.*\nimport org.tessera.wallet.android.*\nimport org.tessera.wallet.jvm.*" > file
            for (i = 1; i <= count; i++) if (block[i] ~ /^import /) print block[i] > file
        }
        if (!declares) print "suspend fun sample(context: android.content.Context, wallet: Wallet, scanned: String, folder: java.nio.file.Path, scope: kotlinx.coroutines.CoroutineScope) {" > file
        for (i = 1; i <= count; i++) if (own || block[i] !~ /^import /) print block[i] > file
        if (!declares) print "}" > file
        close(file)
    }
    /^```kotlin *$/ { inside = 1; count = 0; begun = FNR; next }
    inside && /^```/ { inside = 0; write_block(); next }
    inside { block[++count] = $0 }
' docs/*.md bindings/README.md

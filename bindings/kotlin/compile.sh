#!/usr/bin/env bash
# Compiles the Kotlin package: the generated code, the layer, and the parts of each platform, each to a jar of its own in
# target/bindings/kotlin (generated, wallet, android). The Android parts are compiled against Android's own classes.
#   KOTLIN_HOME  the compiler's folder (bin/kotlinc, lib/*.jar), as tests/install/kotlin prints it
#   ANDROID_JAR  Android's classes, as tests/install/android-api prints them
# Prints the class path that a program needs to use them on a JVM.
# usage: compile.sh [jvm]      (jvm: without the Android parts, and without Android's classes)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

kotlin=${KOTLIN_HOME:-$(tests/install/kotlin)}
out=target/bindings/kotlin
libraries=/usr/share/java/jna.jar:$kotlin/lib/kotlin-stdlib.jar:$kotlin/lib/kotlinx-coroutines-core-jvm.jar
# A compiler lives for seconds: what it would gain from the second tier it spends on making it.
export JAVA_OPTS=${JAVA_OPTS:--Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1}

# usage: compile JAR CLASSPATH OPTION… -- SOURCE…: nothing to do where neither sources nor class path changed.
compile() {
    local jar=$out/$1.jar class_path=$2 options=()
    shift 2
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    local state
    state=$({ find "$@" -name '*.kt' -print0 | sort -z | xargs -0 sha256sum; tr : '\n' <<<"$class_path" | xargs stat -c '%n %s %Y'; echo "${options[*]}"; } | sha256sum)
    if [ "$(cat "$jar.from" 2>/dev/null)" != "$state" ] || [ ! -e "$jar" ]; then
        rm -f "$jar" "$jar.from"
        "$kotlin/bin/kotlinc" "${options[@]}" -jvm-target 17 -cp "$class_path" "$@" -d "$jar" >&2
        echo "$state" >"$jar.from"
    fi
}

mkdir -p "$out"
bindings/generate.sh kotlin target/debug/libwallet_ffi.so "$out/generated"
compile generated "$libraries" -nowarn -- "$out/generated"
compile wallet "$out/generated.jar:$libraries" -Werror -- "$here/src/main/kotlin" "$here/src/jvm/kotlin"
if [ "${1:-}" != jvm ]; then
    android=${ANDROID_JAR:-$(tests/install/android-api)}
    # Gradle compiles layer and Android parts as one module, in which both see what is internal.
    compile android "$out/wallet.jar:$out/generated.jar:$libraries:$android" -Werror -Xfriend-paths="$out/wallet.jar" -- "$here/src/android/kotlin"
fi
echo "$out/wallet.jar:$out/generated.jar:$libraries"

#!/usr/bin/env bash
# Measures on this machine what a start and a call cost. LIBRARY is the folder of libwallet_ffi.so: target/debug by default;
# `cargo build --release -p wallet-ffi` makes target/release.
# usage: bindings/kotlin/bench.sh [LIBRARY]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
export KOTLIN_HOME=${KOTLIN_HOME:-$(tests/install/kotlin)}
package=$("$here/compile.sh")
out=target/bindings/kotlin
export JAVA_OPTS=${JAVA_OPTS:--Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1}
"$KOTLIN_HOME/bin/kotlinc" -jvm-target 17 -cp "$package" "$here/src/bench/kotlin" -d "$out/bench.jar"
java -Djna.library.path="${1:-target/debug}" -Djna.boot.library.path="/usr/lib/$(uname -m)-linux-gnu/jni" -cp "$out/bench.jar:$package" BenchKt

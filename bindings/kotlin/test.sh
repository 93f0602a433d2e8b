#!/usr/bin/env bash
# Compiles the Kotlin package with its tests and runs them on the JVM against the Rust library.
#   KOTLIN_HOME         the compiler's folder (bin/kotlinc, lib/*.jar), as tests/install/kotlin prints it
#   TESSERA_TEST_STAND  address of a running login stand; without it one is started
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
[ -n "${TESSERA_TEST_STAND:-}" ] || exec bindings/with-stand.sh "$here/test.sh"

kotlin=${KOTLIN_HOME:-$(tests/install/kotlin)}
java=/usr/share/java
jna=$java/jna.jar
out=target/bindings/kotlin

# cargo does nothing where the library is up to date.
tests/build
rm -rf "$out"
mkdir -p "$out"
bindings/generate.sh kotlin target/debug/libwallet_ffi.so "$out/generated"

libraries=$jna:$kotlin/lib/kotlin-stdlib.jar:$kotlin/lib/kotlinx-coroutines-core-jvm.jar
junit=$(printf "$java/%s.jar:" junit-jupiter-api junit-jupiter-engine junit-jupiter-params junit-platform-console \
    junit-platform-launcher junit-platform-engine junit-platform-commons junit-platform-reporting opentest4j apiguardian-api picocli)
junit=$junit$kotlin/lib/kotlin-test.jar:$kotlin/lib/kotlin-test-junit5.jar

export JAVA_OPTS=${JAVA_OPTS:--Xmx1500m}
"$kotlin/bin/kotlinc" -nowarn -jvm-target 17 -cp "$libraries" "$out/generated" "$here/src/main/kotlin" -d "$out/wallet.jar"
"$kotlin/bin/kotlinc" -Werror -jvm-target 17 -cp "$out/wallet.jar:$libraries:$junit" "$here/src/test/kotlin" -d "$out/tests.jar"

java -Djna.library.path=target/debug -Djna.boot.library.path="/usr/lib/$(uname -m)-linux-gnu/jni" \
    -cp "$out/tests.jar:$out/wallet.jar:$libraries:$junit" org.junit.platform.console.ConsoleLauncher \
    --scan-classpath "$out/tests.jar" --disable-banner --reports-dir "$out/reports"

#!/usr/bin/env bash
# Compiles the Kotlin package, its tests and the samples of the documents, and runs the tests on the JVM against the Rust library:
# the Android parts too, over a key store of the JDK that answers as Android's does. With --update-api it first writes the public
# API anew (bindings/kotlin/api.txt).
#   KOTLIN_HOME         the compiler's folder (bin/kotlinc, lib/*.jar), as tests/install/kotlin prints it
#   ANDROID_JAR         Android's classes, as tests/install/android-api prints them
#   TESSERA_TEST_STAND  address of a running login stand; without it one is started
# usage: bindings/kotlin/test.sh [--update-api]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
[ -n "${TESSERA_TEST_STAND:-}" ] || exec bindings/with-stand.sh "$here/test.sh" "$@"
update=()
[ "${1:-}" != --update-api ] || update=(-Dtessera.updateApi=yes)

export KOTLIN_HOME=${KOTLIN_HOME:-$(tests/install/kotlin)}
export ANDROID_JAR=${ANDROID_JAR:-$(tests/install/android-api)}
java=/usr/share/java
out=target/bindings/kotlin
junit=$(printf "$java/%s.jar:" junit-jupiter-api junit-jupiter-engine junit-jupiter-params junit-platform-console \
    junit-platform-launcher junit-platform-engine junit-platform-commons junit-platform-reporting opentest4j apiguardian-api picocli)
junit=$junit$(printf "$KOTLIN_HOME/lib/%s.jar:" kotlin-test kotlin-test-junit5 kotlin-reflect)

# cargo does nothing where the library is up to date.
tests/build
package=$("$here/compile.sh")
"$here/samples.sh" "$out/samples"

# The tests see what is internal to the package.
export JAVA_OPTS=${JAVA_OPTS:--Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1}
"$KOTLIN_HOME/bin/kotlinc" -Werror -jvm-target 17 -cp "$out/android.jar:$package:$ANDROID_JAR:$junit" \
    -Xfriend-paths="$out/wallet.jar,$out/android.jar,$out/generated.jar" "$here/src/test/kotlin" "$out/samples" -d "$out/tests.jar"

rm -rf "$out/reports"
java -Dtessera.jars="$out" "${update[@]}" \
    -Djna.library.path=target/debug -Djna.boot.library.path="/usr/lib/$(uname -m)-linux-gnu/jni" \
    -cp "$out/tests.jar:$out/android.jar:$package:$ANDROID_JAR:$junit" org.junit.platform.console.ConsoleLauncher \
    --scan-classpath "$out/tests.jar" --disable-banner --reports-dir "$out/reports"
bindings/parity.sh kotlin

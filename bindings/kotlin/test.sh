#!/usr/bin/env bash
# Compiles the Kotlin package with its tests and runs them on the JVM against the Rust library; the Android parts too, over a
# key store of the JDK that answers as Android's does.
#   KOTLIN_HOME         the compiler's folder (bin/kotlinc, lib/*.jar), as tests/install/kotlin prints it
#   ANDROID_JAR         Android's classes, as tests/install/android-api prints them
#   TESSERA_TEST_STAND  address of a running login stand; without it one is started
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
[ -n "${TESSERA_TEST_STAND:-}" ] || exec bindings/with-stand.sh "$here/test.sh"

export KOTLIN_HOME=${KOTLIN_HOME:-$(tests/install/kotlin)}
export ANDROID_JAR=${ANDROID_JAR:-$(tests/install/android-api)}
java=/usr/share/java
out=target/bindings/kotlin
junit=$(printf "$java/%s.jar:" junit-jupiter-api junit-jupiter-engine junit-jupiter-params junit-platform-console \
    junit-platform-launcher junit-platform-engine junit-platform-commons junit-platform-reporting opentest4j apiguardian-api picocli)
junit=$junit$KOTLIN_HOME/lib/kotlin-test.jar:$KOTLIN_HOME/lib/kotlin-test-junit5.jar

# cargo does nothing where the library is up to date.
tests/build
package=$("$here/compile.sh")

export JAVA_OPTS=${JAVA_OPTS:--Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1}
"$KOTLIN_HOME/bin/kotlinc" -Werror -jvm-target 17 -cp "$out/android.jar:$package:$ANDROID_JAR:$junit" \
    -Xfriend-paths="$out/wallet.jar,$out/android.jar" "$here/src/test/kotlin" -d "$out/tests.jar"

rm -rf "$out/reports"
java -Djna.library.path=target/debug -Djna.boot.library.path="/usr/lib/$(uname -m)-linux-gnu/jni" \
    -cp "$out/tests.jar:$out/android.jar:$package:$ANDROID_JAR:$junit" org.junit.platform.console.ConsoleLauncher \
    --scan-classpath "$out/tests.jar" --disable-banner --reports-dir "$out/reports"

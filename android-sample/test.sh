#!/usr/bin/env bash
# Builds the Android sample as far as that goes without Google's SDK, and tests it: resources and manifest linked, every screen
# compiled against Android's own classes, texts and labels looked at, view models run on the JVM against a server.
#   KOTLIN_HOME         the compiler's folder (bin/kotlinc, lib/*.jar), as tests/install/kotlin prints it
#   ANDROID_JAR         Android's classes, as tests/install/android-api prints them
#   TESSERA_TEST_STAND  address of a running login stand; without it one is started
# Needs aapt2 (Debian's package aapt) and Python 3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
[ -n "${TESSERA_TEST_STAND:-}" ] || exec bindings/with-stand.sh "$here/test.sh"

export KOTLIN_HOME=${KOTLIN_HOME:-$(tests/install/kotlin)}
export ANDROID_JAR=${ANDROID_JAR:-$(tests/install/android-api)}
export JAVA_OPTS=${JAVA_OPTS:--Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1}
java=/usr/share/java
junit=$(printf "$java/%s.jar:" junit-jupiter-api junit-jupiter-engine junit-jupiter-params junit-platform-console \
    junit-platform-launcher junit-platform-engine junit-platform-commons junit-platform-reporting opentest4j apiguardian-api picocli)
junit=$junit$KOTLIN_HOME/lib/kotlin-test.jar:$KOTLIN_HOME/lib/kotlin-test-junit5.jar
main=android-sample/app/src/main
out=target/android-sample
mkdir -p "$out"

# What needs no compiler comes first.
python3 -m unittest discover --start-directory "$here/tests" --pattern 'test_*.py'

# Android's resource table for the aapt2 of Debian 12: made once for each version of Android.
framework=$out/framework-$(basename "$ANDROID_JAR" .jar).apk
[ -e "$framework" ] || { "$here/tools/framework-resources" "$ANDROID_JAR" "$framework.new" && mv "$framework.new" "$framework"; }

# Gradle puts these into the manifest; here they are written in.
rm -rf "$out/generated"
sed -e 's/<manifest /<manifest package="org.tessera.sample" /' -e 's/[$]{linkHost}/login.example.org/' \
    "$main/AndroidManifest.xml" >"$out/AndroidManifest.xml"
# aapt2 writes lines about chunks it does not know even where all is well: shown where it fails only.
{ aapt2 compile --dir "$main/res" -o "$out/resources.zip" &&
    aapt2 link -I "$framework" --manifest "$out/AndroidManifest.xml" --java "$out/generated" --auto-add-overlay \
        --min-sdk-version 28 --target-sdk-version 35 --version-code 1 --version-name 0 \
        -o "$out/base.apk" "$out/resources.zip"; } >"$out/aapt2.log" 2>&1 || { cat "$out/aapt2.log" >&2; exit 1; }

package=$(bindings/kotlin/compile.sh)
"$KOTLIN_HOME/bin/kotlinc" -Werror -jvm-target 17 -cp "target/bindings/kotlin/android.jar:$package:$ANDROID_JAR" \
    "$main/kotlin" "$out/generated" -d "$out/app.jar"
"$KOTLIN_HOME/bin/kotlinc" -Werror -jvm-target 17 -cp "$out/app.jar:$package:$junit" \
    android-sample/tests/kotlin -d "$out/tests.jar"

"$KOTLIN_HOME/bin/kotlinc" -Werror -jvm-target 17 -Xfriend-paths="$out/app.jar" \
    -cp "$out/tests.jar:$out/app.jar:$package:$ANDROID_JAR:$junit" android-sample/tests/android -d "$out/android-tests.jar"

run() {
    local tests=$1 path=$2
    java -Djna.library.path=target/debug -Djna.boot.library.path="/usr/lib/$(uname -m)-linux-gnu/jni" \
        -cp "$path:$out/app.jar:tests/fuzz/corpus/picture:protocol/tests/vectors/claim169:$package:$junit" \
        org.junit.platform.console.ConsoleLauncher --scan-classpath "$tests" --disable-banner --reports-dir "$out/reports/$(basename "$tests" .jar)"
}
rm -rf "$out/reports"
failed=0
# Android's classes are not on this class path: a view model that used one would fail here.
run "$out/tests.jar" "$out/tests.jar" || failed=1
run "$out/android-tests.jar" "$out/android-tests.jar:$out/tests.jar:$ANDROID_JAR" || failed=1
exit "$failed"

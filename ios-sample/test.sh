#!/usr/bin/env bash
# Tests the sample app on Linux: texts, project files, view models against a running server, the app's sources against
# stand-ins for Apple's frameworks, and the code of docs/guide-ios.md.
#   SWIFT_ROOT          the folder with Swift, as tests/install/swift prints it; not needed where `swift` is installed
#   TESSERA_TEST_STAND  address of a running login stand; without it one is started
# Prints a line as XCTest does for each check that is no test of Swift's, for tests/count.awk to count.
set -euo pipefail
sample=$(cd "$(dirname "$0")" && pwd)
cd "$sample/.."
[ -n "${TESSERA_TEST_STAND:-}" ] || exec bindings/with-stand.sh "$sample/test.sh"

wallet=target/bindings/swift
work=target/ios-sample
mkdir -p "$work"
bindings/swift/assemble.sh target/debug/libwallet_ffi_test_keys.so "$wallet"
python3 "$sample/checks/guide.py" docs/guide-ios.md "$work/guide"

failed=0
checked() {
    local what=$1
    shift
    if "$@"; then echo "Test Case '$what' passed (0 seconds)"; else
        echo "Test Case '$what' failed (0 seconds)"
        failed=1
    fi
}

# In the folder with Swift, or beside an installed one. The wallet's own tests are not built along.
with_swift() {
    if command -v swift >/dev/null; then
        TESSERA_LIB=$PWD/$wallet/lib LD_LIBRARY_PATH=$PWD/$wallet/lib TESSERA_PACKAGE=$PWD/$wallet "$@"
    else
        SWIFT_ROOT=${SWIFT_ROOT:-$(tests/install/swift)} TESSERA_LIB=$wallet/lib TESSERA_TEST_KEYS='' \
            bindings/swift/in-chroot.sh env -u TESSERA_TEST_KEYS TESSERA_PACKAGE="/src/$wallet" "$@"
    fi
}

checked 'every text in both languages, none unused, no literal text in a view' python3 "$sample/checks/strings.py"
checked 'project, property lists, entitlements and assets can be read' python3 "$sample/checks/project.py"
checked "the form of the sources (swift format)" \
    with_swift swift format lint --strict --recursive --configuration bindings/swift/.swift-format \
    ios-sample/App ios-sample/Models/Package.swift ios-sample/Models/Sources ios-sample/Models/Tests ios-sample/checks
# libswiftObservation of Swift 6.0 lacks a symbol that nothing calls (swiftlang/swift#75670).
with_swift swift test --package-path ios-sample/Models --scratch-path "$work/build" -Xlinker --allow-shlib-undefined || failed=1
checked "the app's sources fit models, wallet and stand-ins" \
    with_swift bash ios-sample/checks/type-check.sh "$work/build" "$work/standin" "$work/guide"
checked 'the code of the guide logs a browser in' \
    with_swift bash ios-sample/checks/run-guide.sh "$work/build" "$work/guide"
# As its reader answers it: each line when it is asked for, the password once it was sent.
# shellcheck disable=SC2317 # called below, by way of a name
answers() {
    local person
    person=$(curl -sSf -X POST "$TESSERA_TEST_STAND/persons" | head -n 1)
    curl -sSf "$TESSERA_TEST_STAND/server" && echo
    echo "$person"
    curl -sSf --max-time 300 "$TESSERA_TEST_STAND/persons/$person/otp" && echo
    curl -sSf -X POST "$TESSERA_TEST_STAND/logins" | tail -n 1 && echo
}
# shellcheck disable=SC2317
desk() {
    local said
    said=$(answers | with_swift "$work/guide/run/desk") && grep 'the browser is logged in' <<<"$said"
}
checked "the guide's program for Linux logs a browser in" desk
exit "$failed"

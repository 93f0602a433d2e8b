# shellcheck shell=bash
# What a suite is written with. Sourced by tests/suites/*, which tests/run starts.
# Every count goes to the file $TESTS_TALLY as a line `passed failed skipped`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tests=$PWD/tests

: "${TESTS_TALLY:?start suites by tests/run}" "${TESTS_LOGS:?}"
# The same random cases in every run; tests/long takes others.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}

tally() { echo "$1 $2 $3" >>"$TESTS_TALLY"; }

# One check that either holds or does not. usage: check 'what holds' COMMAND…
check() {
    local what=$1 began=$SECONDS
    shift
    if "$@"; then
        echo "ok      $what ($((SECONDS - began)) s)"
        tally 1 0 0
    else
        echo "FAILED  $what"
        tally 0 1 0
    fi
}

# A command that runs tests and prints their results in its own way (cargo, node, Python, JUnit, Swift).
# A command that fails without naming a failed test counts as one failure, one that runs no test too.
count_tests() {
    local log status=0 counts
    log=$(mktemp "$TESTS_LOGS/output.XXXXXX")
    "$@" 2>&1 | tee "$log" || status=$?
    counts=$(awk -f "$tests/count.awk" "$log")
    rm -f "$log"
    if [ "$status" != 0 ] && [ "$(cut -d ' ' -f 2 <<<"$counts")" = 0 ]; then
        echo "FAILED  (status $status) $*"
        counts="$(cut -d ' ' -f 1 <<<"$counts") 1 $(cut -d ' ' -f 3 <<<"$counts")"
    elif [ "$counts" = "0 0 0" ]; then
        echo "FAILED  no test ran: $*"
        counts="0 1 0"
    fi
    echo "$counts" >>"$TESTS_TALLY"
}

# Something this machine cannot have. usage: skip 'what was not tested'
skip() {
    echo "SKIPPED $(basename "$0"): $1"
    tally 0 0 1
}

# Installs by tests/install/NAME and prints what that prints; a suite without its tools ends here, skipped.
# usage: need VARIABLE 'what is not tested without it' NAME ARGUMENT…
need() {
    local -n into=$1
    local without=$2
    shift 2
    # shellcheck disable=SC2034 # set for the caller
    if ! into=$("$tests/install/$1" "${@:2}"); then
        skip "$without ($1 cannot be installed here)"
        exit 0
    fi
}

# The tests of the crates themselves, as arguments of `cargo test --workspace`: all but those of tests/outside.
own_targets() {
    local file name
    printf '%s\n' --lib --bins
    git ls-files '*/tests/*.rs' | grep -E '/tests/([^/]+\.rs|[^/]+/main\.rs)$' | grep -v -e '^tests/' -e '/src/' |
        while read -r file; do
            name=$(basename "${file%/main.rs}" .rs)
            # A target of the same name outside would come along; then it runs there, with this one.
            [ -e "tests/outside/tests/$name.rs" ] || [ -e "tests/outside/tests/$name" ] || printf '%s\n' --test "$name"
        done
}

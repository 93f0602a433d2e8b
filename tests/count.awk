# Reads the output of a test runner and prints `passed failed skipped`.

# cargo test: one line per binary
/^test result: / {
    for (i = 3; i < NF; i++) {
        if ($(i + 1) ~ /^passed/) passed += $i
        if ($(i + 1) ~ /^failed/) failed += $i
        if ($(i + 1) ~ /^ignored/) skipped += $i
    }
}

# node --test: its TAP or spec summary
/^(#|ℹ) pass [0-9]+$/ { passed += $3 }
/^(#|ℹ) fail [0-9]+$/ { failed += $3 }
/^(#|ℹ) cancelled [0-9]+$/ { failed += $3 }
/^(#|ℹ) (skipped|todo) [0-9]+$/ { skipped += $3 }

# Python's unittest: `Ran 3 tests in 0.1s`, then `OK (skipped=1)` or `FAILED (failures=1, errors=1)`
/^Ran [0-9]+ tests? in / { ran = $2; unittest = 1 }
unittest && /^(OK|FAILED)( \(.*\))?$/ {
    bad = number("failures") + number("errors") + number("unexpected successes")
    left = number("skipped")
    failed += bad; skipped += left; passed += ran - bad - left
    unittest = 0
}

# JUnit's console: `[         3 tests successful      ]`
/^\[ +[0-9]+ tests successful +\]$/ { passed += $2 }
/^\[ +[0-9]+ tests failed +\]$/ { failed += $2 }
/^\[ +[0-9]+ tests (aborted|skipped) +\]$/ { skipped += $2 }

# XCTest, one line per case
/^Test Case '.*' passed \(/ { passed++ }
/^Test Case '.*' failed \(/ { failed++ }
/^Test Case '.*' skipped \(/ { skipped++ }

# swift-testing, one line per test; its sign has several bytes, which some awks take for several characters
/^[^ ]+ Test .* passed after [0-9.]+ seconds/ && !/ Test (run|case) / { passed++ }
/^[^ ]+ Test .* failed after [0-9.]+ seconds/ && !/ Test (run|case) / { failed++ }
/^[^ ]+ Test .* skipped/ && !/ Test (run|case) / { skipped++ }

function number(word) {
    return match($0, word "=[0-9]+") ? substr($0, RSTART + length(word) + 1, RLENGTH - length(word) - 1) + 0 : 0
}

END { print passed + 0, failed + 0, skipped + 0 }

#!/usr/bin/env bash
# Runs a command beside a login stand: a server, a relying party and browsers, with as many people as tests ask
# for (tests/outside/src/bin/login_stand.rs tells its calls). The command finds its address in $TESSERA_TEST_STAND.
# usage: bindings/with-stand.sh COMMAND…
set -euo pipefail
cd "$(dirname "$0")/.."

tests/build
# The stand lives as long as its standard input: also when this script is killed.
coproc stand { exec target/debug/login_stand; }
read -r TESSERA_TEST_STAND <&"${stand[0]}" || { echo "the login stand does not start" >&2; exit 1; }
export TESSERA_TEST_STAND
"$@"

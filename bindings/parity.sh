#!/usr/bin/env bash
# Holds docs/wallet-api.md against the API of one language, as kept in bindings/LANGUAGE/api.txt: every name of the table is in
# the API, and every public type has a row. Prints what is missing.
# A line of api.txt is one declaration, named with its type: `suspend fun Wallet.startLogin(…)`, `func Wallet.startLogin(_:)`.
# usage: bindings/parity.sh kotlin|swift
set -euo pipefail
cd "$(dirname "$0")/.."
case $1 in
    kotlin) column=2 ;;
    swift) column=3 ;;
    *) echo "usage: bindings/parity.sh kotlin|swift" >&2; exit 2 ;;
esac
api=bindings/$1/api.txt

# The names of a column: what stands in backticks at the cell's begin, without parameters.
told=$(awk -F'|' -v column="$column" '
    /^## A login in one look/ { sample = 1 } /^## / && !/in one look/ { sample = 0 }
    sample { next }
    $column ~ /^ *`/ { name = $column; sub(/^ *`/, "", name); sub(/[`(].*/, "", name); print name }' docs/wallet-api.md | sort -u)
# The names of the API: the word before parameters, type or supertypes.
there=$(sed -E 's/ :.*//; s/[(:<].*//; s/^.* //' "$api" | sort -u)
# Its types, those within types left out.
types=$(grep -E '^([a-z]+ )*(class|interface|object|struct|enum|actor|protocol|typealias) ' "$api" | sed -E 's/ :.*//; s/[(:<].*//; s/^.* //' |
    grep -vE '(^|\.)[A-Z][A-Za-z]*\.' | sort -u)

# What the layer is made of; apps see its flows.
hidden='^(BindingSession|LoginSession|BindingStage|LoginStage|InternalException)$'
missing=$(comm -23 <(echo "$told") <(echo "$there"))
untold=$(comm -13 <(echo "$told") <(echo "$types") | grep -vE "$hidden" || true)
[ -z "$missing" ] || echo "named in docs/wallet-api.md and not in $api:" $missing
[ -z "$untold" ] || echo "in $api without a row in docs/wallet-api.md:" $untold
[ -z "$missing$untold" ]

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

# Rows of the table: name, and whether it is generated. The name is what stands in backticks at the cell's begin, without parameters.
rows=$(awk -F'|' -v column="$column" '
    /^## / { sample = /in one look/ }
    sample { next }
    $column ~ /^ *`/ {
        name = $column; sub(/^ *`/, "", name); sub(/[`(].*/, "", name)
        print name, ($0 ~ /\*gen\*/ ? "gen" : "layer")
    }' docs/wallet-api.md | sort -u)
told=$(cut -d ' ' -f 1 <<<"$rows" | sort -u)
# Names of an API: the word before parameters, type or supertypes.
names() { sed -E 's/ :.*//; s/[(:<].*//; s/^.* //' | sort -u; }
there=$(names <"$api" | sed 's/\.Companion\././' | sort -u)
# Its types. Those within a generated type are told with it.
kinds='class|interface|object|struct|enum|actor|protocol|typealias'
types=$(grep -E "^([a-z]+ )*($kinds) " "$api" | names | awk -v rows="$rows" '
    BEGIN { count = split(rows, all, "\n"); for (i = 1; i <= count; i++) { split(all[i], row, " "); kind[row[1]] = row[2] } }
    { outer = $1; if (match(outer, /[A-Z][A-Za-z]*\./)) outer = substr(outer, 1, RSTART + RLENGTH - 2) }
    outer == $1 || kind[outer] == "layer"')

# What the layer is made of; apps see its flows. Companions hold what stands in the table under the type's name.
hidden='^(BindingSession|LoginSession|BindingStage|LoginStage|InternalException)$|\.Companion$'
missing=$(comm -23 <(echo "$told") <(echo "$there"))
untold=$(comm -13 <(echo "$told") <(echo "$types" | sort -u) | grep -vE "$hidden" || true)
[ -z "$missing" ] || { echo "named in docs/wallet-api.md and not in $api:" && echo "$missing"; }
[ -z "$untold" ] || { echo "in $api without a row in docs/wallet-api.md:" && echo "$untold"; }
[ -z "$missing$untold" ]

#!/usr/bin/env bash
# Runs a command in the folder that has Swift ($SWIFT_ROOT, see tests/install/swift), with the repository as /src.
# The mounts live in a namespace of their own and end with the command. As root, or where user namespaces are allowed.
# usage: SWIFT_ROOT=… bindings/swift/in-chroot.sh swift build …     (in the repository's root)
set -euo pipefail
: "${SWIFT_ROOT:?the folder with Swift}"
export SWIFT_ROOT REPOSITORY=$PWD
mkdir -p "$SWIFT_ROOT/src"
as_root=()
[ "$(id -u)" = 0 ] || as_root=(-r)
# shellcheck disable=SC2016 # expanded by the inner shells
exec unshare "${as_root[@]}" --mount --propagation private --pid --fork bash -c '
    mount --bind "$REPOSITORY" "$SWIFT_ROOT/src"
    mount -t proc proc "$SWIFT_ROOT/proc"
    exec chroot "$SWIFT_ROOT" /usr/bin/env -i HOME=/tmp PATH=/usr/bin:/bin LANG=C.UTF-8 \
        TESSERA_LIB="/src/$TESSERA_LIB" LD_LIBRARY_PATH="/src/$TESSERA_LIB" TESSERA_TEST_KEYS="$TESSERA_TEST_KEYS" \
        TESSERA_TEST_STAND="${TESSERA_TEST_STAND:-}" \
        bash -c "cd /src && exec \"\$@\"" bash "$@"' bash "$@"

#!/usr/bin/env bash
# How large the wallet is in an Android app (arm64), stripped, and what it is made of. Fails above the budget: 4 MB.
# usage: bindings/size.sh [MOST_BYTES]
#
# Links the real library with Rust's own linker. The NDK's libraries, which every phone has, are empty stand-ins here: their
# functions stay unresolved, so the file has its true size and cannot run.
set -euo pipefail
cd "$(dirname "$0")/.."

most=${1:-$((4 * 1024 * 1024))}
target=$(tests/install/rust-target aarch64-linux-android)
tools=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin
out=$PWD/target/size
mkdir -p "$out/stand-ins"
for library in c m dl log unwind gcc; do
    printf '!<arch>\n' >"$out/stand-ins/lib$library.a"
done

export CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER=$tools/rust-lld
cargo rustc --quiet --package wallet-ffi --lib --profile mobile --target "$target" --crate-type cdylib -- \
    -C linker-flavor=ld.lld -C link-arg="-L$out/stand-ins" -C link-arg=--unresolved-symbols=ignore-all \
    -C link-arg=-zmax-page-size=16384

library=target/$target/mobile/libwallet_ffi.so
# The tool looks for its libraries beside the compiler.
LD_LIBRARY_PATH=$(rustc --print sysroot)/lib "$tools/rust-objcopy" --strip-all "$library" "$out/stripped.so"
python3 bindings/size.py "$library" "$out/stripped.so" "$most"

#!/usr/bin/env bash
# Writes crates/taipan/startup.order: the functions that a start of the release executable runs, as the linker names them.
# Needs valgrind and binutils; run it after larger changes to what runs at start:
#     cargo build --release && tools/startup_order.sh && cargo build --release
set -eu
cd "$(dirname "$0")/.."
program=${1:-target/release/taipan}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'print("Hello")\n' > "$work/hello.py"
run() { valgrind --tool=callgrind --demangle=no --callgrind-out-file="$work/$1.calls" "$program" "${@:2}" >/dev/null 2>&1; }
run command -c pass
run script "$work/hello.py"
run modules -c 'import re, json, collections'
cat "$work"/*.calls | grep -oE '^c?fn=\([0-9]+\) \S+' | awk '{print $2}' | sed "s/'.*//" | sort -u > "$work/called"
nm "$program" | awk '$2 == "t" || $2 == "T" {print $3}' | sort -u > "$work/symbols"
# A function that is listed already stays while the executable has it: what is inlined changes from build to build.
# Without the hashes, which change with every dependency; two instances of a generic function count as one.
LC_ALL=C comm -12 <(LC_ALL=C sort "$work/called") <(LC_ALL=C sort "$work/symbols") |
    sed -E 's/17h[0-9a-f]{16}E(\.[0-9]+)?$/17h*/; s/\.[0-9]+$/*/; s/Cs[0-9a-zA-Z]{10,12}_/Cs*_/g' | LC_ALL=C sort -u > "$work/new"
sed -E 's/17h[0-9a-f]{16}E(\.[0-9]+)?$/17h*/; s/\.[0-9]+$/*/; s/Cs[0-9a-zA-Z]{10,12}_/Cs*_/g' "$work/symbols" | LC_ALL=C sort -u > "$work/existing"
LC_ALL=C sort -u crates/taipan/startup.order | LC_ALL=C comm -12 - "$work/existing" > "$work/kept"
LC_ALL=C sort -u "$work/new" "$work/kept" > "$work/order"
mv "$work/order" crates/taipan/startup.order
wc -l crates/taipan/startup.order

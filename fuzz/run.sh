#!/usr/bin/env bash
# Fuzzes what takes hostile bytes: every parser, the containers, the collectors' own files, the judge of pages.
#
#   fuzz/run.sh SECONDS [TARGET…]      each target for so many seconds; without names, all of them
#   fuzz/run.sh corpus [TARGET…]       every seed, and what comes of them in a few hundred runs: the same every time
#   fuzz/run.sh list                   the names
#   fuzz/run.sh pick                   chooses the seeds in fuzz/seeds anew from what the tests of the parsers read
#
# Works with the stable toolchain and a C++ compiler. The seeds of a target are those in fuzz/seeds, and the heads of
# files that `afterpatch range` makes, of the examples, and of ../shared/data where that is there. What grows stays in
# the target folder; a crash is kept beside it, and its bytes belong into fuzz/seeds/TARGET once it is mended.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./scripts/setup.sh
target=$CARGO_TARGET_DIR/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
fuzzer=$target/$host/release/fuzz
seeds=$target-seeds/release/seeds
program=$CARGO_TARGET_DIR/release/afterpatch

# The program that finds seeds has no fuzzer to count for, and so no counters.
cargo build --quiet --release --manifest-path fuzz/Cargo.toml --target-dir "$target-seeds" --bin seeds

pick() {
    local read
    read=$(mktemp -d)
    AFTERPATCH_WRITE_SEEDS=$read PROPTEST_CASES=1 \
        cargo nextest run --release --workspace -E 'package(afterpatch-ingest)'
    "$seeds" pick "$read" fuzz/seeds
    rm -rf "$read"
}

case ${1:?fuzz/run.sh SECONDS [TARGET…]} in
    list) exec "$seeds" ;;
    pick) pick; exit ;;
    corpus) bound=(-runs=500 -seed=2021) grown=$target/checked; rm -rf "$grown" ;;
    *) bound=(-max_total_time="$1") grown=$target/corpus ;;
esac
shift

export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
# With a target named, the flags are not those of build scripts.
cargo build --quiet --release --manifest-path fuzz/Cargo.toml --target-dir "$target" --target "$host" --bin fuzz
unset RUSTFLAGS
cargo build --quiet --release --package afterpatch

# Runs a command, and shows what it said only where it failed.
quietly() {
    local said
    said=$("$@" 2>&1) || { echo "$said" >&2; return 1; }
}

# Every scenario in a folder, and one as the collectors pack it, that write files of their own.
evidence() {
    local scenario layout
    "$program" range list | while read -r scenario _; do
        quietly "$program" range "$scenario" --to "$1/$scenario"
    done
    for layout in kape velociraptor velociraptor-sparse acquire uac cylr; do
        quietly "$program" range example --layout "$layout" --to "$1/$layout"
    done
}

cut=$target/cut
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
evidence "$made"
rm -rf "$cut"
"$seeds" cut "$cut" "$made" ../shared/data/evtx-attack-samples ../shared/data/logs examples

# CPU seconds of what this script has run.
children_cpu() { awk -v per="$(getconf CLK_TCK)" '{ print int(($16 + $17) / per) }' "/proc/$$/stat"; }

[ $# -gt 0 ] || mapfile -t all < <("$seeds")
[ $# -gt 0 ] || set -- "${all[@]}"
failed=()
for name in "$@"; do
    # What grows is added to the first folder.
    folders=("$grown/$name" "$cut/$name" "fuzz/seeds/$name")
    mkdir -p "$target/crashes/$name" "${folders[@]:0:2}"
    [ -d "${folders[2]}" ] || unset 'folders[2]'
    log=$target/$name.log
    before=$(children_cpu)
    if [ -z "$(find "${folders[@]:1}" -type f | head -1)" ]; then result='NO SEED'; failed+=("$name"); : >"$log"
    elif AFTERPATCH_FUZZ=$name "$fuzzer" "${folders[@]}" "${bound[@]}" -timeout=10 \
        -rss_limit_mb=1024 -max_len=131072 -artifact_prefix="$target/crashes/$name/" -print_final_stats=1 >"$log" 2>&1
    then result=ok; else result=CRASHED; failed+=("$name"); fi
    runs=$(awk '/number_of_executed_units/ { print $2 }' "$log")
    cover=$(grep -ao 'cov: [0-9]*' "$log" | tail -1 || true)
    printf '%-24s %-8s %10s runs %6d CPU s   %s\n' "$name" "$result" "${runs:-?}" $(($(children_cpu) - before)) "$cover"
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "failed: ${failed[*]}; inputs that crash lie in $target/crashes, the reports in $target/*.log" >&2
    exit 1
fi

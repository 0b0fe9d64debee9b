#!/usr/bin/env bash
# Fuzzes what takes hostile bytes: every parser, the containers, the collectors' own files.
#
#   fuzz/run.sh SECONDS [TARGET…]      each target for so many seconds; without names, all of them
#   fuzz/run.sh corpus                 what is in the corpus, each once: the same every time, for the checks
#   fuzz/run.sh list                   the names
#
# Works with the stable toolchain and a C++ compiler. What grows stays in the target folder; a crash is kept beside
# the corpus, and its bytes belong into fuzz/seeds/TARGET once it is mended. The seeds are those of the repository,
# heads of the files that `afterpatch range` makes, and of ../shared/data where that is there.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./scripts/setup.sh
target=$CARGO_TARGET_DIR/fuzz
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
# With a target named, the flags are not those of build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
fuzzer=$target/$host/release/fuzz

# The program that cuts seeds has no fuzzer to count for, and so no counters.
(unset RUSTFLAGS; cargo build --quiet --release --manifest-path fuzz/Cargo.toml --target-dir "$target-seeds" --bin seeds)
seeds=$target-seeds/release/seeds
if [ "${1:-}" = list ]; then exec "$seeds"; fi
case ${1:?fuzz/run.sh SECONDS [TARGET…]} in
    corpus) bound=-runs=0 ;;
    *) bound=-max_total_time=$1 ;;
esac
shift
cargo build --quiet --release --manifest-path fuzz/Cargo.toml --target-dir "$target" --target "$host" --bin fuzz
[ $# -gt 0 ] || mapfile -t all < <("$seeds")
[ $# -gt 0 ] || set -- "${all[@]}"

# CPU seconds of what this script has run.
children_cpu() { awk -v per="$(getconf CLK_TCK)" '{ print int(($16 + $17) / per) }' "/proc/$$/stat"; }

corpus=$target/corpus
if [ ! -e "$corpus/.seeded" ]; then
    mkdir -p "$corpus"
    program=$CARGO_TARGET_DIR/release/afterpatch
    made=$(mktemp -d)
    if [ -x "$program" ]; then "$program" range chain --layout folder --to "$made/chain" >/dev/null; fi
    "$seeds" "$corpus" "$made" ../shared/data/evtx-attack-samples ../shared/data/logs/iis cases examples 2>/dev/null || true
    rm -rf "$made"
    touch "$corpus/.seeded"
fi

failed=()
for name in "$@"; do
    mkdir -p "$corpus/$name" "$target/crashes/$name"
    if [ -d "fuzz/seeds/$name" ]; then cp -n "fuzz/seeds/$name"/* "$corpus/$name/" 2>/dev/null || true; fi
    log=$target/$name.log
    before=$(children_cpu)
    if AFTERPATCH_FUZZ=$name "$fuzzer" "$corpus/$name" "$bound" -timeout=10 \
        -rss_limit_mb=1024 -max_len=131072 -artifact_prefix="$target/crashes/$name/" -print_final_stats=1 >"$log" 2>&1
    then result=ok; else result=CRASHED; failed+=("$name"); fi
    runs=$(awk '/number_of_executed_units/ { print $2 }' "$log")
    cover=$(grep -ao 'cov: [0-9]*' "$log" | tail -1)
    printf '%-24s %-8s %10s runs %6d CPU s   %s\n' "$name" "$result" "${runs:-?}" $(($(children_cpu) - before)) "$cover"
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "crashed: ${failed[*]}; the inputs lie in $target/crashes, the reports in $target/*.log" >&2
    exit 1
fi

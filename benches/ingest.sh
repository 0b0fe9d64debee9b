#!/usr/bin/env bash
# How fast evidence becomes facts, beside two floors measured in the same run:
#   hash    sha256sum over the same files: nothing can be faster, for everything is hashed
#   peer    evtx_dump (cargo install evtx) over the same event logs, where it is installed
#
#   benches/ingest.sh [FOLDER OF EVTX FILES]
#
# Times on a shared machine vary; compare the ratios of one run. Needs bash, GNU coreutils and findutils.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./scripts/setup.sh
evtx=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --release --package afterpatch
program=$CARGO_TARGET_DIR/release/afterpatch

# Prints the seconds that a command takes, the best of three.
seconds() {
    local best= begin end
    for _ in 1 2 3; do
        rm -rf "$work/case"
        begin=$(date +%s%N)
        "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; return 1; }
        end=$(date +%s%N)
        local taken=$(((end - begin) / 1000))
        if [ -z "$best" ] || [ "$taken" -lt "$best" ]; then best=$taken; fi
    done
    awk -v us="$best" 'BEGIN { printf "%.3f", us / 1e6 }'
}

hash_all() { find "$1" -type f -print0 | xargs -0 sha256sum; }
dump_all() { find "$1" -name '*.evtx' -print0 | xargs -0 -n 1 evtx_dump -t 1 -o jsonl; }
ingest() { "$program" ingest "$1" --case "$work/case" --no-progress --threads "$2"; }
megabytes() { du -sb "$1" | awk '{ printf "%.1f", $1 / 1e6 }'; }

# row NAME FOLDER FLOOR-NAME FLOOR-SECONDS
row() {
    local mb one two
    mb=$(megabytes "$2")
    one=$(seconds ingest "$2" 1)
    two=$(seconds ingest "$2" 2)
    awk -v name="$1" -v mb="$mb" -v one="$one" -v two="$two" -v floor="$4" -v what="$3" 'BEGIN {
        printf "%-22s %8.1f MB  1 thread %7.3f s %7.1f MB/s   2 threads %7.3f s %7.1f MB/s   %s %7.3f s   ratio %5.2f\n",
            name, mb, one, mb / one, two, mb / two, what, floor, two / floor }'
}

"$program" range benign --layout folder --to "$work/benign" >/dev/null
"$program" range benign --layout zip --to "$work/zipped" >/dev/null
row "benign, folder" "$work/benign" hash "$(seconds hash_all "$work/benign")"
row "benign, zip" "$work/zipped" hash "$(seconds hash_all "$work/zipped")"
if [ -n "$evtx" ]; then
    if command -v evtx_dump >/dev/null; then
        row "event logs" "$evtx" evtx_dump "$(seconds dump_all "$evtx")"
    else
        echo "evtx_dump is not installed (cargo install evtx): the event logs are compared with their hash" >&2
        row "event logs" "$evtx" hash "$(seconds hash_all "$evtx")"
    fi
fi

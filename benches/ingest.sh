#!/usr/bin/env bash
# How fast evidence becomes facts, in one table, each row beside a floor or a peer measured in the same run:
#   hash        sha256sum over the same files: nothing can be faster, for everything is hashed
#   evtx_dump   the same event log as JSON, with the same threads (cargo install evtx), where it is installed
#   folder      the same files not packed
#
#   benches/ingest.sh [FOLDER OF EVTX FILES] [MEGABYTES OF TEXT LOGS]        without sizes: 2000
#
# The large event log is made of the chunks of those in the folder; the text logs of one made-up server's busiest
# files, day by day and hour by hour. Times on a shared machine vary: compare the ratios of one run.
# Needs bash, zip, GNU coreutils, awk and findutils, and four times the megabytes on the disk of $TMPDIR.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./scripts/setup.sh
evtx=${1:-}
megabytes=${2:-2000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --release --package afterpatch
program=$CARGO_TARGET_DIR/release/afterpatch
threads=$(nproc)
. benches/evidence.sh

# The best of three.
best() {
    local n fastest=
    for n in 1 2 3; do
        measure "$@"
        if [ -z "$fastest" ] || awk -v a="$taken" -v b="$fastest" 'BEGIN { exit !(a < b) }'; then fastest=$taken; fi
    done
    taken=$fastest
}

hash_all() { find "$1" -type f -print0 | xargs -0 -P "$threads" -n 32 sha256sum; }
ingest() { rm -rf "$work/case"; exec "$program" ingest "$1" --case "$work/case" --server MX1 --no-progress --threads "$threads"; }
again() { exec "$program" ingest "$1" --case "$work/case" --server MX1 --no-progress --threads "$threads"; }
dump() { find "$1" -name '*.evtx' -print0 | xargs -0 -n 1 evtx_dump -t "$threads" -o jsonl; }

# row NAME FOLDER FLOOR-NAME FLOOR-SECONDS: prints what `measure` left behind.
row() {
    awk -v name="$1" -v mb="$(size_of "$2")" -v taken="$taken" -v held="$held" -v what="$3" -v floor="$4" 'BEGIN {
        printf "%-28s %8.1f MB %8.3f s %7.1f MB/s %6d MiB   %-10s %8.3f s   ratio %5.2f\n",
            name, mb, taken, mb / taken, held, what, floor, taken / floor }'
}

"$program" range benign --layout folder --to "$work/made" >/dev/null
best hash_all "$work/made"; floor=$taken
best ingest "$work/made"; row "benign, thousands of files" "$work/made" hash "$floor"

iis=$work/iis/C/inetpub/logs/LogFiles/W3SVC1
text_logs 'u_ex*.log' "$iis" "$megabytes" 'u_ex2103%02d%02d-%03d.log'
measure hash_all "$work/iis"; floor=$taken
measure ingest "$work/iis"; row "IIS" "$work/iis" hash "$floor"
measure again "$work/iis"; row "IIS, added again" "$work/iis" hash "$floor"
# Memory does not grow with the evidence: half of it, and all of it twice, as the logs of two sites.
mkdir -p "$work/half/W3SVC1"; find "$iis" -name '*.log' | sort | awk 'NR % 2 == 1' | xargs -I{} ln {} "$work/half/W3SVC1/"
measure hash_all "$work/half"; floor=$taken
measure ingest "$work/half"; row "IIS, half of it" "$work/half" hash "$floor"
cp -al "$iis" "${iis%1}2"
measure hash_all "$work/iis"; floor=$taken
measure ingest "$work/iis"; row "IIS, twice" "$work/iis" hash "$floor"
rm -rf "$work/iis" "$work/half"

proxy="$work/proxy/C/Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Owa"
text_logs 'HttpProxy_*.LOG' "$proxy" "$megabytes" 'HttpProxy_202103%02d%02d-%d.LOG'
measure hash_all "$work/proxy"; floor=$taken
measure ingest "$work/proxy"; row "HttpProxy" "$work/proxy" hash "$floor"
rm -rf "$work/proxy"

[ -n "$evtx" ] || exit 0
event_log "$evtx" "$work/evtx/Security.evtx"
(cd "$work/evtx" && zip -q ../evtx.zip Security.evtx && mkdir ../zipped && mv ../evtx.zip ../zipped)
best hash_all "$work/evtx"; floor=$taken
if command -v evtx_dump >/dev/null; then best dump "$work/evtx"; what=evtx_dump floor=$taken; else what=hash; fi
best ingest "$work/evtx"; row "event log" "$work/evtx" "$what" "$floor"; plain=$taken
best ingest "$work/zipped"; row "event log, zipped" "$work/zipped" folder "$plain"

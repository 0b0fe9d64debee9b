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

# Runs a command; leaves its seconds in $taken and the most memory that it held, in MiB, in $held.
measure() {
    local begin end pid peak
    begin=$(date +%s%N)
    "$@" >"$work/out" 2>&1 &
    pid=$!
    held=0
    while peak=$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$pid/status" 2>/dev/null) && [ -n "$peak" ]; do
        held=$peak
        sleep 0.05
    done
    wait "$pid" || { cat "$work/out" >&2; return 1; }
    end=$(date +%s%N)
    taken=$(awk -v ns=$((end - begin)) 'BEGIN { printf "%.3f", ns / 1e9 }')
}

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
size_of() { du -sbl "$1" | awk '{ printf "%.1f", $1 / 1e6 }'; }

# row NAME FOLDER FLOOR-NAME FLOOR-SECONDS: prints what `measure` left behind.
row() {
    awk -v name="$1" -v mb="$(size_of "$2")" -v taken="$taken" -v held="$held" -v what="$3" -v floor="$4" 'BEGIN {
        printf "%-28s %8.1f MB %8.3f s %7.1f MB/s %6d MiB   %-10s %8.3f s   ratio %5.2f\n",
            name, mb, taken, mb / taken, held, what, floor, taken / floor }'
}

# text_logs NAME-OF-A-FILE FOLDER MEGABYTES DATE…: a file of about 64 MB a date, each the busiest log of its kind.
text_logs() {
    local busiest number=0
    busiest=$(find "$work/made" -name "$1" -printf '%s %p\n' | sort -rn | sed -n '1s/^[0-9]* //p')
    mkdir -p "$2"
    head -c 64000000 < <(while cat "$busiest" 2>/dev/null; do :; done) >"$work/piece" || true
    while [ $((number * 64)) -lt "$3" ]; do
        local day=$((number % 28 + 1)) hour=$((number % 24))
        sed -E "s/^20[0-9]{2}-[0-9]{2}-[0-9]{2}([ T])[0-9]{2}/$(printf '2021-03-%02d\\1%02d' "$day" "$hour")/" "$work/piece" \
            >"$2/$(printf "$4" "$day" "$hour" "$number")"
        number=$((number + 1))
    done
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
mkdir -p "$work/evtx"
large=$work/evtx/Security.evtx
first=$(find "$evtx" -name '*.evtx' -size +200k | sort | sed -n 1p)
head -c 4096 "$first" >"$large"
while [ "$(stat -c %s "$large")" -lt 300000000 ]; do
    # A whole number of chunks of each log, behind one header.
    find "$evtx" -name '*.evtx' -size +68k -print0 | sort -z | while IFS= read -r -d '' log; do
        chunks=$((($(stat -c %s "$log") - 4096) / 65536))
        tail -c +4097 "$log" | head -c $((chunks * 65536))
    done >>"$large"
done
(cd "$work/evtx" && zip -q ../evtx.zip Security.evtx && mkdir ../zipped && mv ../evtx.zip ../zipped)
best hash_all "$work/evtx"; floor=$taken
if command -v evtx_dump >/dev/null; then best dump "$work/evtx"; what=evtx_dump floor=$taken; else what=hash; fi
best ingest "$work/evtx"; row "event log" "$work/evtx" "$what" "$floor"; plain=$taken
best ingest "$work/zipped"; row "event log, zipped" "$work/zipped" folder "$plain"

#!/usr/bin/env bash
# How fast community rules are run over event logs, in one table: `timeline`, which does what peers do (rules over the logs,
# every hit written in order of time), and `investigate`, the whole way from the evidence to the report; beside peers over the
# same logs, where they are on the PATH.
#
#   benches/sigma.sh FOLDER-OF-EVTX-FILES SIGMA-RULES [MEGABYTES OF ONE LARGE LOG]        without a size: 300
#
# SIGMA-RULES is a folder, or an archive as `tar` unpacks it. Peers: `hayabusa` (which brings rules of its own: set
# HAYABUSA_RULES to its folder of rules) and `chainsaw` (set CHAINSAW_MAPPING to its sigma-event-logs-all.yml). Hayabusa leaves out
# rules by the channel of each log's first record; the large log is made of many channels, and so it is told not to there.
# `evtx_dump` (cargo install evtx) is the floor: the same records as JSON and nothing else.
# Where no peer is found, the last lines compare with the records a second that peers were measured to do on two cores.
# Needs bash, GNU coreutils, GNU time, tar, awk and findutils. Times on a shared machine vary: compare ratios of one run,
# and CPU seconds rather than wall seconds.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./scripts/setup.sh
evtx=$(realpath "${1:?a folder of EVTX files}")
given=$(realpath "${2:?Sigma rules}")
megabytes=${3:-300}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --release --package afterpatch
program=$CARGO_TARGET_DIR/release/afterpatch
export AFTERPATCH_RULES_CACHE=$work/cache
threads=$(nproc)
rules=$given
if [ -f "$given" ]; then
    mkdir "$work/rules"
    tar -xf "$given" -C "$work/rules"
    rules=$work/rules
fi

# Runs a command; leaves its wall seconds in $wall, its CPU seconds in $cpu and the most memory that it held, in MiB, in $held.
measure() {
    command time -q -o "$work/time" -f '%e %U %S %M' "$@" >"$work/out" 2>&1 || [ $? -eq 3 ] || { cat "$work/out" >&2; return 1; }
    read -r wall cpu held < <(awk '{ printf "%.2f %.2f %d\n", $1, $2 + $3, $4 / 1024 }' "$work/time")
}

# The best of three, by CPU.
best() {
    local n keep=
    for n in 1 2 3; do
        measure "$@"
        if [ -z "$keep" ] || awk -v a="$cpu" -v b="${keep#* }" 'BEGIN { exit !(a + 0 < b + 0) }'; then keep="$wall $cpu $held"; fi
    done
    read -r wall cpu held <<<"$keep"
}

# row CORPUS TOOL RECORDS: prints what `measure` left behind, and keeps it.
row() {
    awk -v corpus="$1" -v tool="$2" -v n="$3" -v wall="$wall" -v cpu="$cpu" -v held="$held" 'BEGIN {
        printf "%-22s %-34s %8d records %8.2f s wall %8.2f s CPU %5d MiB %9.0f records/s %9.0f per CPU s\n",
            corpus, tool, n, wall, cpu, held, n / wall, n / cpu }'
    echo "$1|$2|$wall|$cpu|$3" >>"$work/rows"
}

records_of() { "$program" query 'SELECT COUNT(*) AS n FROM windows_events' --case "$1" --format csv | tail -n 1 | tr -d '\r'; }
investigate() { rm -rf "$work/case"; "$program" investigate "$1" --case "$work/case" --rules "$rules" --no-progress --threads "$threads"; }
timeline() { "$program" timeline "$1" --rules "$rules" --format jsonl -o "$work/timeline.jsonl" --no-progress --threads "$threads"; }
export -f investigate timeline
export program work rules threads

# One line for start-up: all rules, and a log of a few records.
startup() {
    local least
    least=$(find "$evtx" -name '*.evtx' -size -70k -printf '%s %p\n' | sort -n | head -n 1 | cut -d' ' -f2-)
    mkdir -p "$work/least" && cp "$least" "$work/least/"
    rm -rf "$AFTERPATCH_RULES_CACHE"
    measure bash -c "investigate '$work/least'"; row "start-up" "afterpatch, rules not yet cached" "$(records_of "$work/case")"
    best bash -c "investigate '$work/least'"; row "start-up" "afterpatch, rules cached" "$(records_of "$work/case")"
    best bash -c "timeline '$work/least'"; row "start-up" "afterpatch timeline, cached" "$(records_of "$work/case")"
}

# Hayabusa's timeline as JSON lines, by the name that its version has for it.
hayabusa_timeline() {
    local folder=$1 lines=$work/hayabusa.jsonl
    shift
    rm -f "$lines"
    if hayabusa help dfir-timeline >/dev/null 2>&1; then
        measure hayabusa dfir-timeline -d "$folder" -r "$HAYABUSA_RULES" -c "$HAYABUSA_RULES/config" -t jsonl -o "$lines" -w -q -C -N "$@"
    else
        measure hayabusa json-timeline -d "$folder" -r "$HAYABUSA_RULES" -c "$HAYABUSA_RULES/config" -L -o "$lines" -w -q -C -N "$@"
    fi
}

# corpus NAME FOLDER [what Hayabusa is told besides]
corpus() {
    local name=$1 folder=$2 count
    shift 2
    best bash -c "investigate '$folder'"; count=$(records_of "$work/case")
    row "$name" "afterpatch investigate" "$count"
    best bash -c "timeline '$folder'"; row "$name" "afterpatch timeline" "$count"
    best "$program" detect --case "$work/case" --rules "$rules" --no-progress; row "$name" "  of it: all rules over the facts" "$count"
    best "$program" detect --case "$work/case" --no-progress; row "$name" "  of it: our own rules alone" "$count"
    if command -v evtx_dump >/dev/null; then
        best bash -c "find '$folder' -name '*.evtx' -print0 | xargs -0 -n 1 evtx_dump -t $threads -o jsonl"
        row "$name" "evtx_dump (floor)" "$count"
    fi
    if command -v chainsaw >/dev/null && [ -n "${CHAINSAW_MAPPING:-}" ]; then
        measure chainsaw hunt "$folder" -s "$rules" --mapping "$CHAINSAW_MAPPING" --preprocess --jsonl -o "$work/chainsaw.jsonl" --skip-errors
        row "$name" "chainsaw --preprocess" "$count"
    fi
    if command -v hayabusa >/dev/null && [ -n "${HAYABUSA_RULES:-}" ]; then
        hayabusa_timeline "$folder" "$@"
        row "$name" "hayabusa" "$count"
    fi
}

large() {
    mkdir -p "$work/large"
    local log=$work/large/Security.evtx first
    first=$(find "$evtx" -name '*.evtx' -size +200k | sort | sed -n 1p)
    head -c 4096 "$first" >"$log"
    while [ "$(stat -c %s "$log")" -lt $((megabytes * 1000000)) ]; do
        # A whole number of chunks of each log, behind one header.
        find "$evtx" -name '*.evtx' -size +68k -print0 | sort -z | while IFS= read -r -d '' one; do
            tail -c +4097 "$one" | head -c $((($(stat -c %s "$one") - 4096) / 65536 * 65536))
        done >>"$log"
    done
}

startup
corpus "the folder" "$evtx"
large
corpus "one log, $megabytes MB" "$work/large" -A -a

# The faster peer against us, by wall time, and what peers are known to do.
awk -F'|' '
    $2 == "afterpatch timeline" || $2 == "afterpatch investigate" { ours[$1, $2] = $3; count[$1] = $5 }
    $2 ~ /^(chainsaw|hayabusa)/ && (!($1 in peer) || $3 + 0 < peer[$1]) { peer[$1] = $3; name[$1] = $2 }
    END {
        for (both in ours) {
            split(both, of, SUBSEP)
            if (of[1] in peer) printf "%-22s %-24s %5.1f times as fast as %s\n", of[1], of[2], peer[of[1]] / ours[both], name[of[1]]
            else printf "%-22s %-24s no peer here; Chainsaw 2.16, the faster of the two, did 2,244 records/s on two cores: %.1f times as fast\n",
                of[1], of[2], count[of[1]] / 2244 / ours[both]
        }
    }' "$work/rows" | sort

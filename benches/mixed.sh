#!/usr/bin/env bash
# What mixed evidence of any size costs from beginning to end: `investigate`, with its rules, answers and report.
# First one server's half of it, then both servers': the time doubles, and the memory stays where it was.
#
#   benches/mixed.sh FOLDER-OF-EVTX-FILES [GIGABYTES] [MORE ARGUMENTS OF INVESTIGATE…]        without: 10 GB
#
# A half is two fifths of IIS logs, two fifths of HttpProxy logs and one fifth of event logs. No two files are the same, for
# what was read once is not read again. Needs bash, GNU coreutils, awk and findutils, and one and a half times the
# gigabytes on the disk of $TMPDIR.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./scripts/setup.sh
evtx=${1:?benches/mixed.sh FOLDER-OF-EVTX-FILES [GIGABYTES]}
gigabytes=${2:-10}
shift; [ $# -eq 0 ] || shift
more=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --release --package afterpatch
program=$CARGO_TARGET_DIR/release/afterpatch
. benches/evidence.sh

half=$((gigabytes * 500))
"$program" range benign --layout folder --to "$work/made" >/dev/null
event_log "$evtx" "$work/Security.evtx"

# server NAME: half of the evidence, as that server's.
server() {
    local drive=$work/evidence/$1/C number=0 log
    text_logs 'u_ex*.log' "$drive/inetpub/logs/LogFiles/W3SVC1" $((half * 2 / 5)) 'u_ex2103%02d%02d-%03d.log'
    text_logs 'HttpProxy_*.LOG' "$drive/Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Owa" \
        $((half * 2 / 5)) 'HttpProxy_202103%02d%02d-%d.LOG'
    find "$drive" -iname '*.log' | while IFS= read -r log; do echo "#Remark: $1" >>"$log"; done
    mkdir -p "$drive/Windows/System32/winevt/Logs"
    while [ $((number * 303)) -lt $((half / 5)) ]; do
        log=$drive/Windows/System32/winevt/Logs/Archive-Security-$number.evtx
        cp "$work/Security.evtx" "$log"
        # Behind the header's fields there is room that nobody reads.
        printf '%s %d' "$1" "$number" | dd of="$log" bs=1 seek=1024 conv=notrunc status=none
        number=$((number + 1))
    done
}

investigate() {
    rm -rf "$work/case"
    exec "$program" investigate "$work"/evidence/* --case "$work/case" --no-progress "${more[@]}"
}
row() {
    awk -v name="$1" -v mb="$(size_of "$work/evidence")" -v taken="$taken" -v held="$held" 'BEGIN {
        printf "%-12s %9.1f MB %9.2f s %7.1f MB/s %6d MiB\n", name, mb, taken, mb / taken, held }'
}
server MX1
measure investigate; row "one server"; first=$taken first_held=$held
server MX2
measure investigate; row "two servers"
awk -v a="$first" -v b="$taken" -v c="$first_held" -v d="$held" 'BEGIN {
    printf "twice the evidence: %.2f times the time, %.2f times the memory\n", b / a, d / c }'

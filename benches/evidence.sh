# What the benchmarks share: how a command is measured, and how evidence of any size is made.
# Sourced with $work, a folder that is removed at the end, and $program set.

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

size_of() { du -sbl "$1" | awk '{ printf "%.1f", $1 / 1e6 }'; }

# text_logs NAME-OF-A-FILE FOLDER MEGABYTES NAME: of what `range` wrote to $work/made, a file of about 64 MB a date, each the busiest log of its kind.
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

# event_log FOLDER FILE: an event log of 300 MB, made of the chunks of those in the folder behind one header.
event_log() {
    local first
    first=$(find "$1" -name '*.evtx' -size +200k | sort | sed -n 1p)
    mkdir -p "$(dirname "$2")"
    head -c 4096 "$first" >"$2"
    while [ "$(stat -c %s "$2")" -lt 300000000 ]; do
        # A whole number of chunks of each log.
        find "$1" -name '*.evtx' -size +68k -print0 | sort -z | while IFS= read -r -d '' log; do
            chunks=$((($(stat -c %s "$log") - 4096) / 65536))
            tail -c +4097 "$log" | head -c $((chunks * 65536))
        done >>"$2"
    done
}

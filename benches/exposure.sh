#!/bin/sh
# Prints how long the exposure of 100,000 servers with 20 sightings each takes, as SQL over `builds`.
set -eu
cd "$(dirname "$0")/.."
exec cargo nextest run --release --workspace --run-ignored only --no-capture \
    -E 'package(afterpatch-detect) & test(exposure_of_a_hundred_thousand_servers)'

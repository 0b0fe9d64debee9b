#!/usr/bin/env bash
# Prints how long the exposure of 100,000 servers with 20 sightings each takes, as SQL over `builds`, and what it holds.
#
#   benches/exposure.sh [SERVERS] [SIGHTINGS OF EACH] [MEGABYTES FOR QUERIES]
set -eu
cd "$(dirname "$0")/.."
. ./scripts/setup.sh
# The workspace chooses the features of the heavy crates: one package alone would build them anew.
cargo build --quiet --release --workspace --example exposure
exec "$CARGO_TARGET_DIR/release/examples/exposure" "$@"

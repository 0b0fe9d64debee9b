#!/usr/bin/env bash
# What collections that were made to harm cost, in one table: seconds, the most memory held, the exit code, and the
# problems that were told. Each is to end within ten seconds and one gibibyte.
#
#   benches/bombs.sh [NAME…]        without names: every bomb of benches/bombs.py
#
# Each bomb is made in a temporary folder, read once, and removed before the next is made.
# Needs bash, python3 and 10 GB on the disk of $TMPDIR; the files that are read lie in its cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. ./scripts/setup.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --release --package afterpatch
TMPDIR=$work python3 benches/bombs.py "$CARGO_TARGET_DIR/release/afterpatch" "$work" "$@"

#!/bin/sh
# Compiles sources/*.cs with Mono's mcs (Debian: mono-mcs, libmono-cil-dev), and writes each assembly in hexadecimal digits:
# what looks for web shells takes none of them for one, and tests need no Mono.
set -eu
cd "$(dirname "$0")"
made=$(mktemp -d)
trap 'rm -r "$made"' EXIT
for source in sources/*.cs; do
    name=$(basename "$source" .cs)
    [ "$name" = inert ] && continue
    mcs -nologo -optimize+ -deterministic -target:library -r:System.Web -r:System.Web.Services \
        -out:"$made/$name.dll" "$source" sources/inert.cs
    od -An -v -tx1 -w40 "$made/$name.dll" | tr -d ' ' > "$name.dll.hex"
done

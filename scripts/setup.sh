# What ./demo and ./check share: it is sourced, not run.
# shellcheck shell=bash

# Builds stay warm outside the checkout.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/afterpatch/target}"

# Checkouts may share the folder. Cargo would take what another one built, with its paths in it, for its own where our
# sources are older: then they are made new.
own_the_builds() {
    local mark=$CARGO_TARGET_DIR/checkout
    mkdir -p "$CARGO_TARGET_DIR"
    if [ "$(cat "$mark" 2>/dev/null || true)" != "$PWD" ]; then
        find crates xtask -name '*.rs' -exec touch {} +
        echo "$PWD" >"$mark"
    fi
}

# Runs a command as root, with sudo where we are not root.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "to run '$*' one must be root, and sudo is not there" >&2
        return 1
    fi
}

# Installs Debian's C tools where no linker is there, and says what is missing where there is no Rust.
need_build_tools() {
    if ! command -v cc >/dev/null; then
        echo "installing build-essential" >&2
        as_root apt-get update -qq
        as_root apt-get install -y -qq --no-install-recommends build-essential >&2
    fi
    if ! command -v cargo >/dev/null; then
        echo "no Rust toolchain: install one from https://rustup.rs and run this again" >&2
        return 1
    fi
}

# Installs a component of the toolchain where its program is missing.
need_component() {
    local component=$1 program=$2
    if ! command -v "$program" >/dev/null && command -v rustup >/dev/null; then
        rustup component add "$component" >&2
    fi
}

own_the_builds

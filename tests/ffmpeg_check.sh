# SPDX-License-Identifier: MIT
#
# What the tests of the filters in a real ffmpeg share: source it with the folder of the
# wrappers as $1.  It enters a folder of its own, which goes away at the end; the script ends
# with `finish`.
# shellcheck shell=bash disable=SC2034
set -u
bin=$(realpath "$1")
[ -x "$bin/ffmpeg-nca" ] || { echo "$bin/ffmpeg-nca is not built"; exit 77; }
root=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8 NCA_MODEL_PATH=$root/models
failures=0

fail() {
    printf '%s: line %s: %s\n' "$(basename "$0")" "${BASH_LINENO[${#BASH_LINENO[@]} - 2]}" "$*" >&2
    failures=$((failures + 1))
}

finish() {
    [ "$failures" -eq 0 ] || printf '%s failures\n' "$failures" >&2
    exit $((failures > 0))
}

# The ffmpeg of the system with the filters, and as it is.
with() { "$bin/ffmpeg-nca" -nostdin -v warning -y "$@"; }
stock() { ffmpeg -nostdin -v error -y "$@"; }

# good COMMAND…: ends with 0 and says nothing on standard error.
good() {
    local status=0
    "$@" 2>stderr || status=$?
    if [ "$status" -ne 0 ] || [ -s stderr ]; then
        fail "$* -> $status, $(head -c 500 stderr)"
    fi
}

is() { [ "$1" = "$2" ] || fail "\"$1\" where \"$2\" was expected"; }

# between LEAST VALUE MOST
between() {
    awk -v a="$1" -v v="$2" -v b="$3" 'BEGIN { exit !(v != "" && a <= v && v <= b) }' ||
        fail "$2 is not within $1 ... $3"
}

# steps FILTERS: "STEP ALIVE" of each frame of that graph; the graph ends in nca or ncasrc.
steps() {
    with -filter_complex "$1,metadata=print:file=steps.txt" -f null - 2>stderr ||
        fail "$1: $(head -c 500 stderr)"
    sed -n 's/^lavfi\.nca\.[a-z]*=//p' steps.txt | paste -d ' ' - -
}

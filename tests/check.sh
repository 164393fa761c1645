# SPDX-License-Identifier: MIT
#
# What all tests in shell share: sourced by cli_check.sh and ffmpeg_check.sh.  It enters a
# folder of its own, which goes away at the end; the script ends with `finish`.
# shellcheck shell=bash disable=SC2034
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8
failures=0

fail() {
    printf '%s: line %s: %s\n' "$(basename "$0")" "${BASH_LINENO[${#BASH_LINENO[@]} - 2]}" "$*" >&2
    failures=$((failures + 1))
}

finish() {
    [ "$failures" -eq 0 ] || printf '%s failures\n' "$failures" >&2
    exit $((failures > 0))
}

# good COMMAND…: ends with 0 and says nothing on standard error.
good() {
    local status=0
    "$@" 2>stderr || status=$?
    if [ "$status" -ne 0 ] || [ -s stderr ]; then
        fail "$* -> $status, $(head -c 300 stderr)"
    fi
}

is() { [ "$1" = "$2" ] || fail "\"$1\" where \"$2\" was expected"; }

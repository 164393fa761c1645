# SPDX-License-Identifier: MIT
#
# What tests/cli*.sh and others of the program share: source it with the program's path as $1.
# shellcheck shell=bash disable=SC2034
nca=$(realpath "$1")
source_root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
. "$source_root/tests/check.sh"

# bad STATUS PATTERN COMMAND…: ends so, with one line "nca: …" that fits, and no output.
bad() {
    local expected=$1 pattern=$2 status=0
    shift 2
    "$@" >stdout 2>stderr || status=$?
    [ "$status" -eq "$expected" ] || fail "$* -> $status where $expected was expected"
    [ "$(wc -l <stderr)" -eq 1 ] || fail "$*: not one line: $(head -c 300 stderr)"
    grep -q "^nca: .*$pattern" stderr || fail "$*: no \"$pattern\" in: $(head -c 300 stderr)"
    [ "$expected" -ne 2 ] || grep -q -e '; see nca .*--help$' stderr || fail "$*: no hint"
    [ ! -s stdout ] || fail "$*: output beside an error"
}

same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }
other() { if cmp -s "$1" "$2"; then fail "$1 and $2 are the same"; fi; }

# "WIDTHxHEIGHT" of a PNG.
png_size() {
    local b
    read -r -a b < <(od -An -tu1 -w24 -N24 "$1")
    is "${b[*]:0:8}" "137 80 78 71 13 10 26 10"
    echo "$((b[18] * 256 + b[19]))x$((b[22] * 256 + b[23]))"
}

# SPDX-License-Identifier: MIT
#
# What tests/cli*.sh share: source it with the program's path as $1.
# shellcheck shell=bash disable=SC2034
nca=$(realpath "$1")
source_root=$(realpath "$(dirname "$0")/..")
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

zeros() { head -c "$((4 * $1))" /dev/zero; }

# A model of 8 channels and 4 hidden, trained on 20×16, that grows a green blob, redder at
# its right side and so not the same when turned.  $2: the bytes of one bias, a float.
make_model() {
    local shape='{"__metadata__":{"format":"nca","version":"1","channels":"8","hidden":"4",'
    shape+='"bands":"identity,sobel_x,sobel_y","band_scale":"1,0.125,0.125","alive":"pre+post",'
    shape+='"alive_threshold":"0.1","edge":"zero","fire_rate":"0.5","color":"premultiplied",'
    shape+='"clamp":"0","name":"blob","width":"20","height":"16"},'
    shape+='"w1":{"dtype":"F32","shape":[4,24],"data_offsets":[0,384]},'
    shape+='"b1":{"dtype":"F32","shape":[4],"data_offsets":[384,400]},'
    shape+='"w2":{"dtype":"F32","shape":[8,4],"data_offsets":[400,528]},'
    shape+='"b2":{"dtype":"F32","shape":[8],"data_offsets":[528,560]}}'
    while [ $((${#shape} % 8)) -ne 0 ]; do shape+=' '; done
    # shellcheck disable=SC2059 # the formats are bytes
    {
        printf "\\x$(printf '%02x' $((${#shape} % 256)))\\x$(printf '%02x' $((${#shape} / 256)))"
        head -c 6 /dev/zero
        printf '%s' "$shape"
        zeros 11; printf '\0\0\x80\xbf'; zeros 84   # w1: hidden 0 = relu(-sobel_x(alpha))
        zeros 4                                     # b1
        printf '\0\0\0\x3f'; zeros 31               # w2: red += hidden 0 / 2
        zeros 1; printf "${2:-\\0\\0\\0\\x3e}"; zeros 1; printf '\0\0\0\x3e'; zeros 4 # b2
    } >"$1"
}

# SPDX-License-Identifier: MIT
#
# What all tests in shell share: sourced by cli_check.sh and ffmpeg_check.sh.  It enters a
# folder of its own, which goes away at the end; the script ends with `finish`.
# shellcheck shell=bash disable=SC2034
set -u
work=$(mktemp -d) failures=$(mktemp)
readonly work failures
trap 'rm -rf "$work" "$failures"' EXIT
cd "$work" || exit 1
export LC_ALL=C.UTF-8

# In a file, as a subshell's variables are its own.
fail() {
    printf '%s: line %s: %s\n' "$(basename "$0")" "${BASH_LINENO[${#BASH_LINENO[@]} - 2]}" "$*" >&2
    echo failure >>"$failures"
}

has_failed() { [ -s "$failures" ]; }

finish() {
    ! has_failed || printf '%s failures\n' "$(wc -l <"$failures")" >&2
    if has_failed; then exit 1; else exit 0; fi
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

# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# Sourced by the videos of one command: the ffmpeg that was built here, where the plain one has no
# filter nca.
filter_env=$(dirname "$0")/../build/ffmpeg-filter/env
has_filter() { ffmpeg -v error -filters | grep -q ' ncasrc '; }
# shellcheck source=/dev/null
has_filter || { [ -e "$filter_env" ] && . "$filter_env" && has_filter; } || {
    echo "$0: ffmpeg has no filter nca: examples/quickstart.sh builds it" >&2
    exit 1
}

# not_over INPUT…: ends where one of them is the file $made, which ffmpeg -y would empty.
not_over() {
    for input; do
        # shellcheck disable=SC2154,SC3013 # made is the caller's; dash and bash have -ef
        [ ! "$input" -ef "$made" ] || { echo "$0: $made is read from: another OUTPUT is needed" >&2; exit 2; }
    done
}

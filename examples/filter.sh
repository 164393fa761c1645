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

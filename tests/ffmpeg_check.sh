# SPDX-License-Identifier: MIT
#
# What the tests of the filters in a real ffmpeg share: source it with the folder of the
# wrappers as $1.
# shellcheck shell=bash disable=SC2034
bin=$(realpath "$1")
[ -x "$bin/ffmpeg-nca" ] || { echo "$bin/ffmpeg-nca is not built"; exit 77; }
root=$(realpath "$(dirname "$0")/..")
. "$root/tests/check.sh"
export NCA_MODEL_PATH=$root/models

# The ffmpeg of the system with the filters, and as it is.
with() { "$bin/ffmpeg-nca" -nostdin -v warning -y "$@"; }
stock() { ffmpeg -nostdin -v error -y "$@"; }

# between LEAST VALUE MOST
between() {
    awk -v a="$1" -v v="$2" -v b="$3" 'BEGIN { exit !(v != "" && a <= v && v <= b) }' ||
        fail "$2 is not within $1 ... $3"
}

# steps FILTERS: "STEP ALIVE" of each frame of that graph; the graph ends in nca or ncasrc.
steps() {
    rm -f steps.txt
    with -filter_complex "$1,metadata=print:file=steps.txt" -f null - 2>stderr ||
        fail "$1: $(head -c 500 stderr)"
    sed -n 's/^lavfi\.nca\.[a-z]*=//p' steps.txt | paste -d ' ' - -
}

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The filters against their references in FATE's form, with the real ffmpeg: on 1, 2 and 3
# threads and on each instruction set with fused multiply-add.
# Usage: ffmpeg_fate.sh FFMPEG.  GEN=1 writes the references anew, for a changed model.
set -u
export LC_ALL=C.UTF-8
cd "$(dirname "$0")/.." || exit 1
ffmpeg=$1
[ -x "$ffmpeg" ] || { echo "$ffmpeg is not built"; exit 77; }
fate="ffmpeg-filter/fate"
export NCA_MODEL_PATH=$PWD/models
listed=$(sed -n '/^FATE_NCA =/,/[^\\]$/{s/.*=//;s/\\//;p}' "$fate/filter-nca.mak" | wc -w)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# framemd5 ARGUMENT…: as FATE's framemd5 does.
framemd5() {
    local arguments=() argument
    for argument; do
        [ "$argument" = -i ] && arguments+=(-threads 1)
        arguments+=("$argument")
    done
    "$ffmpeg" -nostdin -nostats -v error -noauto_conversion_filters -filter_threads "$threads" \
        -filter_complex_threads "$threads" "${arguments[@]}" -bitexact -f framemd5 -
}

# case_of NAME COMMAND
case_of() {
    local name=$1 command=${2//'$(SRC_PATH)/tests/filtergraphs'/$fate}
    if ! eval "$command" >"$work/$name" 2>"$work/$name.err"; then
        printf '%s: ' "$name" >&2
        cat "$work/$name.err" >&2
        failures=$((failures + 1))
    elif [ -n "${GEN:-}" ]; then
        cp "$work/$name" "$fate/$name"
    elif ! diff "$fate/$name" "$work/$name" >"$work/diff"; then
        printf '%s, %s threads, NCA_CPU=%s: differs from its reference:\n' "$name" "$threads" \
            "${NCA_CPU:-}" >&2
        head -n 6 "$work/diff" >&2
        failures=$((failures + 1))
    fi
}

all_cases() {
    local name command count=0
    while IFS= read -r line; do
        name=${line%%:*}
        command=${line#*CMD = }
        case_of "${name#fate-}" "${command//\$\$/\$}"
        count=$((count + 1))
    done < <(grep '^fate-filter-nca-[a-z-]*: CMD = ' "$fate/filter-nca.mak")
    [ "$count" -eq "$listed" ] && return
    echo "$count cases, but $listed in FATE_NCA" >&2
    failures=$((failures + 1))
}

threads=1
all_cases
if [ -z "${GEN:-}" ]; then
    for threads in 2 3; do
        all_cases
    done
    # A level that the processor lacks stands for the best one that it has.
    for level in c avx2 avx512; do
        NCA_CPU=$level all_cases
    done
fi
exit $((failures > 0))

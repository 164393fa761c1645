#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Fuzzing: libFuzzer drives what reads bytes and texts of strangers, under the sanitizers.
# Usage: tests/fuzz.sh MINUTES [NAME…]
#
# Each NAME (checkpoint, events, filter, model, png; all of them) runs for MINUTES on a processor of
# its own, as many at once as there are processors.  What is found to be new is kept in
# build-fuzz/corpus for the next run; what breaks, in build-fuzz/found: a file of that goes to
# tests/corpus/NAME with the mend, and every test run tries it from then on.
set -eu
cd "$(dirname "$0")/.."
me=tests/fuzz.sh
. examples/install.sh
export PATH=/usr/bin:/bin:$PATH LC_ALL=C.UTF-8

minutes=${1:-}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || fail "usage: tests/fuzz.sh MINUTES [NAME…]"
shift
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(checkpoint events filter model png)

install_missing binutils clang dpkg-dev ffmpeg gcc libjansson-dev libmd-dev libpng-dev make meson \
    nasm ninja-build pkg-config
install_missing "libclang-rt-$(clang -dumpversion | cut -d . -f 1)-dev"

# Plain C kernels: the others do not look at bytes from outside, and take long to build.
options=(-Dfuzz=enabled -Dsimd=disabled -Dopencl=disabled -Dffmpeg=disabled -Dgimp=disabled
    -Dfrei0r=disabled --buildtype=debugoptimized "-Db_sanitize=address,undefined" -Db_lundef=false
    "-Dc_args=-fsanitize=float-cast-overflow -fno-sanitize-recover=all")
if [[ " ${names[*]} " = *' filter '* ]]; then
    say "building FFmpeg's library"
    configure build-fuzz-ffmpeg -Dffmpeg=enabled -Dgimp=disabled -Dfrei0r=disabled \
        -Dtests=disabled -Dopencl=disabled
    build build-fuzz-ffmpeg ffmpeg
    libav=$PWD/build-fuzz-ffmpeg/ffmpeg-filter/work/src
    quiet build-fuzz-ffmpeg/archive.log "making libavfilter.a" \
        make -C "$libav" libavfilter/libavfilter.a
    options+=("-Dffmpeg_source=$libav")
fi
say "building"
CC=clang configure build-fuzz "${options[@]}"
build build-fuzz "${names[@]/#/tests/fuzz/fuzz_}"

# What asks for too much memory gets none.
export ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=2000
export NCA_MODEL_PATH=$PWD/models

# fuzz NAME
fuzz() {
    local work=build-fuzz/corpus/$1 found=build-fuzz/found/$1 words=() status=0
    mkdir -p "$work" "$found"
    [ ! -e "tests/fuzz/$1.dict" ] || words=("-dict=tests/fuzz/$1.dict")
    build-fuzz/tests/fuzz/fuzz_"$1" "$work" "tests/corpus/$1" "${words[@]}" \
        -max_total_time=$((minutes * 60)) -timeout=30 -rss_limit_mb=4096 -malloc_limit_mb=4000 \
        -print_final_stats=1 -close_fd_mask=3 -artifact_prefix="$found/" \
        </dev/null >"build-fuzz/$1.log" 2>&1 || status=$?
    return $status
}

# last REGEX FILE: what it captures, where it fits last
last() { sed -n "s/.*$1.*/\\1/p" "$2" | tail -n 1; }

report() {
    local log=build-fuzz/$1.log
    printf '%s: %s executions, %s of %s edges of our code, %s inputs that differ, %s\n' "$1" \
        "$(last 'number_of_executed_units: \([0-9]*\)' "$log")" \
        "$(last 'cov: \([0-9]*\)' "$log")" \
        "$(last '(\([0-9]*\) inline 8-bit counters)' "$log")" \
        "$(last 'corp: \([0-9]*\)' "$log")" "$2"
}

failed=0
declare -A running=()
# Waits until fewer than $1 run.
wait_for_room() {
    local pid status
    while [ ${#running[@]} -ge "$1" ]; do
        status=0
        wait -n -p pid "${!running[@]}" || status=$?
        if [ $status -eq 0 ]; then
            report "${running[$pid]}" "nothing found"
        else
            report "${running[$pid]}" "FAILED: see build-fuzz/${running[$pid]}.log"
            failed=$((failed + 1))
        fi
        unset "running[$pid]"
    done
}

say "${names[*]}: $minutes minutes each"
for name in "${names[@]}"; do
    wait_for_room "$(nproc)"
    fuzz "$name" &
    running[$!]=$name
done
wait_for_room 1
printf '%s passed, %s failed\n' $((${#names[@]} - failed)) $failed
exit $((failed > 0))

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The filters in ffmpeg when an allocation of libnca fails, or of jansson for it: the first, the
# second, and so on, and all after it.  The graph is refused in words, or goes on as if nothing
# had been; never a crash, never a hang.  With FREI0R_PATH, those modules in the installed ffmpeg.
# Usage: [FREI0R_PATH=FOLDER] tests/faults/ffmpeg.sh BIN PRELOAD [all|N]; one in N, or in forty-one.
preload=$(realpath "$2") stride=${3:-41}
[ "$stride" != all ] || stride=1
bin=$(realpath "$1")
[ -x "$bin/ffmpeg-nca" ] || { echo "$bin/ffmpeg-nca is not built"; exit 77; }
root=$(realpath "$(dirname "$0")/../..")
# shellcheck source=tests/check.sh
. "$root/tests/check.sh"
export NCA_MODEL_PATH=$root/models
seed=${NCA_TEST_SEED:-$RANDOM}
echo "NCA_TEST_SEED=$seed"
cp "$preload" nth.so && preload=$work/nth.so # LD_PRELOAD takes no path with a space
cp "$root/models/lizard.bin" .

commands="sendcmd=c='0.3 nca plant 10/10; 0.5 nca reset 4'"
declare -A graph=(
    [source]="ncasrc=lizard.bin:s=64x64:r=5:d=0.6:warmup=20:events='0 plant 50% 50% | 3 erase half lower'"
    [filter]="testsrc2=s=64x64:r=5:d=1,$commands,nca=lizard.bin:wound=motion:warmup=20"
    [yuv]="testsrc2=s=33x17:r=5:d=1,format=yuv420p,nca=lizard:scale=3:interp=nearest:mode=replace")

if [ -n "${FREI0R_PATH:-}" ] && ffmpeg -v error -filters 2>/dev/null | grep -q ' frei0r '; then
    graph+=(
        [frei0r]="testsrc2=s=64x64:r=5:d=1,format=rgba,frei0r=nca:'lizard.bin|2||||5 plant 50% 50%'"
        [frei0r_src]="frei0r_src=64x64:5:ncasrc:'lizard.bin|2||||3 erase half lower',trim=end_frame=4")
fi

# run NAME VARIABLE=VALUE…
run() {
    local name=$1 program=$bin/ffmpeg-nca
    [[ $name != frei0r* ]] || program=ffmpeg
    shift
    rm -f report frames
    timeout 60 env NCA_NTH_FROM="libavfilter libjansson nca.so ncasrc.so" NCA_NTH_REPORT=report "$@" \
        "$program" -nostdin -v error -y -filter_threads 2 -f lavfi -i "${graph[$name]}" \
        -f framemd5 frames >stdout 2>stderr
    status=$?
}

# The last run neither took too long (124) nor ended by a signal (129 to 159); from 7 on ffmpeg's
# status is an error's number below 256.
ended() { [ -e report ] && { [ $status -lt 124 ] || [ $status -gt 159 ]; }; }

failed=0
fail_one() {
    local what="$1, allocation $2 $3"
    # shellcheck disable=SC2086 # none, or one
    run "$1" LD_PRELOAD="$preload" NCA_NTH="$2" $3
    ended || { fail "$what: no end, status $status: $(cat stderr)"; return 1; }
    [ "$(cut -d ' ' -f 2 report)" -gt 0 ] || return
    failed=$((failed + 1))
    if [ $status -eq 0 ] && [ ! -s stderr ]; then
        cmp -s frames "$1.frames" || fail "$what: other frames, and no word"
    else
        grep -q '[a-z]' stderr || fail "$what: status $status, and no word"
    fi
}

for name in "${!graph[@]}"; do
    run "$name" NCA_NTH_REPORT=none
    is "$name $status $(cat stderr)" "$name 0 "
    mv frames "$name.frames"
    for all in "" NCA_NTH_ALL=1; do
        for ((n = seed++ % stride; ; n += stride)); do fail_one "$name" "$n" "$all" || break; done
    done
    echo "$name: $(cut -d ' ' -f 1 report) allocations"
done
[ $failed -gt 9 ] || fail "only $failed allocations failed"
echo "$failed allocations of the filters failed once each, or all from there on, in ${#graph[@]} graphs"
finish

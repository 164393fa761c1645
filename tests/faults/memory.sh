#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The program when an allocation fails, those of libpng, jansson and the C library included:
# the first, the second, and so on, and all after it.  Each time it ends as it should, or with
# 1 and a line that says why, and a file is the old one or the new one.
# Usage: tests/faults/memory.sh NCA PRELOAD [all|N]; one in N, or in thirty-one.
set -u
nca=$(realpath "$1") preload=$(realpath "$2")
stride=${3:-31}
[ "$stride" != all ] || stride=1
# shellcheck source=tests/check.sh
. "$(dirname "$0")/../check.sh"
seed=${NCA_TEST_SEED:-$RANDOM}
echo "NCA_TEST_SEED=$seed"
cp "$preload" nth.so && preload=$work/nth.so # LD_PRELOAD takes no path with a space
tiny=(--size 4 --padding 0 --channels 4 --hidden 1 --batch 1 --pool 1)
declare -A command=(
    [train]="train picture.png ${tiny[*]} -i 3 -o new.bin --checkpoint state --preview new.png -j 2 --license CC0"
    [info]="info blob.bin --json" [table]="info blob.bin" [convert]="convert blob.bin new.json"
    [grow]="grow blob.bin -o new.png --steps 5 --grid 8x8 -j 2"
    [pipe]="grow blob.bin -o - --steps 3 --grid 8x8 -j 1"
    [eval]="eval blob.bin --target picture.png --seeds 1 --json --shot new.png -j 2")
outputs=(new.bin new.png new.json)

make_model blob.bin
good "$nca" grow blob.bin -o picture.png --steps 14
# run NAME [VARIABLE=VALUE…]
run() {
    local name=$1 file
    shift
    rm -f state report
    for file in "${outputs[@]}"; do echo old >"$file"; done
    # shellcheck disable=SC2086 # words
    timeout 60 env NCA_NTH_REPORT=report "$@" "$nca" ${command[$name]} >stdout 2>stderr
    status=$?
}

failed=0
# fail_one NAME N ALL: not, where there are no more allocations.
fail_one() {
    local file what="$1, allocation $2 $3"
    run "$1" LD_PRELOAD="$preload" NCA_NTH="$2" ${3:+NCA_NTH_ALL=1}
    [ -e report ] || { fail "$what: no end, status $status: $(cat stderr)"; return 1; }
    [ "$(cut -d ' ' -f 2 report)" -gt 0 ] || return
    failed=$((failed + 1))
    if [ $status -eq 0 ]; then
        cmp -s stdout "$1.stdout" || fail "$what: other output, and good"
        for file in "${outputs[@]}"; do cmp -s "$file" "$1.$file" || fail "$what: good, and $file is another"; done
    else
        is "$what: $status" "$what: 1"
        grep -q '^nca: .*[a-z]' stderr || fail "$what: no word, but $(cat stderr)"
        for file in "${outputs[@]}"; do
            is_old_or_whole "$file" "$1" || fail "$what: $file is neither old nor new"
        done
    fi
    is "$what: $(find . -name '.nca-*')" "$what: "
}
# A model of before it was judged is whole, too.
is_old_or_whole() {
    is_old "$1" || cmp -s "$1" "$2.$1" || { [ "$1" = new.bin ] && "$nca" info new.bin >info 2>&1; } ||
        { [ "$1" = new.png ] && "$nca" train new.png "${tiny[@]}" -i 1 -o x.bin >info 2>&1; }
}
is_old() { [ "$(head -c 4 "$1" | tr "\\0" 0)" = old ]; }

for name in "${!command[@]}"; do
    run "$name" NCA_NTH_REPORT=none
    is "$name $status" "$name 0"
    cp stdout "$name.stdout"
    for file in "${outputs[@]}"; do cp "$file" "$name.$file"; done
    for all in "" 1; do
        for ((n = seed++ % stride; ; n += stride)); do fail_one "$name" "$n" "$all" || break; done
    done
done
# Those of a picture that is written, the last ones, each time.
run grow NCA_NTH=1000000 LD_PRELOAD="$preload"
asked=$(cut -d ' ' -f 1 report)
for ((n = asked - 16; n < asked; n++)); do fail_one grow "$n" ""; done
[ $failed -gt 20 ] || fail "only $failed allocations failed"
echo "$failed allocations failed once each, or all from there on, in ${#command[@]} uses of the program"
finish

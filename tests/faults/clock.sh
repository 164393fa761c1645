#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The time of day leaps about, and trainings pause for hours at any of their looks at the other
# clock: they come to the same end, as soon as they would, and tell no nonsense of the time
# left.  Usage: tests/faults/clock.sh NCA PRELOAD [COUNT]
set -u
nca=$(realpath "$1") preload=$(realpath "$2") count=${3:-6}
# shellcheck source=tests/check.sh
. "$(dirname "$0")/../check.sh"
seed=${NCA_TEST_SEED:-$RANDOM}
RANDOM=$seed
echo "NCA_TEST_SEED=$seed"
cp "$preload" clock.so && preload=$work/clock.so # LD_PRELOAD takes no path with a space
make_model blob.bin
good "$nca" grow blob.bin -o picture.png --steps 14
training=(train picture.png --size 4 --padding 0 --channels 4 --hidden 1 --batch 1 --pool 1 -j 1)
meta() { "$nca" info "$1" | awk -v key="$2" '$1 == key {print $2}'; }

# leaping SECONDS AT OPTION…: trains with that pause; nothing that it tells is odd.
leaping() {
    local pause=$1 at=$2
    shift 2
    rm -rf run
    mkdir run
    timeout 60 env LD_PRELOAD="$preload" NCA_PAUSE="$pause" NCA_PAUSE_AT="$at" "$nca" "${training[@]}" \
        -o run/m.bin --log run/log --preview run/now.png --checkpoint run/state "$@" >stdout 2>stderr ||
        fail "a pause of $pause s at look $at: $(cat stderr)"
    ! grep -q 'left -\|left ?[^$]' stderr || fail "$(cat stderr)"
    is "$(cut -d, -f5 run/log | grep -c ^-)" 0
}
wall() { date +%s%N; } # of this shell, whose clock is as it was

"$nca" "${training[@]}" -i 300 -o m.bin >stdout 2>stderr || fail "$(cat stderr)"
for ((n = 0; n < count; n++)); do
    leaping 10000 $((RANDOM % 1500)) -i 300
    cmp -s run/m.bin m.bin || fail "another model"
done

# By the clock: for 1.2 seconds, and not until it has leapt.
leaping 0 0 --minutes 0.02
plain=$(meta run/m.bin iterations)
for ((n = 0; n < 9; n++)); do # an iteration looks at the clock less often
    begin=$(wall)
    leaping 10000 $((200 + n)) --minutes 0.02
    took=$((($(wall) - begin) / 1000000))
    [ $took -ge 700 ] || fail "by the clock: an end after $took ms, $(meta run/m.bin iterations) iterations, not $plain"
    [ $took -lt 20000 ] || fail "by the clock: $took ms"
done

# As slow for good, as where a device was lost, is no pause: each iteration counts as it took.
NCA_PAUSES=1 leaping 1 20000 --minutes 0.5
slow=$(awk -F, '$5 > 0.9' run/log | wc -l) # and the heading
[ "$slow" -gt 5 ] && [ "$slow" -le 40 ] || fail "$slow iterations of a second and more in half a minute"

# What is due from time to time is done after a pause, once.
leaping 10000 300 --save-every 5000 --minutes 0.02
[ "$(grep -c 'nca: [0-9]*/' stderr)" -ge 3 ] || fail "no line after the pause: $(cat stderr)"
[ -s run/now.png ] && [ -s run/state ] || fail "nothing was saved"
echo "$((count + 12)) trainings while the clock leapt"
finish

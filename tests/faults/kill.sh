#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Trainings that are killed (kill -9) COUNT times at random moments, also while they go on from a
# checkpoint, and stopped about as often by the signals that they heed: each comes to the same bits
# as one that nobody disturbed.  Usage: tests/faults/kill.sh NCA [COUNT [SEED]]
set -u
nca=$(realpath "$1")
count=${2:-10}
seed=${3:-${NCA_TEST_SEED:-$RANDOM}}
RANDOM=$seed
# shellcheck source=tests/check.sh
. "$(dirname "$0")/../check.sh"
echo "seed $seed"
export NCA_MODEL_PATH=.

make_model blob.bin
good "$nca" grow blob.bin -o picture.png --steps 14
# In tenths of a second it writes some dozens of files.
training=(train picture.png --size 8 --padding 4 --channels 8 --hidden 8 --batch 2 --pool 8 -i 600
    --save-every 0.01 --seed 5)
"$nca" "${training[@]}" -o whole.bin --save-every 30 >stdout 2>stderr || fail "$(cat stderr)"

# A run from what is there, killed by that signal after so many milliseconds; its exit status.
disturb() {
    local signal=$1 delay=$2 resume=()
    [ ! -e run/state ] || resume=(--resume run/state)
    # A shell without job control starts commands that ignore SIGINT.
    env --default-signal=INT "$nca" "${training[@]}" -o run/whole.bin --checkpoint run/state \
        --log run/log --preview run/now.png "${resume[@]}" >stdout 2>said &
    sleep "$(printf '0.%03d' "$delay")"
    kill "-$signal" $! 2>/dev/null
    wait $! 2>/dev/null
}

# What is there now must be whole.
check_files() {
    [ ! -e run/whole.bin ] || good "$nca" info run/whole.bin >info
    [ ! -e run/now.png ] || is "$(tail -c 4 run/now.png | od -An -tx1 | xargs)" "ae 42 60 82"
    [ "$(find run -name '.nca-*' | wc -l)" -le 3 ] || fail "what is left piles up: $(ls -A run)"
}

signals=(KILL KILL KILL INT TERM HUP)
killed=0 stopped=0 trainings=0 early=0 left=0 clean=0
while [ "$killed" -lt "$count" ] && ! has_failed; do
    rm -rf run
    mkdir run
    trainings=$((trainings + 1))
    for ((n = 0; n < 100; n++)); do
        signal=${signals[RANDOM % 6]}
        [ "$killed" -lt "$count" ] && [ $n -lt 60 ] || signal=0 # and so it comes to its end
        disturb "$signal" $((RANDOM % 300))
        status=$?
        check_files
        [ $status -ne 0 ] || grep -q stopped said || break
        if [ $status -eq 137 ]; then killed=$((killed + 1)); else stopped=$((stopped + 1)); fi
        left=$((left + $(find run -name '.nca-*' | wc -l)))
        [ -e run/state ] || early=$((early + 1))
        [ $status -eq 0 ] || [ $status -gt 128 ] || fail "exit status $status: $(cat said)"
        [ $status -ne 0 ] || clean=$((clean + 1))
        [ $status -ne 0 ] || [ -e run/state ] || fail "stopped by $signal without a checkpoint"
        [ $status -ne 0 ] || [ -e run/whole.bin ] || fail "stopped by $signal without a model"
    done
    { [ "$status" -eq 0 ] && cmp -s run/whole.bin whole.bin; } ||
        fail "after $n kills, status $status, it is another model: $(cat said)"
    is "$(find run -name '.nca-*' | wc -l)" 0
done
echo "$killed runs killed and $stopped stopped ($clean of them saved and said so), $early before the" \
    "first checkpoint, $left with a file half-written, in $trainings trainings: the same bits in the end"
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Numbers that do not depend on the machine: the same frames from every level that fuses its
# multiply-adds and any number of threads, and the same trained model from any number of
# threads.  Usage: tests/levels.sh NCA
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/cli_check.sh"

shared=${NCA_SHARED:-$source_root/../shared}
levels=()
for level in c sse2 avx2 avx512 neon; do
    if [ "$(NCA_CPU=$level "$nca" --version | sed -n 's/^level \([^,]*\),.*/\1/p')" = "$level" ]; then
        levels+=("$level")
    else
        echo "left out: this machine or build has no $level"
    fi
done
[ "${levels[0]}" = c ] || fail "not even the level c: ${levels[*]}"
is "$("$nca" --version | sed -n 's/^level \([^,]*\),.*/\1/p')" "${levels[-1]}"

frame=$((160 * 120 * 4)) compared=0 trainings=0
# frames LEVEL THREADS MODEL OPTION…: raw frames of two creatures that meet, are cut and turned.
events='0 plant 33% 50% | 0 plant 66% 45% | 24 erase circle 33% 50% 3 | 32 erase half upper'
events+=' | 36 plant 50% 20% | 40 angle 30 | 120 erase half left'
frames() {
    NCA_CPU=$1 "$nca" grow "$3" -o - --threads "$2" --grid 160x120 --events "$events" "${@:4}"
}

# compare MODEL OPTION…: for 200 steps, all fused levels and threads against the best level
# with one thread; of the plain reference, which is slow, two numbers of threads.
compare() {
    local model=$1 level threads counts
    shift
    frames "${levels[-1]}" 1 "$model" --steps 200 "$@" >expected.raw
    is "$(wc -c <expected.raw)" $((frame * 201))
    for level in "${levels[@]}"; do
        counts='1 2 3 7'
        [ "$level" != sse2 ] || continue
        [ "$level" != c ] || counts='1 7'
        for threads in $counts; do
            frames "$level" "$threads" "$model" --steps 200 "$@" >some.raw
            if cmp some.raw expected.raw >&2; then
                compared=$((compared + 201))
            else
                fail "level $level, $threads threads, $*: other frames"
            fi
        done
    done
}

# ------------------------------------------------------------------------ the picture
make_model blob.bin
compare blob.bin --seed 5 --edge wrap
model=$shared/data/distill/ex3_lizard.json
if [ -r "$model" ]; then
    compare "$model" --seed 5
else
    echo "left out: the published model is not in $shared"
    model=blob.bin
fi
# Rounding twice is one step of 255 at most, soon after the seed.
if [[ " ${levels[*]} " = *" sse2 "* ]]; then
    for step in 1 4; do
        frames sse2 2 "$model" --steps "$step" --every "$step" >sse2.raw
        frames c 1 "$model" --steps "$step" --every "$step" >c.raw
        is "$(wc -c <sse2.raw)" $((frame * 2))
        is "$(cmp -l sse2.raw c.raw | while read -r _ a b; do
            echo $((8#$a - 8#$b)); done | grep -v -c -x -e '-\?1')" 0
    done
fi

# ----------------------------------------------------------------------- the training
good "$nca" grow blob.bin -o picture.png --steps 14
# trained LEVEL THREADS OPTION…
trained() {
    rm -f model.bin
    NCA_CPU=$1 "$nca" train picture.png -o model.bin --size 8 --padding 3 --channels 8 --hidden 6 \
        --batch 5 --pool 12 --iterations 16 --seed 3 --threads "$2" "${@:3}" >stdout 2>stderr ||
        fail "$*: $(cat stderr)"
    sha256sum <model.bin
}
for level in "${levels[@]}"; do
    for recipe in '--regime regenerating' '--preset standard'; do
        counts='2 3 7'
        if [ "$level" = c ]; then # slow, and split as the others are
            [ "$recipe" != '--preset standard' ] || continue
            counts=3
        fi
        # shellcheck disable=SC2086 # words
        expected=$(trained "$level" 1 $recipe)
        for threads in $counts; do
            # shellcheck disable=SC2086 # words
            is "$level $threads $recipe $(trained "$level" $threads $recipe)" \
                "$level $threads $recipe $expected"
            trainings=$((trainings + 1))
        done
    done
done
echo "${levels[*]}: $compared frames equal, $trainings trainings compared"
finish

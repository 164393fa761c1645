#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The figures and videos of "Growing Neural Cellular Automata" (Distill 2020), with our own models:
# trains what shows how it goes wrong, some five minutes, and draws all of it.
# Usage: examples/figures.sh [FOLDER]      FOLDER/index.html shows what was made
set -eu
case ${1-} in -*) sed -n '4,6s/^# //p' "$0" && exit ;; esac
cd "$(dirname "$0")/.."
me=figures
. examples/install.sh
out=${1:-build/figures}
nca=${NCA:-build/core/cli/nca}
target=models/recipes/lizard.png
rate=30

say "[1/4] packages and build"
install_missing binutils dpkg-dev gcc libc6-dev make meson nasm ninja-build pkg-config \
    libjansson-dev libmd-dev libpng-dev ffmpeg fonts-dejavu-core
[ -x "$nca" ] || configure build -Dcli=enabled
[ -x "$nca" ] || build build core/cli/nca
mkdir -p "$out/models"

# ------------------------------------------------------------------------ models

# train NAME OPTION…: a model of the lizard, unless it is there.
train() {
    local model=$out/models/$1.bin
    shift
    [ -e "$model" ] || quiet "${model%.bin}.log" "training ${model##*/}" \
        "$nca" train "$target" -o "$model.part" "$@"
    [ -e "$model" ] || mv "$model.part" "$model"
}

say "[2/4] models: one that only grows, one that stays, and four of a training cut short"
train growing --preset draft --regime growing
train persistent --preset standard --iterations 6000 --regime persistent
for iterations in 100 500 1000 4000; do
    train "after-$iterations" --preset draft --iterations $iterations --regime growing
done

# ------------------------------------------------------------------------ videos

# clip NAME MODEL STEPS EVERY OPTION…: frames of a creature on white, 4 pixels to a cell.
clip() {
    local name=$1 model=$2 steps=$3 every=$4 size
    shift 4
    size=$("$nca" grow "$model" -o - -s 0 -z 4 -v "$@" 2>&1 >/dev/null |
        sed -n 's/.*-video_size \([0-9x]*\).*/\1/p')
    "$nca" grow "$model" -o - -s "$steps" -e "$every" -z 4 -b '#ffffff' "$@" |
        ffmpeg -v error -y -f rawvideo -pixel_format rgba -video_size "$size" -framerate $rate -i - \
            -c:v ffv1 "$out/clips/$name.mkv"
}

# row VIDEO NAME…: clips beside each other, as many seconds as the longest.
row() {
    local made=$out/$1 name inputs=() labels='' i=0
    shift
    for name; do
        inputs+=(-i "$out/clips/$name.mkv")
        labels+="[$i]"
        i=$((i + 1))
    done
    [ $# -eq 1 ] || labels+="hstack=inputs=$#,"
    ffmpeg -v error -y "${inputs[@]}" -filter_complex "${labels}format=yuv420p" -crf 16 \
        -movflags +faststart "$made"
    printf '%s ' "${made##*/}"
}

mkdir -p "$out/clips"
say "[3/4] videos"

# Learn to grow: the same picture after 100, 500, 1000 and 4000 iterations.
for iterations in 100 500 1000 4000; do
    clip "after-$iterations" "$out/models/after-$iterations.bin" 240 1
done
row training.mp4 after-100 after-500 after-1000 after-4000

# Growing is not staying: what was trained to step 96 only, to step 1500; and what stays.
clip growing "$out/models/growing.bin" 1500 5
clip persistent "$out/models/persistent.bin" 1500 5
clip regenerating models/lizard.bin 1500 5
row instability.mp4 growing persistent regenerating

# Five cuts, without damage in the training above, with it below.
events() { echo "0 plant 50% 50% | 200 $1"; }
declare -A cuts=([1lower]='erase half lower' [2upper]='erase half upper' [3right]='erase half right'
    [4left]='erase half left' [5centre]='erase rect 28 28 16 16')
names=()
for cut in 1lower 2upper 3right 4left 5centre; do
    clip "stays-$cut" "$out/models/persistent.bin" 700 2 -g 72x72 --events "$(events "${cuts[$cut]}")"
    clip "heals-$cut" models/lizard.bin 700 2 -g 72x72 --events "$(events "${cuts[$cut]}")"
    names+=("$cut")
done
row regeneration-without.mp4 "${names[@]/#/stays-}"
row regeneration-with.mp4 "${names[@]/#/heals-}"

# The perceived directions are turned, and with them the creature.
names=()
for angle in 0 45 90 180 270; do
    clip "turned-$angle" models/lizard.bin 500 2 --angle $angle
    names+=("turned-$angle")
done
row rotation.mp4 "${names[@]}"

# A planarian is cut in three; head, middle and tail are each given a dish of their own.
third() { # NAME KEPT-ROWS: erases what is above them and below
    clip "planarian-$1" models/planarian.bin 900 2 -g 72x72 --events \
        "0 plant 50% 50% | 240 erase rect 0 0 72 $2 | 240 erase rect 0 $3 72 72"
}
third head 0 30
third middle 30 43
third tail 43 72
row planarian.mp4 planarian-head planarian-middle planarian-tail

# Teaser: a swarm that falls like rain, and is mown down twice.
names=(lizard smiley explosion eye fish butterfly ladybug web pretzel tree)
events=
for name in "${names[@]}"; do
    clip "teaser-$name" "models/$name.bin" 600 1 -g 72x72 --events \
        "0 plant 50% 50% | 200 erase half lower | 400 erase half left"
done
row teaser-above.mkv "${names[@]:0:5}"

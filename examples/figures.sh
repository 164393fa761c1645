#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The figures and videos of "Growing Neural Cellular Automata" (Distill 2020) with our own models:
# trains what shows how it goes wrong, a few minutes, then draws all of them.
# Usage: examples/figures.sh [--quick] [FOLDER]      FOLDER/index.html shows what was made
# --quick: a hundredth of the training and an eighth of the frames, to see that all works here
set -euo pipefail
trap 'exit 130' INT # nca itself ends well then, with half a model
hurry=1 skip=1 models=models
case ${1-} in
--quick) hurry=100 skip=8 models=models-quick && shift ;;
-*) sed -n '4,7s/^# //p' "$0" && exit ;;
esac
out=$(realpath -m "${1:-$(dirname "$0")/../build/figures}")
models=$out/$models
cd "$(dirname "$0")/.."
me=figures
. examples/install.sh
nca=${NCA:-build/core/cli/nca}
lizard=models/recipes/lizard.png
side=288 # pixels of a clip: 72 cells of 4
page=$out/index.html

say "[1/4] packages and build"
install_missing dpkg-dev gcc libc6-dev meson ninja-build pkg-config libjansson-dev libmd-dev \
    libpng-dev ffmpeg
if [ -z "${NCA-}" ]; then
    configure build -Dcli=enabled
    build build core/cli/nca
fi
mkdir -p "$models" "$out/clips"

# ------------------------------------------------------------------------ models

# train NAME PICTURE ITERATIONS OPTION…: a model of a picture of the gallery; one that is there is
# kept.
train() {
    local model=$models/$1.bin picture=models/recipes/$2.png iterations=$(($3 / hurry))
    shift 3
    [ ! -e "$model" ] || return 0
    quiet "${model%.bin}.log" "training $(basename "$model")" \
        "$nca" train "$picture" -o "$models/unfinished.bin" -i $iterations --from-scratch "$@"
    mv "$models/unfinished.bin" "$model"
}

# batch NAME OPTION…: what the published recipe makes of eight samples, before above and after below.
batch() {
    local name=$1
    shift
    quiet "$models/$name.log" "training for $name.png" "$nca" train "$lizard" \
        --from models/lizard.bin --pool 32 -i $((100 / hurry)) --rate 1e-4 \
        -o "$models/$name.bin" --preview "$out/clips/$name.png" "$@"
    ffmpeg -v error -y -i "$out/clips/$name.png" -vf scale=iw*3:ih*3:flags=neighbor "$out/$name.png"
}

say "[2/4] models: four trainings cut short, one that only grows, one that only stays"
for iterations in 100 500 1000 4000; do
    train "after-$iterations" lizard $iterations --preset draft --regime growing
done
train growing lizard 2400 --preset draft --regime growing
train persistent lizard 6000 --preset standard --regime persistent
batch pool --regime persistent
batch damage --regime regenerating

# ------------------------------------------------------------------------ videos

# clip NAME MODEL STEPS EVERY OPTION…: frames of a creature on white.
clip() {
    local name=$1 model=$2 steps=$3 every=$(($4 * skip))
    shift 4
    "$nca" grow "$model" -o - -s "$steps" -e "$every" -g 72x72 -z 4 -b '#ffffff' "$@" |
        ffmpeg -v error -y -f rawvideo -pixel_format rgba -video_size ${side}x$side -framerate 30 \
            -i - -c:v ffv1 "$out/clips/$name.mkv"
}

# figure VIDEO COLUMNS CAPTION NAME…: clips in rows of so many.
figure() {
    local made=$1 columns=$2 caption=$3 inputs=() layout='' i=0 name
    shift 3
    for name; do
        inputs+=(-i "$out/clips/$name.mkv")
        layout+="${layout:+|}$((i % columns * side))_$((i / columns * side))"
        i=$((i + 1))
    done
    [ $# -gt 1 ] || fail "$made: two models at least are expected in models/"
    ffmpeg -v error -y "${inputs[@]}" \
        -filter_complex "xstack=inputs=$#:layout=$layout:fill=white,format=yuv420p" \
        -crf 18 -movflags +faststart "$out/$made"
    printf '<h2>%s</h2>\n<video src="%s" controls loop muted autoplay width="%d"></video>\n' \
        "$caption" "$made" $((columns * side / 2)) >>"$page"
    say "$out/$made"
}

# sheet PICTURE CAPTION
sheet() {
    printf '<h2>%s</h2>\n<img src="%s" width="720" alt="">\n' "$2" "$1" >>"$page"
    say "$out/$1"
}

say "[3/4] figures"
cat >"$page" <<'END'
<!DOCTYPE html>
<meta charset="utf-8">
<title>Growing neural cellular automata</title>
<style>body { font: 16px sans-serif; max-width: 60em; margin: 2em auto } h2 { font-size: 1em }</style>
<h1>Growing neural cellular automata, regrown</h1>
END

gallery=()
for name in lizard smiley explosion eye fish butterfly ladybug web pretzel tree \
    axolotl planarian marble logo word; do
    [ ! -e "models/$name.bin" ] || gallery+=("$name")
done
for name in "${gallery[@]}"; do
    clip "$name" "models/$name.bin" 600 1 \
        --events '0 plant 50% 50% | 200 erase half lower | 400 erase half left'
done
figure teaser.mp4 5 'Creatures, each from one cell; cut in two at step 200 and again at 400' "${gallery[@]}"

names=()
for iterations in 100 500 1000 4000; do
    clip "after-$iterations" "$models/after-$iterations.bin" 200 1
    names+=("after-$iterations")
done
figure training.mp4 4 'Learning to grow: after 100, 500, 1000 and 4000 iterations' "${names[@]}"

clip grown "$models/growing.bin" 1500 5
clip stayed "$models/persistent.bin" 1500 5
clip healed models/lizard.bin 1500 5
figure instability.mp4 3 'Trained to grow only, to stay as well, and to heal as well: 1500 steps' grown stayed healed

sheet pool.png 'A batch from the sample pool, the worst replaced by the seed: before (above) and after'
sheet damage.png 'The same with the three best damaged'

without=() with=()
while read -r name wound; do
    clip "without-$name" "$models/persistent.bin" 700 2 --events "0 plant 50% 50% | 200 $wound"
    clip "with-$name" models/lizard.bin 700 2 --events "0 plant 50% 50% | 200 $wound"
    without+=("without-$name")
    with+=("with-$name")
done <<'END'
lower erase half lower
upper erase half upper
right erase half right
left erase half left
centre erase rect 28 28 16 16
END
figure regeneration.mp4 5 'Five cuts, healed without damage in the training (above) and with it (below)' \
    "${without[@]}" "${with[@]}"

names=()
for angle in 0 45 90 180 270; do
    clip "turned-$angle" models/lizard.bin 500 2 --angle $angle
    names+=("turned-$angle")
done
figure rotation.mp4 5 'What the cells perceive is turned by 0, 45, 90, 180 and 270 degrees' "${names[@]}"

# A grown planarian is cut in three; each part is given a dish of its own.
while read -r name above below; do
    clip "$name" models/planarian.bin 900 2 --events \
        "0 plant 50% 50% | 240 erase rect 0 0 72 $above | 240 erase rect 0 $below 72 72"
done <<'END'
head 0 29
middle 29 43
tail 43 72
END
figure planarian.mp4 3 'A planarian, cut in three: head, middle and tail become whole ones' head middle tail

say "[4/4] to look at them all: $page"

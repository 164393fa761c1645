#!/bin/bash
# SPDX-License-Identifier: MIT
#
# From a fresh Debian to a creature that grows from one cell, is cut in two, and heals: a video
# and an animated picture, made by FFmpeg's own program with the filter nca in it.
# Usage: examples/quickstart.sh [MODEL]
set -eu
case ${1-} in -*) sed -n '4,6s/^# //p' "$0" && exit ;; esac
[ ! -e "${1-}" ] || set -- "$(realpath "$1")"
cd "$(dirname "$0")/.."
me=quickstart
. examples/install.sh

model=${1:-models/lizard.bin}
cut_second=6   # at a frame for each step
last_second=15
rate=30        # frames a second
name=$(basename "$model" .bin)
video=build/$name.mp4
picture=build/$name.gif

[ -e "$model" ] || model=models/$name.bin
[ -e "$model" ] ||
    fail "${1-}: no such file, nor one of the models here: $(basename -a -s .bin models/*.bin | paste -sd ' ')"

say "[1/4] packages"
# dpkg-dev unpacks FFmpeg's source, and tells meson where libraries go.
install_missing binutils dpkg-dev gcc libc6-dev make meson nasm ninja-build pkg-config \
    libjansson-dev libmd-dev libpng-dev ffmpeg

say "[2/4] build: the program nca, and FFmpeg's libavfilter with the filter nca"
configure build -Dcli=enabled
build build core/cli/nca
ninja -C build --quiet ffmpeg </dev/null || fail "building libavfilter failed"
. build/ffmpeg-filter/env

cut=$((cut_second * rate))
events="0 plant 50% 50% | $cut erase half lower"

# What is special in an option's value, and then in a filter graph, gets a backslash.
escaped() { sed 's/[\\'\'':]/\\&/g; s/[][\\'\'',;]/\\&/g' <<<"$1"; }

# creature SIDE STEPS OPTION…: on white, that many pixels wide, so many steps a frame
creature() {
    local side=$1 steps=$2
    shift 2
    ffmpeg -v error -nostdin -y \
        -f lavfi -i "color=white:s=${side}x$side:r=$rate:d=$((last_second / steps))" \
        -filter_complex "nca=model=$(escaped "$model"):steps=$steps:events='$events'${1:-}" "${@:2}"
}

say "[3/4] video: one cell grows, is cut in two after $cut_second seconds, and heals"
quiet build/video.log "making $video" creature 576 1 "" \
    -c:v libx264 -preset medium -crf 16 -movflags +faststart "$video"

say "[4/4] animated picture, three times as fast"
quiet build/picture.log "making $picture" creature 360 3 \
    ",split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none:diff_mode=rectangle" "$picture"

cat <<END

The results:
  $PWD/$video
  $PWD/$picture

To try next, in this folder:
  . build/ffmpeg-filter/env        # ffmpeg, ffplay and mpv with the filter, in this shell
  ffplay -f lavfi -i ncasrc=lizard.bin
  ffmpeg -i VIDEO.mp4 -vf nca=model=lizard.bin:warmup=200:wound=motion OUT.mp4
  examples/swarm.sh                # and the others in examples/
  build/core/cli/nca train PICTURE.png -o MINE.bin --preset standard    then: examples/quickstart.sh MINE.bin
END

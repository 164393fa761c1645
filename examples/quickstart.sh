#!/bin/bash
# SPDX-License-Identifier: MIT
#
# From a fresh Debian to a creature that grows from one cell, is cut in two, and heals: a video
# and an animated picture.  Usage: examples/quickstart.sh [MODEL]
set -eu
cd "$(dirname "$0")/.."
me=quickstart
. examples/install.sh

model=${1:-models/lizard.bin}
cut_second=6   # at a frame for each step
last_second=15
rate=30        # frames a second
zoom=8         # pixels of the video for a cell
side=72        # cells
name=$(basename "$model" .bin)
video=build/$name.mp4
picture=build/$name.gif

[ -e "$model" ] || fail "$model: no such model"

say "[1/4] packages"
# dpkg-dev tells meson where libraries go, for who installs what is built here.
install_missing dpkg-dev gcc libc6-dev meson ninja-build pkg-config libjansson-dev libmd-dev \
    libpng-dev ffmpeg

say "[2/4] build"
configure build -Dcli=enabled
build build core/cli/nca

cut=$((cut_second * rate))
events="0 plant 50% 50% | $cut erase half lower"

# grow EVERY: raw frames, one for each EVERY steps, on white.
grow() {
    build/core/cli/nca grow "$model" -o - --steps $((last_second * rate)) --every "$1" \
        --grid "${side}x$side" --events "$events" --background '#ffffff'
}

# encode EVERY OPTION…: those frames through FFmpeg; the cells stay squares.
encode() {
    local every=$1
    shift
    grow "$every" | ffmpeg -v error -nostdin -y -f rawvideo -pixel_format rgba \
        -video_size "${side}x$side" "$@"
}
set -o pipefail

say "[3/4] video: one cell grows, is cut in two after $cut_second seconds, and heals"
quiet build/video.log "making $video" encode 1 -framerate $rate -i - \
    -vf "scale=iw*$zoom:-1:flags=neighbor:out_color_matrix=bt709:out_range=tv,format=yuv420p" \
    -c:v libx264 -preset medium -crf 16 -movflags +faststart \
    -colorspace bt709 -color_primaries bt709 -color_trc bt709 "$video"

say "[4/4] animated picture"
quiet build/picture.log "making $picture" encode 3 -framerate 25 -i - -filter_complex \
    "scale=iw*5:-1:flags=neighbor,split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=none:diff_mode=rectangle" \
    -loop 0 "$picture"

cat <<END

The results:
  $PWD/$video
  $PWD/$picture

To try next:
  build/core/cli/nca grow $model -o lizard.png --steps 200 --zoom 8
  build/core/cli/nca grow $model -o angle-%03d.png --angle 45 --every 10
  build/core/cli/nca grow $model -o two.png --grid 120x72 --events '0 plant 25% 50% | 0 plant 75% 50%'
  build/core/cli/nca train PICTURE.png -o MINE.bin --preset standard    then: $0 MINE.bin
END

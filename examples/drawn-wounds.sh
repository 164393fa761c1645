#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Wounds that somebody draws: the white strokes of a second video cut the creature, which lies
# over the first one.  Usage: drawn-wounds.sh [VIDEO STROKES [OUTPUT]]
set -eu
. "$(dirname "$0")/filter.sh"
[ $# -ne 1 ] || { echo "usage: $0 [VIDEO STROKES [OUTPUT]]" >&2; exit 2; }
video=${1:-drawn-wounds-in.mp4}
strokes=${2:-drawn-wounds-strokes.mp4}
made=${3:-drawn-wounds.mp4}
not_over "$video" "$strokes"
[ $# -gt 0 ] || ffmpeg -v error -y -f lavfi -i gradients=s=720x720:r=30:c0=0xf6d365:c1=0xfda085:seed=1 -t 10 \
    -pix_fmt yuv420p "$video"
# A stroke across at 2 s, one down at 5 s.
[ $# -gt 0 ] || ffmpeg -v error -y -f lavfi -i color=black:s=720x720:r=30 -f lavfi -i color=white:s=40x40:r=30 \
    -filter_complex "[0][1]overlay=x='720*(t-2)':y='200+300*(t-2)':enable='between(t,2,3)'[a];
        [a][1]overlay=x=340:y='720*(t-5)':enable='between(t,5,6)'" -t 10 -pix_fmt yuv420p "$strokes"

ffmpeg -v error -y -i "$video" -i "$strokes" -filter_complex \
    "[1]nca=model=butterfly.bin:warmup=120:wound=bright:mode=alpha[creature];[0][creature]overlay=format=auto" \
    "$made"
echo "$made"

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A creature in the corner of a video, whose sound stays as it is.
# Usage: over-video.sh [VIDEO [OUTPUT]]
set -eu
. "$(dirname "$0")/filter.sh"
video=${1:-over-video-in.mp4}
made=${2:-over-video.mp4}
not_over "$video"
[ $# -gt 0 ] || ffmpeg -v error -y -f lavfi -i gradients=s=960x540:r=30:c0=0x2b5876:c1=0xf2a65a:seed=3 \
    -f lavfi -i sine=220 -t 8 -pix_fmt yuv420p "$video"

ffmpeg -v error -y -i "$video" -c:a copy \
    -vf "nca=model=lizard.bin:scale=4:grid=80x80:x=W-w:y=H-h:steps=2" "$made"
echo "$made"

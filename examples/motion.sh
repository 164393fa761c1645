#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What moves in the video wounds the creature, and it heals.  Usage: motion.sh [VIDEO [OUTPUT]]
set -eu
. "$(dirname "$0")/filter.sh"
video=${1:-motion-in.mp4}
made=${2:-motion.mp4}
not_over "$video"
# A ball that swings through the middle.
[ $# -gt 0 ] || ffmpeg -v error -y -f lavfi -i color=0xf4f1ea:s=960x540:r=30 -f lavfi -i color=0xc8553d:s=60x60:r=30 \
    -filter_complex "[1]format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*lt(hypot(X-30,Y-30),30)'[ball];
        [0][ball]overlay=x='450+430*cos(t/2)':y='240+120*sin(t)'" -t 12 -pix_fmt yuv420p "$video"

ffmpeg -v error -y -i "$video" -vf "nca=model=lizard.bin:warmup=200:steps=2:wound=motion" "$made"
echo "$made"

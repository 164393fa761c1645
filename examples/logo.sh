#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A logo that heals itself: now and then a piece is bitten off, by commands.
# Usage: logo.sh [VIDEO [OUTPUT]]
set -eu
. "$(dirname "$0")/filter.sh"
video=${1:-logo-in.mp4}
made=${2:-logo.mp4}
not_over "$video"
[ $# -gt 0 ] || ffmpeg -v error -y -f lavfi \
    -i gradients=s=960x540:r=30:c0=0xd9e2ec:c1=0x9fb3c8:seed=5 -t 14 -pix_fmt yuv420p "$video"

commands="0 nca opacity 0.9;
    3 nca erase half/lower;
    6 nca erase circle/50%/40%/9;
    9 nca erase half/right"
ffmpeg -v error -y -i "$video" -c:a copy \
    -vf "sendcmd=c='$commands',nca=model=lizard.bin:warmup=200:steps=2:scale=4:grid=72x72:x=W-w:y=0" "$made"
echo "$made"

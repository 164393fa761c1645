#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A logo that heals itself: now and then a piece is bitten off, by commands.
# Usage: logo.sh [VIDEO [OUTPUT]]
set -eu
video=${1:-logo-in.mp4}
[ $# -gt 0 ] || ffmpeg -v error -y -f lavfi -i gradients=s=960x540:r=30:c0=0x16222a:c1=0x7f9bb3:seed=5 -t 12 -pix_fmt yuv420p "$video"

commands="0 nca opacity 0.9;
    3 nca erase half/lower;
    6 nca erase circle/50%/40%/9;
    9 nca erase half/right"
ffmpeg -v error -y -i "$video" -c:a copy \
    -vf "sendcmd=c='$commands',nca=model=lizard.bin:warmup=200:scale=3:grid=72x72:x=W-w:y=0" "${2:-logo.mp4}"

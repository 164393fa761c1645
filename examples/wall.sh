#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A wall of creatures, each turned by 30 degrees more: the rule itself is turned, not a picture.
# Usage: wall.sh [MODEL [OUTPUT]]
set -eu
. "$(dirname "$0")/filter.sh"
model=${1:-lizard.bin}
made=${2:-wall.mp4}
graph="" inputs="" layout=""
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    graph="$graph color=white:s=240x240:r=30:d=8,nca=model=$model:steps=2:angle=$((30 * i)):seed=${i}[c$i];"
    inputs="${inputs}[c$i]"
    layout="$layout${layout:+|}$((i % 4 * 240))_$((i / 4 * 240))"
done

ffmpeg -v error -y -filter_complex "$graph${inputs}xstack=inputs=12:layout=$layout" "$made"
echo "$made"

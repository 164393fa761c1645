#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A swarm: seeds fall one after another, each grows a creature of its own.
# Usage: swarm.sh [MODEL [OUTPUT]]
set -eu
. "$(dirname "$0")/filter.sh"
model=${1:-butterfly.bin}
made=${2:-swarm.mp4}
seeds=$(awk 'BEGIN { for (i = 0; i < 15; i++)
    printf "%s%d plant %d%% %d%%", i ? "|" : "", 40 * (i * 7 % 15), 9 + 20 * (i % 5) + i * 5 % 3,
        17 + 31 * int(i / 5) + i * 3 % 5 }')

ffmpeg -v error -y -f lavfi -i color=0x10243e:s=1280x720:r=30 -t 12 \
    -vf "nca=model=$model:grid=320x180:steps=3:events=$seeds" "$made"
echo "$made"

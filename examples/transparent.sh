#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A transparent creature for web pages: WebM, APNG and GIF.  Usage: transparent.sh [MODEL]
set -eu
. "$(dirname "$0")/filter.sh"
model=${1:-axolotl.bin}
creature="ncasrc=model=$model:s=288x288:r=25:d=8:steps=4:events=0/plant/50%/50%|400/erase/half/left"

ffmpeg -v error -y -f lavfi -i "$creature,format=yuva420p" -c:v libvpx-vp9 -b:v 0 -crf 30 transparent.webm
ffmpeg -v error -y -f lavfi -i "$creature,format=rgba" -plays 0 transparent.apng
ffmpeg -v error -y -f lavfi -i "$creature,format=rgba,split[a][b];[a]palettegen[p];[b][p]paletteuse" transparent.gif
echo transparent.webm transparent.apng transparent.gif

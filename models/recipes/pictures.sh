#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes the target pictures anew: three emoji out of Debian's font, one from our own drawing.
set -eu
cd "$(dirname "$0")/../.."
me=pictures
. examples/install.sh

install_missing fonts-noto-color-emoji librsvg2-bin python3-fonttools python3-pil
glyph=models/recipes/glyph.py
"$glyph" 1F98E models/recipes/lizard.png
"$glyph" 1F98B models/recipes/butterfly.png
"$glyph" 1F603 models/recipes/smiley.png
rsvg-convert -w 256 models/recipes/axolotl.svg -o models/recipes/axolotl.png

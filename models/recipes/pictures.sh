#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes the target pictures anew: ten emoji out of Debian's font, four from our own drawings, one
# rendered.
set -eu
cd "$(dirname "$0")/../.."
me=pictures
. examples/install.sh

install_missing fonts-dejavu-core fonts-noto-color-emoji librsvg2-bin python3-fonttools \
    python3-numpy python3-pil
recipes=models/recipes

# The article's, in its order.
while read -r name codepoint; do
    $recipes/glyph.py "$codepoint" "$recipes/$name.png"
done <<'END'
lizard 1F98E
smiley 1F600
explosion 1F4A5
eye 1F441
fish 1F420
butterfly 1F98B
ladybug 1F41E
web 1F578
pretzel 1F968
tree 1F384
END

for name in axolotl logo planarian word; do
    rsvg-convert "$recipes/$name.svg" -o "$recipes/$name.png"
done
$recipes/marble.py $recipes/marble.png

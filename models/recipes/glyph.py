#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Takes one emoji's bitmap out of Debian's Noto Color Emoji, less its empty margin:
glyph.py CODEPOINT OUT.png

Needs fonts-noto-color-emoji, python3-fonttools, python3-pil."""
import io
import sys

from fontTools.ttLib import TTFont
from PIL import Image

FONT = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"

if len(sys.argv) != 3:
    sys.exit("usage: glyph.py CODEPOINT OUT.png, as in: glyph.py 1F98E lizard.png")
font = TTFont(FONT)
name = font.getBestCmap().get(int(sys.argv[1], 16))
bitmap = font["CBDT"].strikeData[0].get(name)
if bitmap is None:
    sys.exit(f"glyph.py: {FONT}: no picture of {sys.argv[1]}")
picture = Image.open(io.BytesIO(bitmap.imageData)).convert("RGBA")
picture.crop(picture.getchannel("A").getbbox()).save(sys.argv[2], optimize=True)

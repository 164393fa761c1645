#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/figures.sh in a hurry: all of the article's figures are made, and its page shows them.
# Usage: figures.sh NCA
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/cli_check.sh"
export NCA=$nca
type ffmpeg ffprobe >/dev/null 2>&1 || { echo "there is no ffmpeg"; exit 77; }

# probe ENTRIES FILE
probe() { ffprobe -v error -count_frames -show_entries "stream=$1" -of csv=p=0:s=x "$2"; }

# last_frame FILE: mean of the colour channels, 255 where all is white.
last_frame() {
    ffmpeg -nostdin -v error -y -sseof -0.2 -i "$1" -update 1 -vf scale=64:-2:flags=area,format=gray \
        -f rawvideo last.gray
    od -An -v -w1 -tu1 last.gray | awk '{ sum += $1 } END { printf "%d", sum / NR }'
}

good "$source_root/examples/figures.sh" --quick made >log
is "$(grep -c '<h2>' made/index.html)" 8
while read -r name size frames; do
    grep -q "src=\"$name.mp4\"" made/index.html || fail "the page lacks $name"
    is "$(probe width,height,nb_read_frames "made/$name.mp4")" "${size}x$frames"
    mean=$(last_frame "made/$name.mp4")
    [ "$mean" -gt 100 ] && [ "$mean" -lt 253 ] || fail "$name: a mean of $mean in the last frame"
done <<'END'
training 1152x288 26
instability 864x288 38
regeneration 1440x576 44
rotation 1440x288 32
planarian 864x288 57
END
is "$(probe nb_read_frames made/teaser.mp4)" 76
for name in pool damage; do
    grep -q "src=\"$name.png\"" made/index.html || fail "the page lacks $name"
    [ -s "made/$name.png" ] || fail "no $name.png"
done

is "$("$source_root/examples/figures.sh" --help | grep -c '^Usage: ')" 1
"$source_root/examples/figures.sh" --quick /proc/no >/dev/null 2>stderr && fail "made figures in /proc"
[ -s stderr ] || fail "no word of why"
finish

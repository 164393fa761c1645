#!/bin/bash
# SPDX-License-Identifier: MIT
#
# nca grow: pictures, sequences and pipes.  Usage: tests/cli_grow.sh NCA
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/cli_check.sh"

make_model blob.bin
frame=$((20 * 16 * 4))
raw() { good "$nca" grow blob.bin -o - "$@"; }

# ---------------------------------------------------------------------------- names
good "$nca" grow blob.bin -o last.png --steps 12
is "$(png_size last.png)" 20x16
good "$nca" grow blob.bin -o f-%04d.png --steps 12 --every 4
is "$(echo f-*)" "f-0000.png f-0001.png f-0002.png f-0003.png"
same f-0003.png last.png
other f-0000.png f-0001.png
good "$nca" grow blob.bin -o 100%%-%d.png --steps 13 --every 4
is "$(echo 100*)" "100%-0.png 100%-1.png 100%-2.png 100%-3.png"
same 100%-3.png last.png
good "$nca" grow blob.bin -o 50%%.png --steps 12
same 50%.png last.png
for name in %s.png %d-%d.png %n.png %5d.png %04x.png % %0d%.png %012d.png %ld.png; do
    bad 2 'a % that is not' "$nca" grow blob.bin -o "$name"
done
good "$nca" grow blob.bin -o start-%d.png --steps 0
bad 2 '1000001 pictures, at most 1000000 can be numbered' "$nca" grow blob.bin -o f-%d.png \
    --steps 1000000
is "$(echo start-*)" start-0.png

# ----------------------------------------------------------------------------- pipe
raw --steps 12 --every 4 >four.raw
is "$(wc -c <four.raw)" $((4 * frame))
raw --steps 12 --every 12 | tail -c "$frame" >last.raw
tail -c "$frame" four.raw >tail.raw
same last.raw tail.raw
is "$(head -c "$frame" four.raw | od -An -v -w4 -tu1 | grep -c -v ' 0$')" 1 # frame 0: the seed
raw --steps 0 --grid 9x7 | wc -c >count
is "$(cat count)" $((9 * 7 * 4))
"$nca" grow blob.bin -o - -v --steps 8 --every 4 --zoom 3 >raw 2>stderr
grep -q 'ffmpeg .*-s 60x48' stderr || fail "no hint how to read the pipe"
grep -qx 'nca: 3 frames of 60x48, up to 0.[0-9] MiB for 20x16 cells' stderr ||
    fail "no word on frames and memory: $(cat stderr)"
is "$(wc -c <raw)" $((3 * frame * 9))
# Before it is taken: more than the shell may have, which the address sanitizer's always does.
if ! grep -q __asan_init "$nca"; then
    (ulimit -v 8000000 && "$nca" grow blob.bin -o large.png -v --grid 32768x32768) 2>stderr &&
        fail "a grid of 2^30 cells"
    is "$(sed 's/ [0-9.]* MiB / N MiB /' stderr | head -n 1)" \
        "nca: 1 frame of 32768x32768, up to N MiB for 32768x32768 cells"
    grep -q 'blob.bin: out of memory for 32768×32768 cells' stderr || fail "not refused: $(cat stderr)"
fi
bad 1 'a picture of 65536×65536 pixels is too large' "$nca" grow blob.bin -o large.png --grid 32768x32768 --zoom 2
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then # a terminal can be had
    script -qec "$(printf '%q' "$nca") grow blob.bin -o -" /dev/null </dev/null | grep -q 'do not go to a terminal' ||
        fail "raw frames went to a terminal"
fi
# A reader that goes away: quietly, and at once.
( trap '' PIPE; "$nca" grow blob.bin -o - --steps 1000000000 2>stderr; echo $? >status ) |
    head -c 1 >/dev/null
is "$(cat status) $(wc -c <stderr)" "1 0"

# ------------------------------------------------------------------------ what changes
raw --steps 9 --every 9 | tail -c "$frame" >a.raw
raw --steps 9 --every 9 --threads 1 | tail -c "$frame" >b.raw
raw --steps 9 --every 9 --threads 2 | tail -c "$frame" >c.raw
same a.raw b.raw
same b.raw c.raw
for change in '--seed 1' '--angle 90' '--fire-rate 1' '--events 0_plant_20%_20%'; do
    # shellcheck disable=SC2086 # two words
    raw --steps 9 --every 9 ${change/0_plant_20%_20%/0/plant/20%/20%} | tail -c "$frame" >b.raw
    other a.raw b.raw
done
raw --steps 60 --every 60 --edge wrap --events '0 plant 0 0' | tail -c "$frame" >b.raw
raw --steps 60 --every 60 --edge zero --events '0 plant 0 0' | tail -c "$frame" >c.raw
other b.raw c.raw
bad 1 'blob.bin: .*bfloat16' env NCA_CPU=c "$nca" grow blob.bin -o x.png --precision bf16
bad 2 'bf16 is of the processor only' "$nca" grow blob.bin -o x.png --precision bf16 --device opencl
bad 2 '"f16" is not one of f32|bf16' "$nca" grow blob.bin -o x.png --precision f16
if "$nca" grow blob.bin -o bf16.png --precision bf16 2>stderr; then
    good "$nca" grow blob.bin -o f32.png --precision f32
else
    grep -q '^nca: blob.bin: .*bfloat16' stderr || fail "$(cat stderr)"
fi
# A wound shows in the frame of its step, and not before.
raw --steps 9 --events '0 plant 50% 50% | 8 erase all' >b.raw
raw --steps 9 >c.raw
is "$(cmp b.raw c.raw | sed 's/.*byte \([0-9]*\),.*/\1/' | xargs -I{} expr \( {} - 1 \) / "$frame")" 8
is "$(tail -c $((2 * frame)) b.raw | tr -d '\0' | wc -c)" 0
bad 2 'is the model and the output' "$nca" grow blob.bin -o ./blob.bin
bad 2 '--events: .*"cut"' "$nca" grow blob.bin -o x.png --events '0 cut 3'

# --------------------------------------------------------------- zoom and background
raw --steps 9 --every 9 --zoom 2 | tail -c $((4 * frame)) >zoom.raw
pixels() { od -An -v -w4 -tu1 "$1"; }
pixels a.raw | awk -v w=20 '{line = line $0 "\n" $0 "\n"} NR % w == 0 {printf "%s%s", line, line; line = ""}' >expected
pixels zoom.raw >zoomed
same expected zoomed
raw --steps 9 --every 9 --background '#ff0080' | tail -c "$frame" >red.raw
pixels red.raw >red
pixels a.raw | awk '{printf "%4d%4d%4d%4d\n", int(($1 * $4 + 255 * (255 - $4) + 127) / 255),
    int(($2 * $4 + 127) / 255), int(($3 * $4 + 128 * (255 - $4) + 127) / 255), 255}' >expected
same expected red
raw --steps 9 --every 9 --background none | tail -c "$frame" >none.raw
same none.raw a.raw
for color in '#12345' '#1234567' '#12345g' red ''; do
    bad 2 'is not none or #rrggbb' "$nca" grow blob.bin -o x.png --background "$color"
done

# ------------------------------------------------------------------------ the manual
# Its video, but for its length: as many frames as steps, whole ones.
manual_video() {
    sed -n '/^A video of/,/^\.EE/p' "$source_root/core/cli/nca.1" | sed '1,/^\.EX/d; /^\.EE/d' |
        sed 's/\\-/-/g; s/\\(aq/'"'"'/g; s/\\e$/\\/; s/--steps 600/--steps 6/; s/ffmpeg /&-v error -y /'
}
if command -v ffmpeg >/dev/null; then
    mkdir bin && ln -s "$nca" bin/nca
    manual_video >video.sh
    is "$(grep -c -e '--steps 6 ' video.sh)" 1
    PATH=$work/bin:$PATH NCA_MODEL_PATH=$source_root/models good bash -eu video.sh
    is "$(ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 lizard.mp4)" 7
fi

# -------------------------------------------------------------------------- failures
bad 1 'no-such/x.png: No such file' "$nca" grow blob.bin -o no-such/x.png
bad 1 'no-such/%d.png: No such file' "$nca" grow blob.bin -o no-such/%d.png
mkdir folder
bad 1 'folder: Is a directory' "$nca" grow blob.bin -o folder
bad 1 '/dev/full: No space left' "$nca" grow blob.bin -o /dev/full
bad 1 'too large' "$nca" grow blob.bin -o x.png --grid 4096x4096 --zoom 256
bad 1 'no-such: ' "$nca" grow no-such -o x.png
( trap '' PIPE; "$nca" grow blob.bin -o - >/dev/full 2>stderr; echo $? >status )
is "$(cat status) $(cat stderr)" "1 nca: standard output: No space left on device"
# A disk that is full half way through leaves the old picture and nothing beside it.
cp last.png keep.png
mkdir full && cp last.png full/x.png
( trap '' XFSZ; ulimit -f 1; bad 1 'full/x.png: File too large' \
    "$nca" grow blob.bin -o full/x.png --grid 300x300 --steps 300 --zoom 4 )
same full/x.png keep.png
is "$(ls full)" x.png
# A link stays a link.
ln -s last.png link.png
good "$nca" grow blob.bin -o link.png --steps 3
[ -L link.png ] || fail "the link was replaced"
other last.png keep.png
finish

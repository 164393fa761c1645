#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Each example for FFmpeg, as it stands: it ends well, and its last frame shows a creature.
# Usage: ffmpeg_examples.sh BIN
# shellcheck source=tests/ffmpeg_check.sh
. "$(dirname "$0")/ffmpeg_check.sh"
mkdir path
ln -s "$bin/ffmpeg-nca" path/ffmpeg
# In a copy, as where the tests run there may be a build folder.
mkdir copy
cp -r "$root/examples" copy
example() { PATH=$work/path:$PATH good "copy/examples/$1.sh" "${@:2}"; }

# covered FILE BACKGROUND: how much of the last frame differs from a colour or another file's.
covered() {
    local input=(-sseof -0.3 -i "$2")
    rm -f last.gray
    [ -e "$2" ] || input=(-f lavfi -i "color=$2:s=$(size "$1")")
    stock -sseof -0.3 -i "$1" "${input[@]}" -update 1 -filter_complex \
        "[0]format=gbrp[a];[1]format=gbrp[b];[a][b]blend=all_mode=difference:shortest=1,format=gray" \
        -f rawvideo last.gray || fail "$1: no last frame"
    tail -c "$(size "$1" | awk -Fx '{ print $1 * $2 }')" last.gray | od -An -v -w1 -tu1 |
        awk '$1 > 24 { n++ } END { printf "%.4f", n / NR }'
}
size() { ffprobe -v error -show_entries stream=width,height -of csv=p=0:s=x "$1" | head -n 1; }
seconds() { ffprobe -v error -show_entries format=duration -of csv=p=0 "$1"; }

example over-video
between 0.01 "$(covered over-video.mp4 over-video-in.mp4)" 0.1
is "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 over-video.mp4 | sort | paste -sd ' ')" "audio video"
# What is read is not written to, however it is spelt.
cp over-video-in.mp4 kept.mp4
status=0
PATH=$work/path:$PATH copy/examples/over-video.sh over-video-in.mp4 ./over-video-in.mp4 2>stderr || status=$?
is "$status" 2
is "$(cat stderr)" "copy/examples/over-video.sh: ./over-video-in.mp4 is read from: another OUTPUT is needed"
cmp -s over-video-in.mp4 kept.mp4 || fail "the video is harmed"
example motion
between 0.02 "$(covered motion.mp4 motion-in.mp4)" 0.2
example drawn-wounds
between 0.1 "$(covered drawn-wounds.mp4 drawn-wounds-in.mp4)" 0.3
example logo
between 0.005 "$(covered logo.mp4 logo-in.mp4)" 0.1
example swarm
between 0.1 "$(covered swarm.mp4 0x10243e)" 0.4
# Without the filter they take that of build/, or say who builds it.
if copy/examples/wall.sh 2>stderr; then fail "a wall without the filter"; fi
is "$(cut -d : -f 1,2 stderr)" "copy/examples/wall.sh: ffmpeg has no filter nca"
mkdir -p copy/build/ffmpeg-filter
echo "PATH=$work/path:\$PATH" >copy/build/ffmpeg-filter/env
good copy/examples/wall.sh
between 0.1 "$(covered wall.mp4 white)" 0.3
between 7.9 "$(seconds wall.mp4)" 8.1

example transparent
for file in transparent.gif transparent.apng transparent.webm; do
    decoder=()
    [ $file != transparent.webm ] || decoder=(-c:v libvpx-vp9)
    stock "${decoder[@]}" -i $file -f rawvideo -pix_fmt rgba all.rgba
    is "$(wc -c <all.rgba)" $((200 * 288 * 288 * 4))
    between 0.15 "$(tail -c $((288 * 288 * 4)) all.rgba | od -An -v -w4 -tu1 |
        awk '$4 > 128 { n++ } END { print n / NR }')" 0.6
done
finish

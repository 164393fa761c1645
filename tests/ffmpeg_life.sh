#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The main job, with the system's own ffmpeg: a creature grows, is cut in two, and is whole
# again, as video and as animated pictures; players start.  Usage: ffmpeg_life.sh BIN [NCA]
nca=${2:+$(realpath "$2")}
# shellcheck source=tests/ffmpeg_check.sh
. "$(dirname "$0")/ffmpeg_check.sh"

/usr/bin/python3 -c 'import numpy' 2>/dev/null || { echo "there is no numpy"; exit 77; }

canvas=65x72 # that of lizard.bin
cut='events=0 plant 50% 50% | 200 erase half lower'

# loss: of the raw frames on standard input.
stock -i "$root/models/recipes/lizard.png" -f rawvideo -pix_fmt rgba target.rgba
size=$(ffprobe -v error -show_entries stream=width,height -of csv=p=0 "$root/models/recipes/lizard.png")
measure() { PATH=/usr/bin:$PATH python3 "$root/tests/frames.py" "$@"; } # Debian's has numpy

# ------------------------------------------------------- grown at 200, cut, whole at 600
# At 20 frames a second and 2 steps a frame the cut is at 5 s.
good with -f lavfi -i "ncasrc=lizard.bin:s=$canvas:r=20:d=15.1:steps=2:scale=1:interp=nearest:$cut,format=rgba" \
    -f rawvideo life.rgba
# shellcheck disable=SC2086 # two words
measure loss target.rgba ${size/,/ } 40 16 <life.rgba >losses
is "$(wc -l <losses)" 302
at() { sed -n "$(($1 * 20 + 1 + ${2:-0}))p" losses; }
between 1e-2 "$(at 0)" 1
between 0 "$(at 5 -1)" 3e-4
between 1e-2 "$(at 5)" 1
between 0 "$(at 15)" 3e-4

# The filter on a clear picture is the source.
good with -f lavfi -i color=black@0:s=$canvas:r=20:d=15.1,format=rgba \
    -vf "nca=model=lizard.bin:steps=2:scale=1:interp=nearest:$cut" -f rawvideo again.rgba
cmp -s life.rgba again.rgba || fail "filter and source differ"

# And the program's frames, which libnca draws by another way.
if [ -n "$nca" ]; then
    good "$nca" grow "$root/models/lizard.bin" -o - --steps 602 --every 2 --grid $canvas \
        --events "${cut#events=}" >program.rgba
    between 0 "$(measure apart life.rgba program.rgba)" 1.5 # two roundings to straight colours
fi

# ------------------------------------------------------------------ what people make of it
source="ncasrc=lizard:s=144x144:r=20:steps=10:d=3:$cut"
frames() { ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$1" | head -n 1; }
psnr() { # FILE FORMAT DECODER…: the least PSNR of the frames, dB
    local file=$1 format=$2
    shift 2
    rm -f psnr.txt
    stock "$@" -i "$file" -f rawvideo -pixel_format "$format" -video_size 144x144 \
        -framerate 20 -i "$format.raw" -lavfi "[0:v]format=${format}[a];[a][1:v]psnr=stats_file=psnr.txt" \
        -f null - 2>stderr || fail "$file: $(head -c 300 stderr)"
    sed 's/.*psnr_avg:\([^ ]*\).*/\1/; s/inf/99/' psnr.txt | sort -n | head -n 1
}
for format in yuv420p yuva420p rgba; do
    good with -f lavfi -i "$source,format=$format" -f rawvideo "$format.raw"
done

good with -f lavfi -i "$source" life.mp4
is "$(ffprobe -v error -show_entries stream=codec_name,pix_fmt -of csv=p=0 life.mp4)" h264,yuv420p
is "$(frames life.mp4)" 60
between 32 "$(psnr life.mp4 yuv420p)" 99

good with -f lavfi -i "$source,format=yuva420p" -c:v libvpx-vp9 -deadline realtime -crf 15 -b:v 0 life.webm
between 30 "$(psnr life.webm yuva420p -c:v libvpx-vp9)" 99

good with -f lavfi -i "$source,format=rgba" -plays 0 life.apng
is "$(frames life.apng)" 60
stock -i life.apng -f rawvideo -pix_fmt rgba apng.rgba
is "$(measure apart rgba.raw apng.rgba)" 0.00

# palettegen of 7.1 warns of colours that stand twice.
good with -v error -f lavfi -i "$source,format=rgba,split[a][b];[a]palettegen[p];[b][p]paletteuse" life.gif
is "$(frames life.gif)" 60
stock -i life.gif -f rawvideo -pix_fmt rgba gif.raw
between 0.5 "$(od -An -v -w4 -tu1 gif.raw | awk '$4 == 0 { n++ } END { print n / NR }')" 0.99

# ---------------------------------------------------------------------------- players
if [ -x "$bin/ffplay-nca" ]; then
    SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy good timeout 60 "$bin/ffplay-nca" -v error -autoexit \
        -f lavfi -i ncasrc=lizard:s=64x64:d=0.4
fi
if [ -x "$bin/mpv-nca" ]; then
    timeout 60 "$bin/mpv-nca" --no-config --vo=null --ao=null --vf=lavfi=[nca=lizard] \
        av://lavfi:testsrc2=s=64x64:d=0.4 >mpv.txt 2>&1 || fail "mpv: $(tail -n 3 mpv.txt)"
    ! grep -qi error mpv.txt || fail "mpv: $(grep -i error mpv.txt)"
fi
finish

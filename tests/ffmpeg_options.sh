#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Options and commands of nca and ncasrc in the system's ffmpeg: what is refused and in which
# words, what commands do, frames of all sizes, time lines, memory.  Usage: ffmpeg_options.sh BIN
# shellcheck source=tests/ffmpeg_check.sh
. "$(dirname "$0")/ffmpeg_check.sh"

# ------------------------------------------------------------------------- refused
# refused LINE OPTIONS: by both filters, before the first frame, in one such line.
refused() {
    local line=$1 options=$2 filter
    for filter in nca ncasrc; do
        rm -f out
        with -f lavfi -i "$([ $filter = ncasrc ] || echo color=s=64x64,)$filter=$options" \
            -frames:v 1 -f framemd5 out 2>stderr && fail "$filter=$options was taken"
        # What stands in brackets before a line is FFmpeg's, and so are other lines.
        [ "$(sed 's/^\(\[[^]]*\] \)*//' stderr | grep -cxF -e "$line")" -eq 1 ] ||
            fail "$filter=$options: not once \"$line\" in: $(head -c 400 stderr)"
        ! grep -qs '^0,' out || fail "$filter=$options: a frame beside an error"
    done
}
head -c 20000 "$root/models/lizard.bin" >cut.bin
mkdir folder
: >empty.bin
echo text >text.bin
refused "model is missing: a file, or the name of an installed model" ""
refused "model is missing: a file, or the name of an installed model" "model="
refused "nosuch: no such file, nor an installed model of that name" "nosuch"
refused "cut.bin: w1 lies outside the file" "cut.bin"
refused "folder: no such file, nor an installed model of that name" "folder"
refused "empty.bin: the file is empty" "m=empty.bin"
refused "text.bin: not a model, or cut off: neither safetensors nor a published format" "text.bin"
refused 'events: event 1: "foo" where a step (0, 1, 2 …) was expected' "lizard:events=foo"
refused 'events: event 2: the radius of the circle is missing' "lizard:events=0/plant/1/1|5/erase/circle/1/2"
for device in gpu opencl0 cpu1; do
    refused "device: \"$device\" where cpu, opencl or opencl:N was expected, N below 64" "lizard:device=$device"
done
refused 'device: "opencl:64" where cpu, opencl or opencl:N was expected, N below 64' 'lizard:device=opencl\\:64'
refused 'x: "foo" where a place was expected' "lizard:x=foo"
! grep -q Undefined stderr || fail "x=foo: more than a line: $(cat stderr)"
refused 'y: "1/0" where a place was expected' "lizard:y=1/0"
refused "a grid of 40000×5 cells, 1 … 32768 is possible" "lizard:grid=40000x5"
refused "the grid lies too far off the image" "lizard:x=1e7"
refused "32768×32768 cells at a scale of 1e-09 are too many: set grid or scale" "lizard:scale=1e-9"
refused "1e-09 pixels to a cell, 0.0001 … 100000 is possible" "lizard:scale=1e-9:grid=5x5"
refused 'Unable to parse option value "0x5" as image size' "lizard:grid=0x5"
out_of_range() { refused "Value $2 for parameter '${1%%=*}' out of range [$3]" "lizard:$1"; }
out_of_range scale=-1 -1.000000 "0 - 10000"
out_of_range steps=10001 10001.000000 "0 - 10000"
out_of_range warmup=1e9 1000000000.000000 "0 - 100000"
out_of_range angle=1e7 10000000.000000 "-1e+06 - 1e+06"
out_of_range fire_rate=1.5 1.500000 "-1 - 1"
out_of_range edge=2 2.000000 "-1 - 1"
out_of_range seed=-2 -2.000000 "-1 - 4.29497e+09"
out_of_range random_seed=4294967296 4294967296.000000 "-1 - 4.29497e+09"
out_of_range opacity=1.1 1.100000 "0 - 1"
for wrong in edge=around interp=cubic angle=up scale=x steps=; do
    refused "Unable to parse option value \"${wrong#*=}\"" "lizard:$wrong"
done

# The manual tells every option.
for filter in nca ncasrc; do
    for option in $(with -h filter=$filter | sed -n 's/^   \([a-z_]*\) .*\.FV.*/\1/p'); do
        grep -q "^@item \(.*, \)*$option\(,.*\)*$" "$root/ffmpeg-filter/nca.texi" ||
            fail "nca.texi does not tell $filter's $option"
    done
done

# ------------------------------------------------------------------------ commands
# command ARGUMENTS LINE: refused while running, in that line, and the film goes on.
command_refused() {
    with -f lavfi -i "color=s=64x64:r=5:d=2" -vf "sendcmd=c='1 nca $1',nca=lizard" -f null - 2>stderr ||
        fail "$1 ends the film"
    grep -qF -e "$2" stderr || fail "$1: no \"$2\" in: $(head -c 300 stderr)"
}
command_refused "plant 5" "plant: the Y of the seed is missing"
command_refused "erase half/middle" 'erase: "middle" where lower, upper, left or right was expected'
command_refused "fire 2" 'fire: "2" where a fire rate of 0 … 1 was expected'
command_refused "reset -1" 'reset: "-1" where a seed of 0 … 4294967295 was expected'
command_refused "reset 4294967296" 'reset: "4294967296" where a seed of 0 … 4294967295 was expected'
command_refused "opacity 2" "Value 2.000000 for parameter 'opacity' out of range"

# told COMMANDS OPTIONS: "STEP ALIVE" of frames at 5 a second
told() { steps "color=s=100x100:r=5:d=3,sendcmd=c='$1',nca=lizard:$2"; }
plain=$(steps "color=s=100x100:r=5:d=3,nca=lizard:steps=4")
is "$(head -n 1 <<<"$plain")" "0 1"
is "$(tail -n 1 <<<"$plain" | cut -d ' ' -f 1)" 56
is "$(told '1 nca steps 0' steps=4 | tail -n 1 | cut -d ' ' -f 1)" 16
is "$(told '1 nca steps 0.5' steps=4 | tail -n 1 | cut -d ' ' -f 1)" 21
is "$(told '2 nca reset' steps=4)" "$(head -n 10 <<<"$plain"; head -n 5 <<<"$plain")"
[ "$(told '2 nca reset 5' steps=4)" != "$(told '2 nca reset' steps=4)" ] || fail "reset 5 is reset 0"
is "$(told '2 nca reset 5' steps=4 | tail -n 5)" \
    "$(steps "color=s=100x100:r=5:d=3,nca=lizard:steps=4:seed=5" | head -n 5)"
is "$(told '2 nca erase all' steps=4 | tail -n 1)" "56 0"
between 5 "$(told '2 nca erase all, nca plant 10/10' steps=4 | tail -n 1 | cut -d ' ' -f 2)" 500
is "$(told '1 nca erase half|lower' steps=4)" "$(told '1 nca erase half/lower' steps=4)"
echo "1 nca erase 'half lower';" >commands
is "$(steps "color=s=100x100:r=5:d=3,sendcmd=f=commands,nca=lizard:steps=4")" "$(told '1 nca erase half/lower' steps=4)"
[ "$(told '1 nca erase half|lower' steps=4)" != "$plain" ] || fail "nothing was erased"
is "$(told '0.9 nca fire 0' steps=4 | sed -n '8,15s/.* //p' | uniq | wc -l)" 1
is "$(told '0 nca fire_rate 1' steps=4)" "$(steps "color=s=100x100:r=5:d=3,nca=lizard:steps=4:fire_rate=1")"
is "$(told '1 ncasrc steps 0' steps=4)" "$plain" # not for this one
is "$(steps "ncasrc=lizard:s=100x100:r=5:d=3:steps=4")" "$plain"

# Life that goes over the edge comes in on the other side.
near_edge() { steps "color=s=40x40:r=5:d=2,nca=lizard:grid=40x40:steps=9:events=0/plant/1/1:edge=$1" | tail -n 1; }
[ "$(near_edge wrap)" != "$(near_edge zero)" ] || fail "edge=wrap is edge=zero"
is "$(near_edge zero)" "$(near_edge model)"

# picture FILTERS: the last frame's sum
picture() {
    with -filter_complex "$1,format=${2:-rgba}" -f md5 -frames:v 1 - 2>stderr || fail "$1: $(head -c 300 stderr)"
}
late() { picture "color=s=100x100:r=5:d=3,${2:+sendcmd=c='1 nca $2',}nca=lizard:$1,trim=start_frame=14"; }
is "$(late warmup=60:steps=0 'angle 30')" "$(late warmup=60:steps=0)" # turns how it grows on
[ "$(late warmup=60 'angle 30')" != "$(late warmup=60)" ] || fail "angle changes nothing"
is "$(late warmup=60 'opacity 0.3')" "$(late warmup=60:opacity=0.3)"
[ "$(late warmup=60 'opacity 0.3')" != "$(late warmup=60)" ] || fail "opacity changes nothing"
is "$(late warmup=60 'mode replace')" "$(late warmup=60:mode=replace)"

# A video that says that it is RGB, and is not, is taken for an ordinary one.
tagged() { picture "color=gray:s=64x64:r=5:d=1,format=yuv420p,setparams=colorspace=$1,nca=lizard:warmup=60" yuv420p; }
is "$(tagged gbr)" "$(tagged smpte170m)"
[ "$(tagged gbr)" != "$(tagged bt709)" ] || fail "the matrix changes nothing"

# alpha shows only where there is any.
with -f lavfi -i "color=s=64x64:r=5:d=1,format=yuv420p" \
    -vf "sendcmd=c='0.5 nca mode alpha',nca=lizard" -f null - 2>stderr
is "$(grep -c 'the video has no alpha: the creature is on black' stderr)" 1
good with -f lavfi -i "color=s=64x64:r=5:d=1,format=yuva420p" -vf "sendcmd=c='0.5 nca mode alpha',nca=lizard" -f null -

# Alpha is asked for where it is needed.
for options in mode=alpha wound=alpha mode=overlay; do
    good with -f lavfi -i color=s=64x64:r=5:d=0.4,format=yuv420p -vf nca=lizard:$options -c:v rawvideo alpha.nut
    ffprobe -v error -show_entries stream=pix_fmt -of csv=p=0 alpha.nut
done >formats
is "$(paste -sd ' ' formats | sed 's/yuva420p\|rgba\|bgra\|argb\|abgr\|gbrap/alpha/g')" "alpha alpha yuv420p"

# seed=-1 is another one each time, and is said.
said() {
    "$bin/ffmpeg-nca" -nostdin -f lavfi -i ncasrc=lizard:seed=-1 -frames:v 1 -f null - 2>&1 |
        grep -o 'random_seed:[0-9]*$'
}
is "$(said | wc -l)" 1
[ "$(said)" != "$(said)" ] || fail "two random seeds are the same"

# ------------------------------------------------------------------------ timeline
# Not drawn, and growing all the same.
drawn() { with -f lavfi -i color=s=80x80:r=5:d=4 -vf "nca=lizard:steps=8$1" -f framemd5 - | sed -n 's/^0,.* //p'; }
drawn "" >always
drawn ":enable='between(t,1,1.9)+gte(t,3)'" >sometimes
stock -f lavfi -i color=s=80x80:r=5:d=4 -f framemd5 - | sed -n 's/^0,.* //p' >never
is "$(sed -n '6,10p;16,20p' sometimes)" "$(sed -n '6,10p;16,20p' always)"
is "$(sed -n '1,5p;11,15p' sometimes)" "$(sed -n '1,5p;11,15p' never)"
[ "$(sed -n 12p always)" != "$(sed -n 12p never)" ] || fail "nothing is drawn"

# ------------------------------------------------------------------------ the end
# The source tells when it ends, so that what follows knows how long the last frame is.
count() {
    with -filter_complex "$1" -f framemd5 - 2>stderr | grep -c '^0,'
    [ ! -s stderr ] || fail "$1: $(cat stderr)"
}
for filters in fps=25 fps=2 null tpad=stop_mode=clone:stop_duration=1; do
    is "$(count "ncasrc=lizard:s=64x64:r=5:d=1,$filters")" "$(count "testsrc2=s=64x64:r=5:d=1,$filters")"
done
is "$(count "ncasrc=lizard:s=64x64:r=1:d=1,fps=25")" 25

# ---------------------------------------------------------------------------- sizes
for size in 1x1 2x1 1x2 3x3 17x33 7680x1 1x4320 7680x4320; do
    for format in yuv420p yuva420p rgb24 gbrap; do
        good with -f lavfi -i "nullsrc=s=$size:r=5:d=0.4,format=$format" -vf nca=lizard:warmup=100 -f null -
    done
    good with -f lavfi -i "ncasrc=lizard:s=$size:r=5:d=0.4:warmup=100" -f null -
done
good with -f lavfi -i "color=s=1920x1080:r=5:d=0.4" -vf nca=lizard:scale=1:warmup=9 -f null -

# More threads than a grid takes.
good with -filter_threads 300 -f lavfi -i "color=s=64x64:r=5:d=0.4" -vf nca=lizard -f null -

# What a decoder still needs is not drawn on: frames that are not ours to write to.
good with -f lavfi -i "testsrc2=s=96x96:r=5:d=1,split[a][b];[a]nca=lizard:warmup=60,nullsink;[b]null" -f md5 b.md5
good with -f lavfi -i "testsrc2=s=96x96:r=5:d=1" -f md5 plain.md5
cmp -s b.md5 plain.md5 || fail "another branch's frames were drawn on"

# The host makes its graph anew when the input changes, and a creature with it.
good with -f lavfi -i testsrc2=s=96x96:r=5:d=0.6 -start_number 0 %d.png
good with -f lavfi -i testsrc2=s=64x80:r=5:d=0.6 -start_number 3 %d.png
is "$(with -i %d.png -vf nca=lizard,metadata=print:file=- -f null - | sed -n 's/.*nca.step=//p' | tr '\n' ' ')" \
    "0 1 2 0 1 2 "
is "$(with -reinit_filter 0 -i %d.png -vf nca=lizard,metadata=print:file=- -f null - 2>stderr |
    sed -n 's/.*nca.step=//p' | tr '\n' ' ')" \
    "0 1 2 3 4 5 "
# Another pixel format without a new graph is refused, not drawn on.
good with -f lavfi -i testsrc2=s=96x96:r=5:d=0.2 -start_number 0 -pix_fmt rgb24 kind%d.png
good with -f lavfi -i testsrc2=s=96x96:r=5:d=0.2 -start_number 1 -pix_fmt gray kind%d.png
with -reinit_filter 0 -i kind%d.png -vf nca=lizard -f null - >/dev/null 2>stderr
is "$(grep -c 'the pixel format changed while running$' stderr)" 1
good with -f lavfi -i testsrc2=s=96x96:r=5:d=4 -c:v mpeg4 -g 5 seek.avi
good with -ss 2 -i seek.avi -vf nca=lizard -f null -

# --------------------------------------------------------------------------- memory
memory() { # FRAMES: kB
    /usr/bin/time -f %M -o memory.txt "$bin/ffmpeg-nca" -nostdin -v error -f lavfi \
        -i "testsrc2=s=320x180:r=25" -vf "nca=lizard:wound=motion" -frames:v "$1" -f null - || fail "$1 frames"
    cat memory.txt
}
# Said before it is taken, and not taken where nothing lives (but by an allocator that fills it).
unset MALLOC_PERTURB_
"$bin/ffmpeg-nca" -nostdin -v verbose -f lavfi -i ncasrc=lizard:s=64x64:grid=32768x32768 -frames:v 1 -f null - \
    >said 2>&1
grep -q 'grid:32768x32768 memory:[0-9]*MiB ' said || fail "no word on memory: $(tail -n 3 said)"
if [ -x /usr/bin/time ]; then
    /usr/bin/time -f %M -o memory.txt "$bin/ffmpeg-nca" -nostdin -v error -f lavfi \
        -i ncasrc=lizard:s=64x64:grid=8000x8000 -frames:v 1 -f null - || fail "8000x8000 cells"
    between 0 "$(cat memory.txt)" 200000
    few=$(memory 500)
    between 0 "$(memory 10000)" $((few + 4000)) # two runs alike differ by up to 2000
fi
finish

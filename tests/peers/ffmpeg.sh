#!/bin/bash
# SPDX-License-Identifier: MIT
#
# How fast the filters are in the system's ffmpeg: an overlay on 1920x1080 beside doing nothing,
# alone and before an encoder; and ncasrc, one creature and a swarm of 49 on as many cells as
# pixels, beside FFmpeg's own life.  Median of rounds that go by turns; CPU seconds of the whole
# program.  Usage: ffmpeg.sh [BIN [ROUNDS]], after `meson compile -C build ffmpeg`.  Not one of
# the tests.
set -eu
bin=$(realpath "${1:-build/ffmpeg-filter/bin}")
rounds=${2:-7}
export LC_ALL=C NCA_MODEL_PATH
NCA_MODEL_PATH=$(realpath "$(dirname "$0")/../../models")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
frames=300
seeds=$(awk 'BEGIN { for (i = 0; i < 49; i++)
    printf "%s0 plant %d %d", i ? "|" : "", 40 + 72 * (i % 7), 40 + 72 * int(i / 7) }')

# cpu NAME ARGUMENT…: adds the seconds that ffmpeg took for these, on one core
cpu() {
    local name=$1
    shift
    /usr/bin/time -f '%U %S' -a -o "$work/$name" taskset -c 0 "$bin/ffmpeg-nca" -nostdin -v error -y \
        -filter_threads 1 -filter_complex_threads 1 "$@"
}
median() { awk '{ print $1 + $2 }' "$work/$1" | sort -n | sed -n "$(((rounds + 1) / 2))p"; }

# Real frames, held ready, so that only the filter and the copying are measured.
"$bin/ffmpeg-nca" -nostdin -v error -y -f lavfi -i testsrc2=s=1920x1080:r=30 -frames:v 30 \
    -c:v libx264 -preset ultrafast -crf 18 "$work/in.mp4"
overlay() { # NAME FILTERS OUTPUT…
    local name=$1 filters=$2
    shift 2
    cpu "$name" -threads 1 -stream_loop 9 -i "$work/in.mp4" -vf "$filters" -frames:v $frames "$@"
}
for _ in $(seq "$rounds"); do
    for filters in null nca=lizard:warmup=200; do
        overlay "${filters%%=*}" "$filters" -f null -
        overlay "x264-${filters%%=*}" "$filters" -c:v libx264 -threads 1 -preset medium -f null -
    done
    for pixels in rgba gbrp; do
        for filters in null nca=lizard:warmup=200; do
            cpu "$pixels-${filters%%=*}" -f lavfi -i "nullsrc=s=1920x1080:r=30,format=$pixels" \
                -vf "$filters" -frames:v $frames -f null -
        done
    done
    cpu life -f lavfi -i life=s=512x512:seed=1:ratio=0.3 -frames:v $frames -f null -
    cpu ncasrc -f lavfi -i ncasrc=lizard:s=512x512:warmup=200 -frames:v $frames -f null -
    cpu swarm -f lavfi -i "ncasrc=lizard:s=512x512:scale=1:interp=nearest:warmup=200:events=$seeds" \
        -frames:v $frames -f null -
done

line() { # NAME, and its BASE without the filter
    awk -v t="$(median "$1")" -v b="$(median "$2")" -v n=$frames -v name="$3" 'BEGIN {
        printf "%-42s %7.0f frames/s, %5.2f ms a frame more, %6.1f %% more than null\n",
            name, n / t, 1000 * (t - b) / n, 100 * (t - b) / b }'
}
line nca null "1920x1080 h264, decoded, nca, one core:"
line x264-nca x264-null "the same, encoded by x264 medium:"
line rgba-nca rgba-null "1920x1080 rgba, empty, nca:"
line gbrp-nca gbrp-null "1920x1080 gbrp, empty, nca:"
for name in life ncasrc swarm; do
    awk -v t="$(median $name)" -v n=$frames -v name=$name 'BEGIN {
        printf "512x512 %-34s %7.0f frames/s\n", name ":", n / t }'
done

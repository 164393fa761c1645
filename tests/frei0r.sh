#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The frei0r modules in the hosts that are installed: FFmpeg and MLT's melt show what `nca grow`
# does.  Usage: tests/frei0r.sh NCA NCA_SO NCASRC_SO
# shellcheck source=tests/cli_check.sh
FREI0R_PATH=$(realpath "$(dirname "$2")")
. "$(dirname "$0")/cli_check.sh"
export FREI0R_PATH

make_model blob.bin
frame=$((80 * 64 * 4))
options='blob.bin|4|||' # and events; 20×16 cells on 80×64 pixels

# Options have the names and defaults that FFmpeg's filter gives them.
adapters=$source_root/ffmpeg-filter
while IFS= read -r name; do
    grep -q -e "(\"$name\"" "$adapters/vf_nca.c" || fail "FFmpeg's filter has no option $name"
    echo "$name" >>names
done < <(sed -n 's/^    {"\([a-z_]*\)",.*/\1/p' "$adapters/frei0r/parameters.c")
is "$(wc -l <names)" 18

# Only frei0r's calls are to be seen of a module.
for module in nca ncasrc; do
    is "$(nm -D --defined-only "$FREI0R_PATH/$module.so" | grep -c -v ' T f0r_')" 0
done

# close A B: raw pixels that differ by one step of 255 at most, colours as far as alpha lets
# them be seen: libnca blends premultiplied colours, `nca grow` writes straight ones.
close() {
    local worst
    is "$(wc -c <"$1")" "$(wc -c <"$2")"
    worst=$(paste <(od -An -v -w4 -tu1 "$1") <(od -An -v -w4 -tu1 "$2") | awk '
        function size(x) { return x < 0 ? -x : x }
        { d = size($4 - $8); if (d > worst) worst = d
          for (i = 1; i < 4; i++) { d = size($i * $4 - $(i + 4) * $8) / 255; if (d > worst) worst = d } }
        END { printf "%.2f", worst }')
    # One for rounding each of colour and alpha, a half for the product.
    awk "BEGIN { exit !($worst <= 1.5) }" || fail "$1 and $2 differ by $worst"
}

grow() { good "$nca" grow blob.bin -o - --zoom 4 --steps 29 "$@"; }
frames() { head -c $(($1 * frame)); }
behind() { tail -c +$(($1 * frame + 1)); }

events='0 plant 50% 50% | 9 erase half left | 20 erase all'
grow --events "$events" >alone.raw
grow --events "$events" --background '#ff0080' >over.raw
is "$(wc -c <alone.raw)" $((30 * frame))

# ---------------------------------------------------------------------------- FFmpeg
red=color=0xff0080:s=80x64:r=25,format=rgba
filter() { ffmpeg -v error -nostdin -y -f lavfi -i "$red" -vf "$1" -frames:v 30 -f rawvideo -pix_fmt rgba -; }
generate() { ffmpeg -v error -nostdin -y -f lavfi -i "$1" -frames:v 30 -f rawvideo -pix_fmt rgba -; }
if command -v ffmpeg >/dev/null && ffmpeg -v error -filters | grep -q ' frei0r '; then
    has_ffmpeg=1
    good generate "frei0r_src=80x64:25:ncasrc:'$options|${events//|/;}|||||nearest'" >source.raw
    close source.raw alone.raw
    good filter "frei0r=nca:'$options|${events//|/;}|||||nearest'" >filter.raw
    close filter.raw over.raw
    other filter.raw source.raw
    # '|' parts parameters, and needs a backslash for each of two readers.
    good filter "frei0r=nca:'$options|${events//|/\\\\|}|||||nearest'" >escaped.raw
    same escaped.raw filter.raw
    spaceless=${events// | /\\;}
    good filter "frei0r=nca:$options|${spaceless// //}|||||nearest" >bare.raw
    same bare.raw filter.raw
    # Another option while it runs: frames stand still from the one at 0.4 s on.
    at_ten() { echo "sendcmd=c='0.4 frei0r filter_params $1',frei0r=nca:'$options||||||nearest'"; }
    good filter "$(at_ten "$options||||||nearest")" >free.raw
    good filter "$(at_ten 'blob.bin|4||0|||||||nearest')" >still.raw
    frames 10 <free.raw >expected
    for _ in $(seq 20); do frames 10 <free.raw | behind 9; done >>expected
    same still.raw expected
    # What is wrong is said once, and the picture left alone.
    filter null >red.raw
    filter 'frei0r=nca:no-such' >bad.raw 2>stderr || fail "$(cat stderr)"
    is "$(cat stderr)" 'frei0r nca: no-such: no such file, nor an installed model of that name'
    same bad.raw red.raw
    generate "frei0r_src=80x64:25:ncasrc:'$options|0 cut 3'" >bad.raw 2>stderr || fail "$(cat stderr)"
    is "$(grep -c '^frei0r ncasrc: events: .*"cut"' stderr) $(wc -l <stderr)" "1 1"
    is "$(tr -d '\0' <bad.raw | wc -c)" 0
    # A width that 16 does not divide: FFmpeg 5.1 needs help, as the README has it.
    for size in 82x64 80x63; do
        good ffmpeg -v error -nostdin -y -f lavfi -i "testsrc=s=$size,format=rgba" -vf \
            "pad=ceil(iw/16)*16:ih,frei0r=nca:'blob.bin|4|1x1|||0 angle 0',crop=${size/x/:}:0:0" \
            -frames:v 3 -f rawvideo -pix_fmt rgba odd.raw
        good ffmpeg -v error -nostdin -y -f lavfi -i "testsrc=s=$size,format=rgba" \
            -frames:v 3 -f rawvideo -pix_fmt rgba expected.raw
        same odd.raw expected.raw
    done
else
    echo "left out: no ffmpeg with frei0r here"
fi

# ------------------------------------------------------------------------------- MLT
# melt_to OUT FRAMES THREADS RATE ARGUMENT…: melt 7.12 on a busy machine, with or without a plug-in,
# writes an empty file now and then, or does not end; that is no word about ours, so it may try again.
melt_to() {
    local out=$1 size=$(($2 * frame)) threads=$3 rate=$4
    shift 4
    printf '%s\n' description=test width=80 height=64 progressive=1 frame_rate_num="$rate" frame_rate_den=1 \
        sample_aspect_num=1 sample_aspect_den=1 display_aspect_num=5 display_aspect_den=4 >profile
    for _ in 1 2 3 4 5; do
        rm -f "$out"
        QT_QPA_PLATFORM=offscreen timeout 30 melt -profile "$work/profile" "$@" -consumer "avformat:$out" \
            f=rawvideo vcodec=rawvideo pix_fmt=rgba mlt_image_format=rgba an=1 "real_time=-$threads" \
            >/dev/null 2>stderr
        grep -o 'frei0r nca.*' stderr >told # behind melt's own progress, where that was sooner
        [ "$(stat -c %s "$out")" -ne "$size" ] || return
    done
    fail "$(stat -c %s "$out") bytes from melt: $(cat stderr)"
}
creature=(model=blob.bin scale=4 interp=nearest "events=$events")
if command -v melt >/dev/null && melt -query filters 2>/dev/null | grep -q 'frei0r.nca$'; then
    melt_to over.mlt.raw 30 1 25 color:0xff0080ff out=29 -filter frei0r.nca "${creature[@]}"
    close over.mlt.raw over.raw
    [ -z "${has_ffmpeg:-}" ] || same over.mlt.raw filter.raw
    # Below: not on a colour, of which several threads of melt 7.12 make some frames that are wrong.
    grow --events "$events" --background '#000000' >black.raw
    for threads in 1 4; do
        melt_to source.mlt.raw 30 $threads 25 frei0r.ncasrc out=29 "${creature[@]}"
        close source.mlt.raw alone.raw
        [ -z "${has_ffmpeg:-}" ] || same source.mlt.raw source.raw
        melt_to black.mlt.raw 30 $threads 25 noise: out=29 -filter frei0r.nca "${creature[@]}" mode=replace
        close black.mlt.raw black.raw
    done
    # By the time of the clip, not by the order of calls: two cuts, the later one first.
    cat >cuts.mlt <<'XML'
<mlt><producer id="clip" in="0" out="29"><property name="mlt_service">noise</property>
<filter><property name="mlt_service">frei0r.nca</property>
<property name="model">blob.bin</property><property name="scale">4</property>
<property name="mode">replace</property><property name="interp">nearest</property></filter></producer>
<playlist><entry producer="clip" in="15" out="29"/><entry producer="clip" in="4" out="11"/></playlist></mlt>
XML
    grow --background '#000000' >plain.raw
    { behind 15 <plain.raw; behind 4 <plain.raw | frames 8; } >expected.raw
    for threads in 1 4; do
        melt_to cuts.raw 23 $threads 25 cuts.mlt
        close cuts.raw expected.raw
    done
    # Another rate of frames: by the seconds, 25 of them unless told.
    melt_to fifty.raw 30 4 50 frei0r.ncasrc out=29 "${creature[@]}" rate=50
    close fifty.raw alone.raw
    melt_to half.raw 60 4 50 frei0r.ncasrc out=59 "${creature[@]}"
    for i in 0 3 8 28; do
        behind $((2 * i)) <half.raw | frames 1 >even.raw
        behind $i <alone.raw | frames 1 >expected.raw
        close even.raw expected.raw
    done
    # A number between keyframes.
    melt_to faded.raw 30 1 25 color:0xff0080ff out=29 -filter frei0r.nca "${creature[@]}" opacity='0=0;29=1'
    behind 0 <faded.raw | frames 1 | od -An -v -w4 -tu1 | sort -u >colors
    is "$(cat colors)" " 255   0 128 255"
    other faded.raw over.mlt.raw
    melt_to bad.raw 30 1 25 color:0xff0080ff out=29 -filter frei0r.nca model=no-such
    is "$(cat told)" 'frei0r nca: no-such: no such file, nor an installed model of that name'
else
    echo "left out: no melt with frei0r here"
fi
finish

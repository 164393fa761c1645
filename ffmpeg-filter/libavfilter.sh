#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes the libavfilter of the installed FFmpeg once more, with the filters nca and ncasrc in
# it, and wrappers that run the installed programs on it.  Nothing but OUT is written to, which
# becomes a small prefix (bin, lib, share, env) with everything else in OUT/work.
# Usage: libavfilter.sh OUT CORE_ARCHIVE CORE_INCLUDE MODELS FFMPEG_SOURCE STAMP DEPFILE CC…
# FFMPEG_SOURCE may be empty: the source is then fetched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C
exec 3>&2 4>&1 # for messages where a log takes the output
in_stage=

say() { printf 'ffmpeg: %s\n' "$*"; }
fail() {
    [ -z "$in_stage" ] || printf 'failed\n' >&4
    printf 'ffmpeg: %s\n' "$*" >&3
    exit 1
}

# stage TEXT LOG FUNCTION…: one line, with the seconds it took; the end of the log on failure.
# In FUNCTION, set -e does not hold.
stage() {
    local text=$1 log=$work/$2.log start=$SECONDS
    shift 2
    printf 'ffmpeg: %s … ' "$text"
    in_stage=yes
    if ! "$@" </dev/null >"$log" 2>&1; then
        tail -n 20 "$log" >&3
        fail "$text failed: see $log; to begin anew, remove $work"
    fi
    in_stage=
    printf '%s s\n' $((SECONDS - start))
}

# need_tools PROGRAM[:PACKAGE]…
need_tools() {
    local tool missing=() packages=()
    for tool; do
        if ! command -v "${tool%:*}" >/dev/null; then
            missing+=("${tool%:*}")
            packages+=("${tool#*:}")
        fi
    done
    [ ${#missing[@]} -eq 0 ] ||
        fail "${missing[*]} missing: apt-get install ${packages[*]}"
}

# linked PROGRAM NAME: the library lib… that PROGRAM loads
linked() { ldd "$1" 2>/dev/null | sed -n "s/^[[:space:]]*$2\.so\.[0-9]* => \(.*\) (0x.*/\1/p"; }

# Sets `program`, the first ffmpeg with a shared libavfilter (wrappers have none), `library` and
# its `soname`.
find_ffmpeg() {
    local candidate candidates
    mapfile -t candidates < <(type -aP ffmpeg)
    [ ${#candidates[@]} -gt 0 ] || fail "ffmpeg is not installed: apt-get install ffmpeg"
    for candidate in "${candidates[@]}"; do
        library=$(linked "$candidate" libavfilter)
        case $library in '' | "$out"/*) continue ;; esac
        program=$(realpath -s "$candidate")
        soname=$(basename "$library")
        return
    done
    fail "${candidates[0]} has its libavfilter built in, as a static one or a snap:" \
        "apt-get install ffmpeg, or build FFmpeg with what ffmpeg-filter/inject.sh puts into it"
}

check_tools() {
    need_tools "${cc[0]}:gcc" make strip:binutils nm:binutils ldd:libc-bin pkg-config
    case $(uname -m) in x86_64 | i?86)
        # FFmpeg builds without it too, and then is several times slower.
        command -v yasm >/dev/null || need_tools nasm
        ;;
    esac
}

# The library's folder is put into lists between colons, by the wrappers too.
check_place() {
    case $out in *[:\;]*) fail "$out: a build folder without : and ; is needed" ;; esac
}

look_at_installed() {
    "$program" -hide_banner -buildconf >"$work/buildconf" 2>/dev/null
    filters '' >"$work/filters" 2>/dev/null
}

# Links of plain names, so that no name in the path can trouble configure or make.  Only the
# public headers are there: others of the core are named like FFmpeg's.
link_core() {
    mkdir -p "$work/include"
    ln -sf "$include"/nca*.h "$work/include"
    ln -sfn "$(dirname "$archive")" "$work/core"
}

# What the core's archive was built for.
core_libraries() {
    local modules=(jansson libmd)
    ! nm -u "$archive" | grep -q ' clGetPlatformIDs$' || modules+=(OpenCL)
    pkg-config --libs "${modules[@]}"
}

# What decides on the licence and the hardening is as in the installed FFmpeg.
base_flags() {
    local libraries
    libraries=$(core_libraries)
    grep -ox -e ' *--enable-\(gpl\|version3\|nonfree\)' -e ' *--toolchain=hardened' \
        "$work/buildconf" | tr -d ' '
    printf '%s\n' --cc="${cc[*]}" --enable-shared --disable-static --disable-programs \
        --disable-doc --disable-debug --disable-autodetect --disable-everything \
        --enable-filters --extra-cflags=-I../include \
        --extra-libs="../core/$(basename "$archive") $libraries -pthread -lm"
}

run_configure() { (cd "$work/src" && ./configure "${base[@]}" "${flags[@]}"); }

# A development package that is too old for this FFmpeg is done without.
configure_source() {
    until run_configure; do
        drop_library || return
    done
}

configure() {
    local key base
    mapfile -t base < <(base_flags)
    find_libraries
    key=$(printf '%s\n' "${base[@]}" "${flags[@]}" "$("${cc[@]}" --version | head -n 1)")
    if [ "$(cat "$work/src/nca-flags" 2>/dev/null)" != "$key" ]; then
        rm -f "$work/src/nca-"{flags,dropped}
        stage "configuring, with ${#flags[@]} libraries" configure configure_source
        printf '%s\n' "${dropped[@]}" >"$work/src/nca-dropped"
        printf '%s\n' "$key" >"$work/src/nca-flags"
    fi
    mapfile -t dropped < <(grep . "$work/src/nca-dropped")
}

# The other libraries are the installed ones, which make takes for old and so for made.
build_library() {
    local name path made=()
    for name in libavcodec libavformat libavutil libpostproc libswresample libswscale; do
        path=$(linked "$program" $name)
        [ -n "$path" ] || continue
        ln -sfn "$path" "$work/src/$name/$name.so"
        made+=(-o "$name/$name.so")
    done
    # make does not know of the core's archive
    rm -f "$work/src/libavfilter/"libavfilter.so*
    make -C "$work/src" -j"${JOBS:-$(nproc)}" "${made[@]}" libavfilter/libavfilter.so || return
    rm -rf "$work/new"
    mkdir "$work/new"
    strip --strip-unneeded -o "$work/new/$soname" "$work/src/libavfilter/$soname"
}

# exported LIBRARY: symbols with their versions
exported() { nm -D --defined-only --with-symbol-versions "$1" | awk '{ print $3 }' | sort -u; }

check_library() {
    local lost
    lost=$(comm -23 <(exported "$library") <(exported "$work/new/$soname"))
    [ -z "$lost" ] || { printf 'symbols that %s has: %s\n' "$library" "$lost" && return 1; }
    ! exported "$work/new/$soname" | grep '^nca_' || return
    filters "$work/new" >"$work/filters.new" || return
    [ "$(grep -cx 'nca\|ncasrc' "$work/filters.new")" -eq 2 ] ||
        { echo "$program does not show the filters" && return 1; }
}

# It may be in use: a new file takes the name.
publish_library() {
    local old
    mkdir -p "$out/lib/nca"
    mv -f "$work/new/$soname" "$out/lib/nca/$soname"
    for old in "$out/lib/nca/"libavfilter.so.*; do
        [ "$old" = "$out/lib/nca/$soname" ] || rm "$old"
    done
}

quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# fill TEMPLATE NAME VALUE [NAME VALUE]: the template with @NAME@ as VALUE
fill() {
    local text
    text=$(<"$1")
    shift
    while [ $# -gt 0 ]; do
        text=${text//"@$1@"/"$2"}
        shift 2
    done
    printf '%s\n' "$text"
}

# put MODE FILE, link TARGET FILE: what is in use keeps its file, a whole new one takes the name.
put() {
    cat >"$2.new"
    chmod "$1" "$2.new"
    mv -fT "$2.new" "$2"
}

link() {
    ln -sfn "$1" "$2.new"
    mv -fT "$2.new" "$2"
}

# For each installed program that loads the same library.
write_wrappers() {
    local name path file
    mkdir -p "$out/bin" "$out/lib/nca/path" "$out/share/nca"
    for name in ffmpeg ffplay ffprobe mpv; do
        path=$(type -aP "$name" | while read -r file; do
            [ "$(linked "$file" libavfilter)" != "$library" ] || { realpath -s "$file" && break; }
        done)
        if [ -z "$path" ]; then
            rm -f "$out/bin/$name-nca" "$out/lib/nca/path/$name"
            continue
        fi
        fill "$here/wrapper.sh.in" NAME "$name" PROGRAM "$(quoted "$path")" \
            PREFIX "$(quoted "$out")" | put 755 "$out/bin/$name-nca"
        link "../../../bin/$name-nca" "$out/lib/nca/path/$name"
    done
    link "$models" "$out/share/nca/models"
    fill "$here/env.sh.in" FOLDER "$(quoted "$out/lib/nca/path")" | put 644 "$out/env"
}

write_manual() {
    local page
    page=$(awk -f "$here/manual.awk" "$here/nca.texi" "$here/ffmpeg-nca.1.in") ||
        fail "the page of the manual could not be made"
    mkdir -p "$out/share/man/man1"
    put 644 "$out/share/man/man1/ffmpeg-nca.1" <<<"$page"
}

# Whatever changes one of these may call for another library: packages come and go.
write_depfile() {
    local file
    printf '%s:' "${stamp// /\\ }"
    for file in "$program" "$library" /var/lib/dpkg/status; do
        [ ! -e "$file" ] || printf ' %s' "${file// /\\ }"
    done
    echo
}

[ $# -ge 8 ] || fail "usage: libavfilter.sh OUT CORE_ARCHIVE CORE_INCLUDE MODELS" \
    "FFMPEG_SOURCE STAMP DEPFILE CC…"
out=$(realpath -m "$1")
work=$out/work
apt=$work/apt
archive=$(realpath "$2")
include=$(realpath "$3")
models=$(realpath "$4")
given=$5
stamp=$6
depfile=$7
cc=("${@:8}")
dropped=()
. "$here/source.sh"
. "$here/libraries.sh"

check_place
find_ffmpeg
check_tools
find_origin
mkdir -p "$work"
look_at_installed
bring_source
"$here/inject.sh" "$work/src" || fail "the filters do not go into $work/src"
link_core
configure
stage "building libavfilter" make build_library
stage "checking it with $program" check check_library
publish_library
write_wrappers
write_manual
report_filters
write_depfile >"$depfile"
touch "$stamp"
say "ready: $(cd "$out/bin" && echo *) in $out/bin"
say "by their plain names after: . $(quoted "$out/env")"

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Puts the filters nca and ncasrc into an FFmpeg source, 5.1 to 9.0: their files, two lines in
# allfilters.c and two in the Makefile.  Doing it again changes nothing.
# Usage: inject.sh FFMPEG_SOURCE
#
# Who builds FFmpeg then gives configure the library, installed by meson install:
#   --extra-cflags="$(pkg-config --cflags nca)" --extra-libs="$(pkg-config --libs nca)"
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export LC_ALL=C

fail() { printf 'inject.sh: %s\n' "$*" >&2; exit 1; }

# place FILE: make builds again what is newer, so an equal file is left alone.
place() {
    cmp -s "$here/$1" "$folder/$1" || cp "$here/$1" "$folder/$1"
}

# before FILE OURS NEIGHBOUR LINE: LINE goes before the one that NEIGHBOUR fits, instead of one
# like OURS that an earlier version of this has left.
before() {
    local file=$folder/$1 ours=$2 neighbour=$3 line=$4 text
    [ "$(grep -c "$neighbour" "$file")" -eq 1 ] ||
        fail "$file: not one line like \"$neighbour\": an FFmpeg that is not known yet"
    text=$(sed "/$ours/d; s/$neighbour/$line\n&/" "$file")
    [ "$text" != "$(<"$file")" ] || return 0
    printf '%s\n' "$text" >"$file.nca"
    mv "$file.nca" "$file"
}

# holds FILE COUNT PATTERN
holds() {
    [ "$(grep -c "$3" "$folder/$1")" -eq "$2" ] || fail "$folder/$1: not $2 lines of $3"
}

[ $# -eq 1 ] || fail "usage: inject.sh FFMPEG_SOURCE"
folder=$1/libavfilter
if ! [ -f "$1/configure" ] || ! [ -f "$folder/allfilters.c" ] || ! [ -f "$folder/Makefile" ]; then
    fail "$1: not an FFmpeg source"
fi
objects='vf_nca.o nca_creature.o nca_image.o'

# The type is the neighbour's: AVFilter until 7.1, FFFilter from 8.0.
before allfilters.c ' ff_vf_nca;' '^\(extern const [A-Z]*Filter \)ff_vf_negate;' '\1ff_vf_nca;'
before allfilters.c ' ff_vsrc_ncasrc;' '^\(extern const [A-Z]*Filter \)ff_vsrc_nullsrc;' \
    '\1ff_vsrc_ncasrc;'
before Makefile '(CONFIG_NCA_FILTER)' '^OBJS-$(CONFIG_NEGATE_FILTER) .*' \
    "OBJS-\$(CONFIG_NCA_FILTER)                    += $objects"
before Makefile '(CONFIG_NCASRC_FILTER)' '^OBJS-$(CONFIG_NULLSRC_FILTER) .*' \
    "OBJS-\$(CONFIG_NCASRC_FILTER)                 += $objects"
holds allfilters.c 2 '^extern const [A-Z]*Filter ff_\(vf_nca\|vsrc_ncasrc\);$'
holds Makefile 2 '^OBJS-$(CONFIG_\(NCA\|NCASRC\)_FILTER) .*+= '"$objects"'$'
for file in nca_compat.h nca_context.h nca_creature.c nca_image.c nca_image.h vf_nca.c; do
    place $file
done

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Copies what libavfilter.sh made in OUT to $PREFIX, by default ~/.local, or takes just that away
# again: a list of it is kept in $PREFIX/lib/nca.  What is there and is not from here is in the way; but
# models are left alone: $PREFIX may be where the user's own are.
# Or lays out in FOLDER, as bin, man and nca, what `meson install` then copies to bin, share/man and
# lib/nca of $PREFIX.
# Usage: [PREFIX=FOLDER] install.sh install|uninstall OUT
#        [PREFIX=FOLDER] install.sh lay-out OUT FOLDER
set -eu -o pipefail
export LC_ALL=C

say() { printf 'ffmpeg: %s\n' "$*"; }
fail() { printf 'ffmpeg: %s\n' "$*" >&2; exit 1; }

# All that is installed, as paths in the prefix.
wanted() {
    (cd "$out" && find bin lib/nca/libavfilter.so.* lib/nca/path share/man share/nca/models/*.bin ! -type d)
    echo lib/nca/env
}

# For use in ' ': the paths in wrappers and env are quoted.
escaped() { printf '%s' "${1//\'/\'\\\'\'}"; }

# moved FILE: its text, with the prefix in place of OUT
moved() {
    local text
    text=$(<"$1")
    printf '%s\n' "${text//"$(escaped "$out")"/"$(escaped "$prefix")"}"
}

# make NAME FILE: what is to be at NAME of the prefix
make() {
    case $1 in
    lib/nca/env) moved "$out/env" >"$2" ;;
    "$sums") { old_sums && (cd "$out" && sha256sum share/nca/models/*.bin); } | sort -u >"$2" ;;
    bin/*) moved "$out/$1" >"$2" && chmod 755 "$2" ;;
    lib/nca/path/*) ln -s "$(readlink "$out/$1")" "$2" ;;
    *) cp "$out/$1" "$2" ;;
    esac
}

# Sums of the models as they were installed, now and before.
sums=lib/nca/models.sum
old_sums() { [ ! -e "$root/$sums" ] || cat "$root/$sums"; }

# Whether it is in the list, and as it was installed; without sums it counts as that.
is_as_installed() {
    is_listed "$1" || return
    [ ! -e "$root/$sums" ] || (cd "$root" && sha256sum "$1") | grep -qxF -f - "$root/$sums"
}

# Whether it is a model that is not from here.
is_own() {
    case $1 in share/nca/models/*.bin) ;; *) return 1 ;; esac
    [ -e "$root/$1" ] && ! same "$out/$1" "$root/$1" && ! is_as_installed "$1"
}

# Finds those of standard input.
find_own() {
    local name
    sort -u | while read -r name; do
        is_own "$name" || continue
        printf '%s\n' "$name" >>"$scratch/own"
        say "$root/$name stays: it is not what was installed"
    done
}

is_listed() { grep -qxF "$1" <<<"$before"; }

same() {
    if [ -L "$1" ] || [ -L "$2" ]; then
        [ "$(readlink "$1")" = "$(readlink "$2")" ]
    else
        cmp -s "$1" "$2"
    fi
}

# A running copy keeps its file: a new one takes the name.
place() {
    mkdir -p "$(dirname "$root/$1")"
    rm -rf "$root/$1.new"
    make "$1" "$root/$1.new"
    mv -fT "$root/$1.new" "$root/$1"
}

# What is to be placed of standard input: all but equal files that are not from here, which are
# not listed either, and so stay when the rest goes.
choose() {
    local name
    while read -r name; do
        grep -qxF "$name" "$scratch/own" && continue
        if ! is_listed "$name" && { [ -e "$root/$name" ] || [ -L "$root/$name" ]; }; then
            rm -rf "$scratch/file"
            make "$name" "$scratch/file"
            same "$scratch/file" "$root/$name" && continue
            fail "$root/$name is there and is not from here: move it away, or set PREFIX"
        fi
        printf '%s\n' "$name"
    done
}

# The folders of the names of standard input that are not there yet.
missing_folders() {
    local name
    while read -r name; do
        while name=$(dirname "$name") && [ "$name" != . ] && [ ! -d "$root/$name" ]; do
            printf '%s/\n' "$name"
        done
    done | sort -u
}

# record: keeps the list of standard input
record() {
    mkdir -p "$root/$(dirname "$manifest")"
    grep . | sort -u >"$root/$manifest.new"
    mv -f "$root/$manifest.new" "$root/$manifest"
}

# Those of standard input.
remove_files() {
    local name
    while read -r name; do
        case $name in '' | */) continue ;; esac
        grep -qxF "$name" "$scratch/own" || rm -f "$root/$name"
    done
}

remove_empty_folders() {
    local name
    sort -r | while read -r name; do
        case $name in ?*/)
            [ ! -d "$root/$name" ] || rmdir --ignore-fail-on-non-empty "$root/$name"
            ;;
        esac
    done
}

explain() {
    say "installed in $root:"
    sed 's/^/    /' "$scratch/ours"
    case ":$PATH:" in
    *":$prefix/bin:"*) say "try: ffmpeg-nca -f lavfi -i ncasrc=model=lizard -t 10 lizard.mp4" ;;
    *) say "$prefix/bin is not on your PATH: PATH=$prefix/bin:\$PATH" ;;
    esac
    say "after . '$(escaped "$prefix/lib/nca/env")' ffmpeg itself has nca and ncasrc"
}

# The list is there before the files: what an interrupted run has left is known to the next.
install_all() {
    local name
    [ -e "$out/env" ] || fail "nothing is built in $out"
    { wanted && echo "$before"; } | find_own
    { wanted && echo "$sums"; } | sort | choose >"$scratch/ours"
    {
        sed -n '/\/$/p' <<<"$before"
        { cat "$scratch/ours" && echo "$manifest"; } | missing_folders
    } >"$scratch/folders"
    cat "$scratch/ours" "$scratch/folders" - <<<"$before" | record
    while read -r name; do
        place "$name"
    done <"$scratch/ours"
    { grep -vxF -f "$scratch/ours" <<<"$before" || :; } | remove_files
    remove_empty_folders <"$scratch/folders"
    cat "$scratch/ours" "$scratch/folders" | record
    explain
}

uninstall_all() {
    [ -e "$root/$manifest" ] || fail "nothing was installed from here in $root"
    if [ -e "$root/bin/nca" ]; then
        say "the models stay in $root, whose bin/nca needs them"
        before=$(grep -v '^share/nca/models/' <<<"$before" || :)
    fi
    find_own <<<"$before"
    remove_files <<<"$before"
    rm "$root/$manifest"
    remove_empty_folders <<<"$before"
    say "taken away from $root"
}

# Without the models, which are installed anyway, and with files where links would be, of which
# `meson install` makes files with a warning.
lay_out() {
    local name file
    rm -rf "${1:?}/bin" "$1/man" "$1/nca"
    wanted | grep -v '^share/nca/' | while read -r name; do
        file=${name#lib/}
        file=$1/${file#share/}
        mkdir -p "$(dirname "$file")"
        case $name in lib/nca/path/*) name=bin/${name##*/}-nca ;; esac
        make "$name" "$file"
    done
}

case $#${1-} in
2install | 2uninstall | 3lay-out) ;;
*) fail "usage: install.sh install|uninstall OUT, or lay-out OUT FOLDER" ;;
esac
case ${PREFIX:-/} in /*) ;; *) fail "PREFIX=$PREFIX: a path that begins with / is needed" ;; esac
out=$(realpath -m "$2")
prefix=$(realpath -ms "${PREFIX:-$HOME/.local}")
case $prefix in *[:\;]*) fail "$prefix: a folder without : and ; is needed" ;; esac
root=${DESTDIR-}$prefix
manifest=lib/nca/ffmpeg.list
before=
[ ! -e "$root/$manifest" ] || before=$(<"$root/$manifest")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/own"
case $1 in
install) install_all ;;
uninstall) uninstall_all ;;
lay-out) lay_out "$3" ;;
esac

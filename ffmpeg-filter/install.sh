#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Copies what libavfilter.sh made in OUT to $PREFIX, by default ~/.local, or takes just that away
# again: a list of it is kept in $PREFIX/lib/nca.  What is there and is not from here stays.
# Usage: [PREFIX=FOLDER] install.sh install|uninstall OUT
set -eu
export LC_ALL=C

say() { printf 'ffmpeg: %s\n' "$*"; }
fail() { printf 'ffmpeg: %s\n' "$*" >&2; exit 1; }

# All that is installed, as paths in the prefix.
wanted() {
    (cd "$out" && find bin lib/nca/libavfilter.so.* lib/nca/path share/nca/models/*.bin ! -type d)
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
    bin/*) moved "$out/$1" >"$2" && chmod 755 "$2" ;;
    lib/nca/path/*) ln -s "$(readlink "$out/$1")" "$2" ;;
    *) cp "$out/$1" "$2" ;;
    esac
}

is_listed() { grep -qxF "$1" <<<"$before"; }

same() {
    if [ -L "$1" ] || [ -L "$2" ]; then
        [ "$(readlink "$1")" = "$(readlink "$2")" ]
    else
        cmp -s "$1" "$2"
    fi
}

# make_folder FOLDER: lists those that it makes
make_folder() {
    [ "$1" != . ] || { mkdir -p "$root" && return; }
    make_folder "$(dirname "$1")"
    [ -d "$root/$1" ] || { mkdir "$root/$1" && printf '%s/\n' "$1" >>"$list"; }
}

# A running copy keeps its file: a new one takes the name.  An equal file that is not from here
# is not listed, and so stays when the rest goes.
place() {
    local name=$1
    make "$name" "$scratch/file"
    if is_listed "$name" || ! same "$scratch/file" "$root/$name"; then
        make_folder "$(dirname "$name")"
        rm -f "$root/$name.new"
        cp -P "$scratch/file" "$root/$name.new"
        mv -fT "$root/$name.new" "$root/$name"
        printf '%s\n' "$name" >>"$list"
    fi
    rm "$scratch/file"
}

refuse_foreign() {
    local name
    while read -r name; do
        if is_listed "$name" || ! { [ -e "$root/$name" ] || [ -L "$root/$name" ]; }; then
            continue
        fi
        make "$name" "$scratch/file"
        same "$scratch/file" "$root/$name" ||
            fail "$root/$name is there and is not from here: move it away, or set PREFIX"
        rm "$scratch/file"
    done <"$scratch/wanted"
}

# remove_listed: those of standard input, folders only when they are empty
remove_listed() {
    local name
    sort -r | while read -r name; do
        case $name in
        */) rmdir "$root/$name" 2>/dev/null || true ;;
        *) rm -f "$root/$name" ;;
        esac
    done
}

explain() {
    say "installed in $root:"
    grep -v '/$' "$list" | sort | sed 's/^/    /'
    case ":$PATH:" in
    *":$prefix/bin:"*) say "try: ffmpeg-nca -f lavfi -i ncasrc=model=lizard -t 10 lizard.mp4" ;;
    *) say "$prefix/bin is not on your PATH: PATH=$prefix/bin:\$PATH" ;;
    esac
    say "after . '$(escaped "$prefix/lib/nca/env")' ffmpeg itself has nca and ncasrc"
}

install_all() {
    local name
    [ -e "$out/env" ] || fail "nothing is built in $out"
    wanted >"$scratch/wanted"
    refuse_foreign
    list=$scratch/list
    grep '/$' <<<"$before" >"$list" || true
    while read -r name; do
        place "$name"
    done <"$scratch/wanted"
    make_folder lib/nca
    grep -vxF -f "$list" <<<"$before" | grep . | remove_listed || true
    cp "$list" "$root/$manifest.new"
    mv -f "$root/$manifest.new" "$root/$manifest"
    explain
}

uninstall_all() {
    [ -e "$root/$manifest" ] || fail "nothing was installed from here in $root"
    rm "$root/$manifest"
    remove_listed <<<"$before"
    say "taken away from $root"
}

[ $# -eq 2 ] || fail "usage: install.sh install|uninstall OUT"
out=$(realpath -m "$2")
prefix=$(realpath -ms "${MESON_INSTALL_PREFIX:-${PREFIX:-$HOME/.local}}")
case $prefix in *[:\;]*) fail "$prefix: a folder without : and ; is needed" ;; esac
root=${DESTDIR-}$prefix
manifest=lib/nca/ffmpeg.list
before=$(cat "$root/$manifest" 2>/dev/null || true)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
case $1 in
install) install_all ;;
uninstall) uninstall_all ;;
*) fail "usage: install.sh install|uninstall OUT" ;;
esac

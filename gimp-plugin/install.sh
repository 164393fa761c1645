#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Puts the plug-in into the user's own profile of each GIMP that it was built for, with models,
# translations and help beside it, or takes it away again: it is the folder plug-ins/nca, and all of it.
# Usage: install.sh install|uninstall BUILD MODELS [SERIES FOLDER]...
#   BUILD: gimp-plugin of the build folder; MODELS: the folder of *.bin;
#   SERIES FOLDER: GIMP's version (2.10, 3.0, 3.2) and the folder of BUILD with the program for it
set -eu
export LC_ALL=C

say() { printf 'gimp: %s\n' "$*"; }
fail() { printf 'gimp: %s\n' "$*" >&2; exit 1; }

# The profile of a series, where GIMP looks for it.
profile() {
    local own=GIMP${1%%.*}_DIRECTORY
    printf '%s' "${!own:-${XDG_CONFIG_HOME:-$HOME/.config}/GIMP/$1}"
}

# The profiles of a series, and of later ones of the same GIMP that have been started once: what
# is built for 3.0 runs in 3.2.
profiles() {
    local folder own=GIMP${1%%.*}_DIRECTORY
    profile "$1"
    echo
    [ -z "${!own:-}" ] || return 0
    for folder in "$(dirname "$(profile "$1")")/${1%%.*}".*; do
        [ ! -d "$folder" ] || [ "$(profile "$1")" = "$folder" ] ||
            [ "$(printf '%s\n' "$1" "${folder##*/}" | sort -V | head -n 1)" != "$1" ] ||
            printf '%s\n' "$folder"
    done
}

# Whether plug-ins/nca of that profile is this plug-in.
is_ours() { [ -x "$1/nca" ] && [ -e "$1/models/lizard.bin" ]; }

# copy_to FOLDER PROGRAM: beside it first, so that it is there whole or not at all.
copy_to() {
    local folder=$1 new=$1.new old=${1%/*}/.nca-old
    rm -rf "$new" "$old"
    mkdir -p "$new/models"
    cp "$2" "$new/nca"
    cp "$models"/*.bin "$new/models"
    cp -r "$(dirname "$0")/help" "$new"
    for language in "$build"/po/*/LC_MESSAGES/nca.mo; do
        [ -e "$language" ] || continue
        language=${language#"$build/po/"}
        mkdir -p "$new/locale/${language%/*}"
        cp "$build/po/$language" "$new/locale/$language"
    done
    { [ ! -e "$folder" ] && [ ! -L "$folder" ]; } || mv -T "$folder" "$old"
    mv -T "$new" "$folder"
    rm -rf "$old"
}

# GIMP makes a new profile, or one from an older GIMP's, only where there is no folder yet: a user
# who has not started it so far gets it made by GIMP itself, not half of it by us.
make_profile() {
    local program=gimp-console-$2 end=(-b '(gimp-quit 0)')
    [ ! -d "$1" ] || return 0
    [ "${2%%.*}" = 2 ] || end=(--batch-interpreter plug-in-script-fu-eval -b '(gimp-version)' --quit)
    say "GIMP $2 makes its profile in $1"
    { command -v "$program" && "$program" -n -i -d -f "${end[@]}"; } >"$build/profile.log" 2>&1 || :
    [ -d "$1" ] || fail "$1 is not there, see $build/profile.log: start GIMP $2 once, then do this again"
}

install_to() {
    local folder=$1/plug-ins/nca
    if [ -e "$folder" ] && ! is_ours "$folder"; then
        fail "$folder is there and is not from here: move it away"
    fi
    copy_to "$folder" "$2"
    say "installed in $folder"
}

uninstall_from() {
    local folder=$1/plug-ins/nca old=$1/plug-ins/.nca-old
    [ ! -e "$folder" ] || is_ours "$folder" || fail "$folder is not from here: it stays"
    rm -rf "$folder.new" "$old"
    [ -e "$folder" ] || return 0
    mv -T "$folder" "$old"
    rm -rf "$old"
    say "taken away: $folder"
    removed=yes
}

[ $# -ge 5 ] || fail "usage: install.sh install|uninstall BUILD MODELS [SERIES FOLDER]..."
verb=$1 build=$2 models=$3 removed=
shift 3
while [ $# -ge 2 ]; do
    profiles "$1" >"$build/profiles"
    while read -r folder; do
        case $verb in
        install)
            make_profile "$folder" "$1"
            install_to "$folder" "$build/$2/nca/nca"
            ;;
        uninstall) uninstall_from "$folder" ;;
        *) fail "install or uninstall is expected" ;;
        esac
    done <"$build/profiles"
    shift 2
done
case $verb$removed in
install) say "start GIMP anew: Filters > Animation > Neural Cellular Automaton" ;;
uninstall) say "nothing was installed from here" ;;
esac

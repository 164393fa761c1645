#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The plug-in in a user's own profile, found there by a GIMP that was never started before, with its
# models and its German.  Usage: install.sh BUILD SERIES FOLDER    as gimp-plugin/install.sh has them
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "$1") series=$2 folder=$3
. "$here/../check.sh"
installer=$here/../../gimp-plugin/install.sh
profile=$work/.config/GIMP/$series
words=two.scm
[ "$series" = 2.10 ] || words=three.scm
PATH=/usr/bin:/bin command -v gimp-console >/dev/null || { echo "there is no gimp-console"; exit 77; }

alone() { env -i HOME="$work" PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "$@"; }
# install VERB [NAME=VALUE]…
install() { alone "${@:2}" "$installer" "$1" "$build" "$here/../../models" "$series" "$folder"; }

# gimp SCRIPT [NAME=VALUE]…: what GIMP says
gimp() {
    local language=() end=(-b '(gimp-quit 0)')
    [ "$series" = 2.10 ] || {
        language=(--batch-interpreter plug-in-script-fu-eval)
        end=(--quit)
    }
    printf '(begin (load "%s/words.scm") (load "%s/%s") %s (say "end"))\n' "$here" "$here" "$words" \
        "$1" >script.scm
    alone "${@:2}" gimp-console -i -n -d -f "${language[@]}" -b "(load \"$work/script.scm\")" \
        "${end[@]}" >said 2>&1 || fail "gimp-console -> $?"
    grep -q 'TEST end' said || fail "no end: $(tail -n 5 said)"
}

good install install >log
grep -qxF "gimp: installed in $profile/plug-ins/nca" log || fail "$(cat log)"
gimp '(say "grown " (if (grow -1 -1 (quote (model "butterfly")) (quote (steps 2))) "yes" refusal))'
grep -q 'TEST grown yes' said || fail "$(cat said)"
! grep -q 'folder does not exist' said || fail "half a profile: $(cat said)"

# The user's own of that name comes before the one of the plug-in.
mkdir -p .local/share/nca/models
echo bad >.local/share/nca/models/butterfly.bin
gimp '(grow -1 -1 (quote (model "butterfly")) (quote (steps 2))) (say refusal)'
grep -q "TEST .*$work/.local/share/nca/models/butterfly.bin" said || fail "another's: $(cat said)"
rm .local/share/nca/models/butterfly.bin

# Without a locale of its own a system speaks English.
if localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 >localedef.log 2>&1; then
    gimp '(regenerate -1 -1) (say refusal)' LOCPATH="$work" LC_ALL=de_DE.UTF-8
    grep -q 'TEST.*Es gibt keine Ebene' said || fail "not German: $(cat said)"
else
    echo "left out: German, as localedef says: $(tail -n 1 localedef.log)"
fi

# What a killed installation left goes; help is there; a later GIMP's profile gets it, too, an older
# one does not.
later=$work/.config/GIMP/${series%%.*}.99 older=$work/.config/GIMP/${series%%.*}.0
mkdir -p "$profile/plug-ins/nca.new/junk" "$later" "$older"
good install install >log
grep -qxF "gimp: installed in $later/plug-ins/nca" log || fail "$(cat log)"
is "$(grep -c 'installed in' log)" 2
[ -e "$profile/plug-ins/nca/help/en/index.html" ] || fail "no help"
[ ! -e "$profile/plug-ins/nca/junk" ] || fail "half of another"
[ ! -e "$profile/plug-ins/nca.new" ] || fail "left half-made"
mkdir -p "$profile/plug-ins/.nca-old/junk"
good install uninstall >log
[ ! -e "$later/plug-ins/nca" ] || fail "still in $later"
[ ! -e "$profile/plug-ins/.nca-old" ] || fail "half of it is left"

# Where GIMP is told to have its profile elsewhere, it is there and nowhere else.
mkdir -p "$work/own/one" "$work/own/${series%%.*}.99"
good install install "GIMP${series%%.*}_DIRECTORY=$work/own/one" >log
is "$(grep 'installed in' log)" "gimp: installed in $work/own/one/plug-ins/nca"

good install install >log
good install uninstall >log
grep -qxF "gimp: taken away: $profile/plug-ins/nca" log || fail "$(cat log)"
[ ! -e "$profile/plug-ins/nca" ] || fail "still there"
[ -d "$profile/plug-ins" ] || fail "the profile is gone"
mkdir -p "$profile/plug-ins/nca.new/junk" "$profile/plug-ins/.nca-old/junk"
good install uninstall >log
grep -qF "nothing was installed" log || fail "$(cat log)"
is "$(ls "$profile/plug-ins")" ""

mkdir -p "$profile/plug-ins/nca"
touch "$profile/plug-ins/nca/mine"
! install install >log 2>&1 || fail "overwrites what is not its own"
! install uninstall >log 2>&1 || fail "takes away what is not its own"
grep -qF "$profile/plug-ins/nca" log || fail "names no folder: $(cat log)"
[ -e "$profile/plug-ins/nca/mine" ] || fail "what is not its own is gone"
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every text of the plug-in has its translation in every language that is there.
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/check.sh"
po=gimp-plugin/po
cd "$source" || exit 1
grep -lE '(\b_|\bN_|g_dngettext)\(' gimp-plugin/*.c | sort >"$work/files"
cmp -s "$work/files" <(sort $po/POTFILES) ||
    fail "POTFILES: $(diff "$work/files" $po/POTFILES)"
# The plug-in is not the program: its domain is not the default one.
! grep -nE '[^d]ngettext\(|<glib/gi18n.h>' gimp-plugin/*.c || fail "not of the plug-in's domain"
xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=g_dngettext:2,3 \
    --files-from="$work/files" --output="$work/all.pot" || fail "xgettext -> $?"
while read -r language; do
    msgmerge --quiet --no-fuzzy-matching --output-file="$work/merged.po" $po/"$language".po \
        "$work/all.pot" || fail "msgmerge -> $?"
    LC_ALL=C msgfmt --check-format --check-accelerators=_ --statistics --output-file="$work/out.mo" \
        "$work/merged.po" 2>"$work/told" || fail "$language: $(cat "$work/told")"
    is "$(sed 's/^[0-9]* //' "$work/told")" "translated messages."
    is "$(msgattrib --only-obsolete "$work/merged.po")" ""
done <$po/LINGUAS
finish

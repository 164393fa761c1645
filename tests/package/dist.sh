#!/bin/bash
# SPDX-License-Identifier: MIT
#
# `meson dist`: the tarball has all that is in the repository, and is enough to build and test from,
# without a repository and without what else may lie beside this one.
# Usage: [NCA_PACKAGE=full] dist.sh    full: every test from there, as `meson dist` does it
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../check.sh"
skip() { echo "skipped: $*" && exit 77; }
source_root=$(realpath "$here/../..")
at_source() { git -C "$source_root" "$@" 2>/dev/null; }
command -v meson >/dev/null || skip "no meson"
at_source ls-files --error-unmatch meson.build >/dev/null || skip "no git repository of yours here"
at_source update-index -q --refresh
at_source diff-index --quiet HEAD || skip "changes that are not committed would not be in it"
unset DESTDIR NCA_SHARED

# quiet COMMAND…: on failure its last lines, and the end
quiet() {
    "$@" >log 2>&1 </dev/null && return
    fail "$*: $(tail -n 20 log)"
    finish
}

options=(-Dgimp=disabled -Dffmpeg=disabled) how=(--no-tests)
[ "${NCA_PACKAGE-}" != full ] || options=() how=()
quiet meson setup to-dist "$source_root" "${options[@]}"
quiet meson dist -C to-dist "${how[@]}"
said=$(sed -n 's/^\(Ok\|Fail\|Skipped\): *\([0-9]*\).*/\2 \1/p' log | paste -sd ' ')

tarball=$(echo to-dist/meson-dist/nca-*.tar.xz)
(cd to-dist/meson-dist && sha256sum --quiet -c ./*.sha256sum) || fail "another sum"
tar xf "$tarball"
name=$(basename "$tarball" .tar.xz)
is "$name" "nca-$(sed -n "s/^ *version: '\(.*\)',/\1/p" "$name/meson.build")"
at_source ls-files | sort >want
(cd "$name" && find . ! -type d -printf '%P\n' | sort) >have
diff want have >difference || fail "< is missing, > is too much: $(cat difference)"

tests=(cli import includes models_table published readme reference)
quiet meson setup build "$name" --werror "${options[@]}"
quiet nice ninja -C build core/cli/nca tests/readme tests/test_{import,published,reference}
quiet meson test -C build --no-rebuild --print-errorlogs "${tests[@]}"
is "$(grep -c '"result": "\(OK\|SKIP\)"' build/meson-logs/testlog.json)" ${#tests[@]}
(cd "$name" && find . ! -type d -printf '%P\n' | sort) | cmp -s - have || fail "the source has changed"
echo "$name: $(wc -l <have) files; ${#tests[@]} tests from there${said:+; by meson dist: $said}"
finish

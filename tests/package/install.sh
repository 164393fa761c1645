#!/bin/bash
# SPDX-License-Identifier: MIT
#
# `meson install`, for one user, for a package and for all of a machine: every file that is expected
# and no other, usable from there by another project too, and nothing left after the uninstall.
# Usage: [NCA_PACKAGE=full] install.sh    full: with the FFmpeg filter, whose source is fetched
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../check.sh"
for tool in meson ninja pkg-config make c++ nm; do
    command -v $tool >/dev/null || { echo "skipped: no $tool" && exit 77; }
done
unset DESTDIR PREFIX NCA_MODEL_PATH XDG_DATA_HOME LD_LIBRARY_PATH
source_root=$(realpath "$here/../..")
version=$(sed -n "s/^ *version: '\(.*\)',/\1/p" "$source_root/meson.build")

# quiet COMMAND…: on failure its last lines, and the end
quiet() {
    "$@" >log 2>&1 </dev/null && return
    fail "$*: $(tail -n 20 log)"
    finish
}

# build PREFIX LIBDIR OPTION…
build() {
    local prefix=$1 libdir=$2 verb=(setup build "$source_root")
    shift 2
    [ ! -e build ] || verb=(configure build)
    quiet meson "${verb[@]}" --prefix "$prefix" --libdir "$libdir" -Dtests=disabled \
        -Dcli=enabled "$@"
    quiet nice ninja -C build
}

# ---------------------------------------------------------------- what is expected
found() { pkg-config --exists "$1"; }

# in_prefix LIBDIR: what is installed with any prefix
in_prefix() {
    local file
    printf '%s\n' bin/nca "$1/libnca.so"{,.0,".$version"} "$1/pkgconfig/nca.pc" \
        share/bash-completion/completions/nca
    for file in "$source_root"/core/nca*.h; do echo "include/nca/${file##*/}"; done
    for file in "$source_root"/models/*.bin; do echo "share/nca/models/${file##*/}"; done
    for file in "$source_root"/core/cli/*.[1-9]; do echo "share/man/man${file##*.}/${file##*/}"; done
    found frei0r && printf 'lib/frei0r-1/%s\n' nca.so ncasrc.so
}

gimp_help() { (cd "$source_root/gimp-plugin" && find help -type f -printf 'share/nca/%p\n'); }
gimp_words() {
    command -v msgfmt >/dev/null &&
        sed 's|.*|share/locale/&/LC_MESSAGES/nca.mo|' "$source_root/gimp-plugin/po/LINGUAS"
}
gimp_programs() {
    local series
    for series in 2.0 3.0; do
        found gimpui-$series &&
            echo "$(pkg-config --variable=gimplibdir gimp-$series)/plug-ins/nca/nca"
    done
}

# filter: what -Dffmpeg=enabled adds, of which the build alone knows
filter() {
    echo share/man/man1/ffmpeg-nca.1
    (cd build/ffmpeg-filter && find bin lib/nca ! -type d && echo lib/nca/env)
}

# with PREFIX: the names of standard input in it
with() { sed "s|^|$1/|"; }

# holds FOLDER: the names in `want` and no other, for all to read, and nothing of where it was built
holds() {
    local odd
    sort -o want want
    find "$1" ! -type d -printf '/%P\n' | sort >have
    diff want have >difference || fail "< is missing, > is too much: $(cat difference)"
    odd=$(find "$1" \( -type d -empty -o ! -type l ! -perm -444 -o -type d ! -perm -555 \))
    is "$odd" ""
    odd=$(find "$1" -type f -exec sh -c 'readelf -d "$1" 2>/dev/null | grep -q "R.*PATH"' - {} \; -print)
    is "$odd" ""
    is "$(grep -rlF "$work/build" "$1")" ""
}

uninstall() {
    quiet ninja -C build uninstall
    grep -qx 'Failed: 0' log || fail "uninstall: $(grep '^Could not' log)"
    sed -n "s|^Deleted: \([0-9]*\)$|$prefix: \1 files and folders brought and taken away|p" log
}

# ---------------------------------------------------- one user's, beside what is theirs
home="$work/höme of mine" prefix="$work/höme of mine/.local"
mkdir -p "$prefix/bin" "$prefix/share/nca/models"
touch "$prefix/bin/mine" "$prefix/share/nca/models/mine.bin"
filter_option=disabled
[ "${NCA_PACKAGE-}" != full ] || filter_option=enabled
find "$home" | sort >before
build "$prefix" lib -Dffmpeg=$filter_option
quiet meson install -C build
{
    in_prefix lib
    [ $filter_option = disabled ] || filter
    printf '%s\n' bin/mine share/nca/models/mine.bin
} | with "" >want
holds "$prefix"
mv build away # nothing leans on it

alone() { (cd / && env -i HOME="$home" PATH="$prefix/bin:/usr/bin:/bin" "$@"); }
good alone nca grow lizard -o - --steps 60 --every 60 >frames
alone bash -c '. "$1" && complete -p nca' - "$prefix/share/bash-completion/completions/nca" >said ||
    fail "no completion: $(cat said)"
if found frei0r && ffmpeg -v error -filters 2>/dev/null | grep -qw frei0r; then
    good alone env FREI0R_PATH="$prefix/lib/frei0r-1" ffmpeg -v error -nostdin -f lavfi \
        -i color=s=64x64 -vf frei0r=nca:lizard -frames:v 1 -f null -
fi
[ $filter_option = disabled ] ||
    good alone ffmpeg-nca -v error -nostdin -f lavfi -i ncasrc=lizard -frames:v 1 -f null -

# ------------------------------------------------------------- another project on it
export PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig"
is "$(pkg-config --modversion nca)" "$version"
cp -r "$here/stranger" .
quiet make -C stranger
for program in grow-c11 grow-c17 grow-c++11; do
    good alone env LD_LIBRARY_PATH="$prefix/lib" "$work/stranger/$program" lizard >picture.pam
    sed 1,/ENDHDR/d picture.pam >picture
    [ -s picture ] || fail "$program: no picture"
    tail -c "$(stat -c %s picture)" frames | cmp -s - picture || fail "$program: another picture"
done
readelf -d stranger/grow-c11 | grep -q 'NEEDED.*\[libnca.so.0\]' || fail "not linked with libnca.so.0"

# Each header stands alone; every function of theirs, and no other, can be linked with, from C++ too.
strict=(-Wall -Wextra -Wpedantic -Werror -I "$prefix/include/nca")
for header in "$prefix"/include/nca/*; do
    echo "#include <${header##*/}>" >header.c
    quiet cc -std=c11 "${strict[@]}" -fsyntax-only header.c
    quiet c++ -x c++ -std=c++11 "${strict[@]}" -fsyntax-only header.c
    cat header.c >>all.cc
done
cc -x c -E -P "${strict[@]}" all.cc | grep -o '\bnca_[a-z0-9_]*(' | tr -d '(' | sort -u >declared
nm -D --defined-only "$prefix/lib/libnca.so" | awk '{ print $3 }' | sort >exported
[ "$(wc -l <declared)" -gt 50 ] || fail "no functions found in the headers"
diff declared exported >difference || fail "< is not exported, > is in no header: $(cat difference)"
{
    echo 'typedef void Function(void); Function *const all[] = {'
    sed 's/.*/(Function *)&,/' declared
    echo '}; int main() { return !all[0]; }'
} >>all.cc
quiet c++ -std=c++11 "${strict[@]}" all.cc -o all -L "$prefix/lib" -lnca
unset PKG_CONFIG_LIBDIR
echo "another project: $(wc -l <exported) functions of $(grep -c '^#include' all.cc) headers"

mv away build
uninstall
find "$home" | sort | diff before - >difference || fail "after the uninstall: $(cat difference)"

# ------------------------------------------ a package's, then all of a machine's, unseen by it
export DESTDIR="$work/package"
umask 077
for prefix in /usr /usr/local; do
    build $prefix lib64 -Dffmpeg=disabled --buildtype plain
    quiet meson install -C build --no-rebuild
    {
        in_prefix lib64 | with $prefix
        gimp=$(gimp_programs)
        [ -z "$gimp" ] || { echo "$gimp" && { gimp_help && gimp_words; } | with $prefix; }
    } >want
    holds "$DESTDIR"
    uninstall
    [ ! -e "$DESTDIR" ] || fail "after the uninstall: $(find "$DESTDIR")"
done
finish

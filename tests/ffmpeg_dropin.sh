#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The libavfilter with nca and ncasrc, as `meson compile ffmpeg` has left it, under the installed
# ffmpeg: what it has, the wrappers, env, install and uninstall, and what is refused.
# Usage: tests/ffmpeg_dropin.sh BUILD/ffmpeg-filter
[ -e "$1/ffmpeg.stamp" ] || { echo "not built: meson compile -C BUILD ffmpeg" && exit 77; }
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/cli_check.sh"
out=$nca
build=$(dirname "$out")
scripts=$source_root/ffmpeg-filter
unset NCA_MODEL_PATH LD_LIBRARY_PATH DESTDIR

# refused PATTERN COMMAND…: fails with one line that fits on standard error.
refused() {
    local pattern=$1 status=0
    shift
    "$@" >stdout 2>stderr || status=$?
    [ "$status" -eq 1 ] || fail "$* -> $status"
    [ "$(wc -l <stderr)" -eq 1 ] || fail "$*: not one line: $(head -c 300 stderr)"
    grep -q -e "$pattern" stderr || fail "$*: no \"$pattern\" in: $(head -c 300 stderr)"
}

# listing FOLDER: every file with size, time and place on the disk
listing() {
    find "$1" \( -name .git -o -name 'build*' \) -prune -o -printf '%p %s %T@ %i\n' | sort
}

# ------------------------------------------------------------- nothing changed: no work
listing "$source_root" >before
ninja -C "$build" ffmpeg >ninja.log 2>&1 || fail "ninja ffmpeg: $(tail -n 3 ninja.log)"
library=$(echo "$out/lib/nca/"libavfilter.so.*)
soname=$(basename "$library")
stat -c '%i %Y' "$library" "$out/bin/"* >made
ninja -C "$build" ffmpeg >ninja.log 2>&1
grep -q 'no work to do' ninja.log || fail "built again: $(cat ninja.log)"
stat -c '%i %Y' "$library" "$out/bin/"* >made2
same made made2
read -r -a cc < <(sed -n 's/^--cc=//p' "$out/work/src/nca-flags")
# build_again OUT [FFMPEG_SOURCE]: with only what is in the folder $tools, if that is set
build_again() {
    PATH=${tools-$PATH} "$scripts/libavfilter.sh" "$1" "$build/core/libnca_core.a" \
        "$source_root/core" "$source_root/models" "${2-}" stamp depfile "${cc[@]}"
}
given=$(sed -n 's/^folder \(.*\) [0-9]* [0-9]*$/\1/p' "$out/work/src/nca-source")
SECONDS=0
# Programs in use stay usable meanwhile.
while [ ! -e built ]; do
    "$out/bin/ffmpeg-nca" -version >/dev/null 2>>gone || break
done &
good build_again "$out" "$given" >again.txt
touch built
wait $!
[ ! -s gone ] || fail "ffmpeg-nca could not be used while it was built: $(head -n 1 gone)"
! grep -q 'fetching\|unpacking\|copying\|configuring' again.txt ||
    fail "from the start: $(cat again.txt)"
[ "$SECONDS" -le 20 ] || fail "$SECONDS s to build what is built"

# -------------------------------------------------------------------- what it has
good "$out/bin/ffmpeg-nca" -hide_banner -filters >filters
is "$(awk '$2 == "nca" || $2 == "ncasrc" { print $2, $3 }' filters | tr '\n' ' ')" \
    "nca V->V ncasrc |->V "
program=$(sed -n "s/^exec '\(.*\)' .*/\1/p" "$out/bin/ffmpeg-nca")
loaded() { ldd "$program" | sed -n 's/.*libavfilter.* => \(.*\) (0x.*/\1/p'; }
stock=$(loaded)
is "$(basename "$stock")" "$soname"
is "$(LD_LIBRARY_PATH=$out/lib/nca loaded)" "$library"
grep -qF "stamp: $program $stock" depfile || fail "an upgrade of FFmpeg goes by: $(cat depfile)"
exported() { nm -D --defined-only --with-symbol-versions "$1" | awk '{ print $2, $3 }' | sort; }
exported "$stock" >want
exported "$library" >have
is "$(comm -23 want have | head -n 5)" ""
[ "$(wc -l <want)" -gt 40 ] || fail "no symbols in $stock"
! grep -q ' nca_' have || fail "the core's symbols show: $(grep -m 3 ' nca_' have)"
is "$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" "$soname"
"$program" -hide_banner -filters 2>/dev/null | awk '$3 ~ /->/ { print $2 }' | sort >want
awk '$3 ~ /->/ { print $2 }' filters | sort >have
for name in $(comm -23 want have); do
    grep -qw "$name" "$out/work/left-out" || fail "$name is left out, and nothing says so"
done

# ------------------------------------------------------------------------ wrappers
# The wrapper of a stub in ffmpeg's place, in a prefix of its own.
mkdir -p "a prefix/bin" "a prefix/lib/nca" elsewhere
cat >"a stub" <<'END'
#!/bin/sh
echo "pid $$"
for argument; do printf '[%s]' "$argument"; done
printf '\n%s\n%s\n' "$LD_LIBRARY_PATH" "$NCA_MODEL_PATH"
cat
exit 42
END
chmod +x "a stub"
sed "s|^exec '.*' |exec '$work/a stub' |" "$out/bin/ffmpeg-nca" >"a prefix/bin/stub-nca"
chmod +x "a prefix/bin/stub-nca"
ln -s "../a prefix/bin/stub-nca" elsewhere/link
prefix="$work/a prefix"
# stubbed COMMAND…: what the stub was given by it
stubbed() {
    local status=0
    echo "from stdin" | "$@" >stub.txt || status=$?
    is "$status" 42
    is "$(sed -n '$p' stub.txt)" "from stdin"
    sed '1d;$d' stub.txt
}
is "$(stubbed "$prefix/bin/stub-nca" 'a b' '' '*' "it's" -vf '$x' 2>&1)" \
    "$(printf '%s\n' "[a b][][*][it's][-vf][\$x]" "$prefix/lib/nca" ":$prefix/share/nca/models")"
is "$(stubbed env LD_LIBRARY_PATH=/l1:/l2 NCA_MODEL_PATH=/m1:/m2 "$prefix/bin/stub-nca" x)" \
    "$(printf '%s\n' "[x]" "$prefix/lib/nca:/l1:/l2" "/m1:/m2::$prefix/share/nca/models")"
is "$(stubbed elsewhere/link x | sed -n 2p)" "$prefix/lib/nca"
is "$(stubbed env "PATH=$prefix/bin:$PATH" stub-nca x | sed -n 2p)" "$prefix/lib/nca"
is "$(cd "$prefix/bin" && stubbed ./stub-nca x | sed -n 2p)" "$prefix/lib/nca"
"$prefix/bin/stub-nca" </dev/null >stub.txt &
wait $!
is "$(head -n 1 stub.txt)" "pid $!" # the same process, so that signals reach it

# one_frame COMMAND…: a frame of the source goes through the filter.
one_frame() {
    local status=0
    (cd / && "$@" -v error -nostdin -f lavfi -i ncasrc=model="${model-lizard}" \
        -vf nca=model=lizard.bin -frames:v 1 -f null -) 2>stderr || status=$?
    [ "$status" -eq 0 ] || fail "$* -> $status: $(head -n 2 stderr)"
}
one_frame "$out/bin/ffmpeg-nca"
mkdir mine
cp "$source_root/models/lizard.bin" mine/my-own.bin
model=my-own one_frame env NCA_MODEL_PATH="$work/mine" "$out/bin/ffmpeg-nca"
echo bad >mine/lizard.bin
! NCA_MODEL_PATH=$work/mine "$out/bin/ffmpeg-nca" -v error -nostdin -f lavfi \
    -i ncasrc=model=lizard -frames:v 1 -f null - 2>stderr || fail "the user's models are not first"
grep -q "$work/mine/lizard.bin" stderr || fail "another model: $(cat stderr)"
mkdir -p data/nca && mv mine data/nca/models
! XDG_DATA_HOME=$work/data "$out/bin/ffmpeg-nca" -v error -nostdin -f lavfi \
    -i ncasrc=model=lizard -frames:v 1 -f null - 2>stderr || fail "the user's own folder is not first"
grep -q "$work/data/nca/models/lizard.bin" stderr || fail "another model: $(cat stderr)"
good "$out/bin/ffmpeg-nca" -v error -nostdin -f lavfi -i color=s=16x16 -frames:v 1 "a film.nut"
is "$("$out/bin/ffprobe-nca" -v error -show_entries stream=width -of csv=p=0 "a film.nut")" 16
for verb in "-i no-such.nut" "-no_such_option" "-version"; do
    status=0
    # shellcheck disable=SC2086 # words
    "$program" -v quiet $verb </dev/null >/dev/null 2>&1 || status=$?
    # shellcheck disable=SC2086
    "$out/bin/ffmpeg-nca" -v quiet $verb </dev/null >/dev/null 2>&1
    is "$?" "$status"
done

# ----------------------------------------------------------------------------- env
for shell in sh bash dash zsh; do
    command -v "$shell" >/dev/null || continue
    # shellcheck disable=SC2016 # the shell's own
    "$shell" -c 'cd / && set -eu && . "$1" && . "$1" && command -v ffmpeg && echo "$PATH" &&
        ffmpeg -v error -nostdin -f lavfi -i ncasrc=model=lizard -frames:v 1 -f null -' \
        "$shell" "$out/env" >env.txt 2>stderr || fail "env in $shell: $(cat stderr)"
    is "$(cat env.txt)" "$(printf '%s\n' "$out/lib/nca/path/ffmpeg" "$out/lib/nca/path:$PATH")"
done
sed "s|$out|/gone|g" "$out/env" >moved-env
sh -c '. ./moved-env' 2>stderr
grep -q "has been moved: remove its ffmpeg.stamp" stderr || fail "a folder that is gone: $(cat stderr)"
(. "$out/env" && good build_again "$out" "$given" >again.txt) # finds ffmpeg, not its own wrapper
is "$(sed -n "s/^exec '\(.*\)' .*/\1/p" "$out/bin/ffmpeg-nca")" "$program"

# ------------------------------------------------------------ install and uninstall
export PREFIX="$work/it's mine"
mkdir -p "$PREFIX/bin" "$PREFIX/share/nca/models"
echo mine >"$PREFIX/bin/other"
cp "$source_root/models/smiley.bin" "$PREFIX/share/nca/models"
# copy_out FOLDER: what was built, with models of its own
copy_out() {
    mkdir "$1"
    cp -r "$out/env" "$out/bin" "$out/lib" "$out/share" "$1"
    rm "$1/share/nca/models"
    cp -r "$source_root/models" "$1/share/nca/models"
}
names() { (cd "$PREFIX" && find . | sort); }
names >prefix1
echo mine >"$PREFIX/bin/ffmpeg-nca"
refused "bin/ffmpeg-nca is there and is not from here" "$scripts/install.sh" install "$out"
rm "$PREFIX/bin/ffmpeg-nca"
names >prefix2
same prefix1 prefix2
good "$scripts/install.sh" install "$out" >install.txt
grep -q "is not on your PATH" install.txt || fail "no word of PATH: $(cat install.txt)"
one_frame env -i "$PREFIX/bin/ffmpeg-nca"
grep -q '^\.B "random_seed, seed"$' "$PREFIX/share/man/man1/ffmpeg-nca.1" || fail "no manual"
is "$(bash -c '. "$1" && command -v ffprobe' bash "$PREFIX/lib/nca/env")" \
    "$PREFIX/lib/nca/path/ffprobe"
! grep -rqF "$build" "$PREFIX/bin" "$PREFIX/lib/nca/env" || fail "it leans on the build folder"
old=$(stat -c %i "$PREFIX/lib/nca/$soname")
exec 5<"$PREFIX/lib/nca/$soname" # in use, so that its number is not given again
names >prefix2
touch "$PREFIX/lib/nca/libavfilter.so.1"
echo lib/nca/libavfilter.so.1 >>"$PREFIX/lib/nca/ffmpeg.list" # of an older FFmpeg
PATH=$PREFIX/bin:$PATH good "$scripts/install.sh" install "$out" >install.txt
exec 5<&-
! grep -q "is not on your PATH" install.txt || fail "a word of PATH: $(cat install.txt)"
[ "$old" != "$(stat -c %i "$PREFIX/lib/nca/$soname")" ] || fail "written over a library in use"
names >prefix3
same prefix2 prefix3
# A model that has become the user's own stays, whatever is installed or taken away, and in nobody's way.
for verbs in "install install" "uninstall install" uninstall; do
    good "$scripts/install.sh" install "$out" >/dev/null
    cp "$source_root/models/web.bin" "$PREFIX/share/nca/models/lizard.bin"
    for verb in $verbs; do
        good "$scripts/install.sh" "$verb" "$out" >stays.txt
        is "$(grep -c 'lizard.bin stays: it is not what was installed' stays.txt)" 1
        same "$source_root/models/web.bin" "$PREFIX/share/nca/models/lizard.bin"
    done
    rm "$PREFIX/share/nca/models/lizard.bin"
done
names >prefix2
same prefix1 prefix2
# One of an older release is not.
good "$scripts/install.sh" install "$out" >/dev/null
(cd "$PREFIX" && echo older >share/nca/models/lizard.bin && sha256sum share/nca/models/lizard.bin >lib/nca/models.sum)
good "$scripts/install.sh" install "$out" >/dev/null
same "$source_root/models/lizard.bin" "$PREFIX/share/nca/models/lizard.bin"
# Nor is a listed one where no sums were kept.
echo older >"$PREFIX/share/nca/models/lizard.bin"
rm "$PREFIX/lib/nca/models.sum"
good "$scripts/install.sh" install "$out" >/dev/null
same "$source_root/models/lizard.bin" "$PREFIX/share/nca/models/lizard.bin"
# One that was there before stays when a release changes it.
copy_out later-out
cp "$source_root/models/web.bin" later-out/share/nca/models/smiley.bin
good "$scripts/install.sh" install "$work/later-out" >stays.txt
is "$(grep -c 'smiley.bin stays: it is not what was installed' stays.txt)" 1
same "$source_root/models/smiley.bin" "$PREFIX/share/nca/models/smiley.bin"
mv "$PREFIX" moved
one_frame env -i "$work/moved/bin/ffmpeg-nca"
mv moved "$PREFIX"
good "$scripts/install.sh" uninstall "$out" >/dev/null
names >prefix2
same prefix1 prefix2
same "$source_root/models/smiley.bin" "$PREFIX/share/nca/models/smiley.bin"
refused "nothing was installed" "$scripts/install.sh" uninstall "$out"
# What an interrupted install has left is taken over by the next one, and goes with it.
copy_out broken-out
ln -s /nowhere broken-out/share/nca/models/zzz.bin
if "$scripts/install.sh" install "$work/broken-out" >stdout 2>stderr; then
    fail "an install of a file that cannot be read ended well"
fi
names | grep -q bin/ffmpeg-nca || fail "the broken install did not begin"
good "$scripts/install.sh" install "$out" >/dev/null
good "$scripts/install.sh" uninstall "$out" >/dev/null
names >prefix2
same prefix1 prefix2
export PREFIX="$work/new/deep"
good "$scripts/install.sh" install "$out" >/dev/null
good "$scripts/install.sh" uninstall "$out" >/dev/null
is "$(find "$work/new" ! -type d)" ""
is "$(ls "$PREFIX")" ""
# The program that `meson install` brings there keeps the models.
good "$scripts/install.sh" install "$out" >/dev/null
sed -i '/\/$/d' "$PREFIX/lib/nca/ffmpeg.list" # a list without folders
good "$scripts/install.sh" install "$out" >/dev/null
touch "$PREFIX/bin/nca"
good "$scripts/install.sh" uninstall "$out" >stays.txt
is "$(grep -c 'the models stay' stays.txt)" 1
is "$(cd "$PREFIX" && find . ! -type d ! -name '*.bin')" ./bin/nca
same "$source_root/models/lizard.bin" "$PREFIX/share/nca/models/lizard.bin"
PREFIX=new/deep refused "PREFIX=new/deep: a path" "$scripts/install.sh" install "$out"
mkdir link-prefix link-bin
ln -s ../link-bin link-prefix/bin
PREFIX=$work/link-prefix good "$scripts/install.sh" install "$out" >/dev/null
one_frame env -i "$work/link-prefix/bin/ffmpeg-nca"
# What `meson install` copies is the same, without links.
PREFIX="$work/laid out" good "$scripts/install.sh" lay-out "$out" laid-out
is "$(find laid-out ! -type d ! -type f)" ""
mkdir -p "laid out/lib"
mv laid-out/bin "laid out"
mv laid-out/nca "laid out/lib"
is "$(cd "laid out" && find . ! -type d | sort)" \
    "$(cd link-prefix && find bin/ lib ! -type d ! -name ffmpeg.list ! -name models.sum -printf './%p\n' | sort)"
cp -r link-prefix/share "laid out"
one_frame env -i "$work/laid out/lib/nca/path/ffmpeg"

# ------------------------------------------------------------------ what is refused
make_source() {
    mkdir -p "$1/libavfilter"
    echo "#define LIBAVFILTER_VERSION_MAJOR   $2" >"$1/libavfilter/version_major.h"
    printf 'extern const %s ff_vf_n%s;\n' "$3" egate "$3" ull >"$1/libavfilter/allfilters.c"
    printf 'extern const %s ff_vsrc_nullsrc;\n' "$3" >>"$1/libavfilter/allfilters.c"
    for name in NEGATE NULL NULLSRC; do
        printf 'OBJS-$(CONFIG_%s_FILTER)    += x.o\n' $name
    done >"$1/libavfilter/Makefile"
    touch "$1/configure"
}
make_source wrong 3 AVFilter
refused "wrong is of libavfilter 3, and $program uses ${soname##*.}" build_again new-out wrong
refused "mine: not an FFmpeg source" build_again new-out mine
refused "a build folder without : and ;" build_again "new:out"
[ ! -e new-out ] || fail "something was written"
tools=$work/tools
mkdir tools
for tool in awk basename bash cat dirname ldd make nm pkg-config realpath sed strip uname \
    "${cc[@]}"; do
    ln -s "$(command -v "$tool")" tools
done
ln -s "$(command -v nasm || command -v yasm || command -v true)" tools/nasm
refused "ffmpeg is not installed: apt-get install ffmpeg" build_again new-out
printf '#!/bin/sh\n' >tools/ffmpeg
chmod +x tools/ffmpeg
refused "tools/ffmpeg has its libavfilter built in" build_again new-out
ln -sf "$program" tools/ffmpeg
rm tools/make
refused "make missing: apt-get install make" build_again new-out
unset tools

# ---------------------------------------------------------------------------- inject
for type in AVFilter FFFilter; do
    make_source "src $type" 8 $type
    echo 'OBJS-$(CONFIG_NCA_FILTER) += of_an_earlier_version.o' >>"src $type/libavfilter/Makefile"
    good "$scripts/inject.sh" "src $type"
    is "$(sed -n 1p "src $type/libavfilter/allfilters.c")" "extern const $type ff_vf_nca;"
    is "$(sed -n 4p "src $type/libavfilter/allfilters.c")" "extern const $type ff_vsrc_ncasrc;"
    is "$(grep -c 'CONFIG_NCA.* += vf_nca.o nca_creature.o nca_image.o$' "src $type/libavfilter/Makefile")" 2
    for file in "$scripts"/*.[ch]; do
        same "$file" "src $type/libavfilter/$(basename "$file")"
    done
    listing "src $type" >injected
    good "$scripts/inject.sh" "src $type"
    listing "src $type" >injected2
    same injected injected2
done
make_source unknown 8 FFFilter
sed -i '/nullsrc/d' unknown/libavfilter/allfilters.c
refused "not one line like" "$scripts/inject.sh" unknown
refused "not an FFmpeg source" "$scripts/inject.sh" mine

listing "$source_root" >after
is "$(comm -3 before after)" ""
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Other machines, by emulation: core's tests on an aarch64, the same bits of a frame from NEON,
# AVX2 and plain C, and a program that runs where there is no AVX.  FOLDER keeps what is fetched
# and built.  Usage: tests/tools/machines.sh NCA FOLDER
# shellcheck source=tests/cli_check.sh
folder=$(mkdir -p "$2" && realpath "$2")
. "$(dirname "$0")/../cli_check.sh"
root=$folder/arm64
cross=$folder/build-arm64
skip() { echo "left out: $*"; exit 77; }

[ "$(uname -m)" = x86_64 ] || skip "this is not an x86-64"
for program in aarch64-linux-gnu-gcc qemu-aarch64 qemu-x86_64 apt-get dpkg-deb; do
    type "$program" >/dev/null 2>&1 || skip "there is no $program"
done

# ------------------------------------------------------------------- the aarch64
# Libraries for it, from where this system's packages are from; the system's own state is not
# touched.
fetch_libraries() {
    local apt=$folder/apt package
    local own=(-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$apt"
        -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root)
    rm -rf "$apt" "$root"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$root/usr/lib"
    ln -s usr/lib "$root/lib"
    : >"$apt/status"
    apt-get -q "${own[@]}" update &&
        apt-get -q -y "${own[@]}" install --no-install-recommends --download-only \
            libc6-dev libjansson-dev libmd-dev libpng-dev || return
    for package in "$apt"/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root" || return
    done
    rm -rf "$apt"
    touch "$root/.ready"
}

if [ ! -e "$root/.ready" ]; then
    fetch_libraries >"$folder/fetch.log" 2>&1 ||
        skip "no libraries for aarch64: $(tail -n 1 "$folder/fetch.log")"
fi

cat >"$folder/arm64.ini" <<END
[constants]
root = '$root'
[binaries]
c = 'aarch64-linux-gnu-gcc'
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = ['qemu-aarch64', '-L', root]
[properties]
sys_root = root
pkg_config_libdir = root / 'usr/lib/aarch64-linux-gnu/pkgconfig'
[built-in options]
c_args = ['--sysroot=' + root]
c_link_args = ['--sysroot=' + root]
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
END

# log NAME COMMAND…: into a log, which is shown where the command fails.
log() {
    local log=$folder/$1.log
    local status=0
    "${@:2}" </dev/null >"$log" 2>&1 || status=$?
    [ $status -eq 0 ] || [ $status -eq 77 ] || tail -n 40 "$log" >&2
    return $status
}
cross_build() {
    [ -e "$cross/build.ninja" ] ||
        log setup meson setup "$cross" "$source_root" --cross-file "$folder/arm64.ini" --werror \
            -Dtests=enabled -Dcli=enabled -Dopencl=disabled -Dgimp=disabled -Dfrei0r=disabled &&
        log build ninja -C "$cross"
}
cross_build || { fail "no build for aarch64"; finish; }

# Not those that grow or train for long, which are hours when emulated; steps are seen below.
programs=(adam events file grid kernels kernels_fire model network pool rollout safetensors shift subnormal)
log tests meson test -C "$cross" --no-rebuild --print-errorlogs --timeout-multiplier 10 \
    "${programs[@]}" || fail "tests of core on an aarch64"
sed -n '/^Ok:/p; /^Fail:/p; /^Timeout:/p' "$folder/tests.log" | xargs echo "aarch64: ${programs[*]}:"

# program NAME COMMAND…: a program of that name that runs the command.
program() {
    printf '#!/bin/bash\nexec %s"$@"\n' "$(printf '%q ' "${@:2}")" >"$1"
    chmod 755 "$1"
}
program reference qemu-aarch64 -L "$root" "$cross/tests/test_reference"
log reference python3 "$source_root/tests/reference_check.py" "$work/reference"
case $? in
0) tail -n 1 "$folder/reference.log" ;;
77) echo "left out: the reference on an aarch64: $(tail -n 1 "$folder/reference.log")" ;;
*) fail "the reference on an aarch64" ;;
esac

# ------------------------------------------------------------------- the machines
program neon qemu-aarch64 -L "$root" "$cross/core/cli/nca"
program c_aarch64 env NCA_CPU=c "$work/neon"
program nehalem qemu-x86_64 -cpu Nehalem "$nca"
program core2duo qemu-x86_64 -cpu core2duo "$nca"
program haswell qemu-x86_64 -cpu Haswell "$nca"
program c env NCA_CPU=c "$nca"
program sse2 env NCA_CPU=sse2 "$nca"
program avx2 env NCA_CPU=avx2 "$nca"

level() { "./$1" --version 2>/dev/null | sed -n 's/^level \([^,]*\),.*/\1/p'; }
fused=(c c_aarch64 neon haswell)
if [ "$(level avx2)" = avx2 ]; then
    fused=(avx2 "${fused[@]}")
else
    echo "left out: this machine has no avx2 but an emulated one"
fi
while read -r machine expected; do
    is "$machine $(level "$machine")" "$machine $expected"
done <<'END'
neon neon
c_aarch64 c
nehalem sse2
core2duo sse2
haswell avx2
END

# ------------------------------------------------------------------- the same frames
frames=0
# compare FRAMES MODEL OPTION… -- MACHINE…: raw frames of all machines are those of the first.
compare() {
    local count=$1 options=() machine expected sum
    shift
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    echo "grow ${options[*]##*/}"
    for machine; do
        "./$machine" grow "${options[@]}" --steps $((count - 1)) -o - >raw 2>stderr ||
            fail "$machine: $(cat stderr)"
        sum=$(sha256sum <raw)
        sum=${sum%% *}
        printf '  %-10s %s frames of %s bytes, sha256 %s\n' "$machine" "$count" \
            $(($(wc -c <raw) / count)) "$sum"
        is "$machine $sum" "$machine ${expected:=$sum}"
        frames=$((frames + count))
    done
    [ "$(tr -d '\0' <raw | wc -c)" -gt 10000 ] || fail "no picture in $count frames"
}
make_model blob.bin
lizard=$source_root/models/lizard.bin
wounds='0 plant 50% 50% | 24 erase circle 33% 50% 3 | 32 erase half upper | 40 angle 30 | 44 fire 0.8'
old=(sse2 nehalem core2duo)
compare 65 "$lizard" --seed 7 --grid 48x40 --events "$wounds" -- "${fused[@]}"
compare 65 "$lizard" --seed 9 --grid 33x47 --edge wrap --angle 77 --threads 3 -- "${fused[@]}"
compare 201 blob.bin --seed 5 --grid 61x37 --edge wrap --events "$wounds" -- "${fused[@]}"
compare 201 blob.bin --seed 5 --grid 40x56 --angle 200 -- "${fused[@]}"
compare 65 "$lizard" --seed 7 --grid 48x40 --events "$wounds" -- "${old[@]}"
compare 201 blob.bin --seed 5 --grid 61x37 --edge wrap --angle 20 -- "${old[@]}"
echo "$frames frames compared"

# ------------------------------------------------------------------- training
# The same model at the same level, on whatever machine; for the others this only tells.
good "$nca" grow blob.bin -o picture.png --steps 14
declare -A trained
for machine in c c_aarch64 neon sse2 nehalem core2duo avx2 haswell; do
    "./$machine" train picture.png -o model.bin --size 8 --padding 3 --channels 8 --hidden 6 \
        --batch 5 --pool 12 --iterations 12 --seed 3 --threads 2 --from-scratch >stdout 2>stderr ||
        fail "$machine: $(cat stderr)"
    sum=$(sha256sum <model.bin)
    printf 'train 12 iterations: %-10s sha256 %s\n' "$machine" "${sum%% *}"
    level=$(level "$machine")
    is "$machine $sum" "$machine ${trained[$level]:=$sum}"
done
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Usage: tests/run.sh [--all]
# Installs what the tests need, builds, tests, and closes with one line: N passed, N failed,
# N skipped.  In the short set:
#   gcc         warnings are errors; the tests, FFmpeg's and GIMP's own programs among them
#   sanitizers  the tests under those of addresses and of undefined behaviour
#   threads     those of threads under the thread sanitizer
#   GIMP 3      in Debian 13, where the system's own is GIMP 2.10
# --all leaves no test of these out, has OpenCL under the sanitizers, and goes on with
#   clang       warnings are errors; its build's tests
#   lint        clang-tidy and cppcheck
#   valgrind    the program under memcheck
#   levels      core's tests at lesser instruction sets; plain C is next
#   plain       without SIMD core's tests but the long ones, which are slow so; without OpenCL all
#               but GIMP's
#   machines    an aarch64 and x86-64s without AVX, by emulation
#   at length   every allocation and every call about a file failed, 200 trainings killed, the
#               filters in what is installed, every test from the released tarball
set -eu
cd "$(dirname "$0")/.."
me=tests/run.sh
all=
case ${1-} in
'') ;;
--all) all=1 ;;
--help) sed -n 's/^# \{0,1\}//p' tests/run.sh | sed -n '/^Usage/,/tarball$/p'; exit 0 ;;
*) echo "$me: \"$1\" where --all was expected" >&2; exit 2 ;;
esac
. examples/install.sh

# Debian's own python3 has the numpy that is installed below; another one in front may not.
export PATH=/usr/bin:/bin:$PATH LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1

say "packages"
gimp_headers=$(first_known libgimp-3.0-dev libgimp2.0-dev)
gimp_theme=() # what GIMP 2.10's own themes are drawn by
[ "$gimp_headers" != libgimp2.0-dev ] || gimp_theme=(gtk2-engines-pixbuf)
format=$(first_known clang-format-14 gcc) # the version that .clang-format is for, if there is one
install_missing gcc libc6-dev meson ninja-build pkg-config libjansson-dev libmd-dev libpng-dev \
    binutils adwaita-icon-theme debootstrap dpkg-dev ffmpeg fonts-dejavu-core \
    frei0r-plugins-dev g++ gettext gimp git groff-base "$gimp_headers" "${gimp_theme[@]}" \
    libgtk-3-dev libgtk2.0-dev locales make mandoc melt mpv nasm ocl-icd-opencl-dev openbox \
    pocl-opencl-icd pyflakes3 python3 python3-numpy python3-pil shellcheck time x11-utils xauth \
    xdotool xvfb "$format"
[ -z "$all" ] ||
    install_missing clang clang-tidy cppcheck gcc-aarch64-linux-gnu libc6-dbg qemu-user valgrind

tools=build-tests-tools.json
rm -f $tools
logs=() before=() log=testlog

stage() { say "$1 (after $((SECONDS / 60)) min)"; }
# count NAME OK|SKIP|FAIL: what is no test of meson's.
count() { printf '{"name": "%s", "result": "%s"}\n' "$1" "$2" >>$tools; }
left_out() { say "left out: $1: $2"; count "$1" SKIP; }

# tool NAME COMMAND…: a command whose exit status is a verdict.
tool() {
    local name=$1 status=0
    shift
    stage "$name"
    "$@" </dev/null || status=$?
    case $status in
    0) count "$name" OK ;;
    77) count "$name" SKIP ;;
    *) count "$name" FAIL ;;
    esac
}

# One folder of kernels that PoCL has built, for all build folders.
share_kernels() {
    mkdir -p build-tests/tests/cache "$1/tests"
    [ -L "$1/tests/cache" ] || rm -rf "$1/tests/cache"
    ln -sfn ../../build-tests/tests/cache "$1/tests/cache"
}

# Where GIMP is 2.10, the other one's system is made beside all else; its processes and mounts end
# with the script.
gimp3=build-tests-gimp3
alone=(unshare --mount --pid --fork --kill-child --mount-proc)
gimp3_maker=
if [ "$gimp_headers" = libgimp2.0-dev ] && [ "$(id -u)" -eq 0 ] &&
    grep -qsx 'ID="\{0,1\}debian"\{0,1\}' /etc/os-release &&
    command -v debootstrap >/dev/null && "${alone[@]}" true; then
    mkdir -p $gimp3
    "${alone[@]}" tests/gimp/system.sh trixie $gimp3 make </dev/null >$gimp3/system.log 2>&1 &
    gimp3_maker=$!
    trap 'kill -KILL $(jobs -pr) 2>/dev/null || :' EXIT # only if it still runs
fi

# Whether a log of meson's has tests that failed.
has_failed() { grep -q '"result": "\(FAIL\|TIMEOUT\|ERROR\|UNEXPECTEDPASS\)"' "$1"; }

# run_tests FOLDER ARGUMENT…: a failed test is counted at the end and does not stop the others;
# where meson fails and its log has none that did, that is a failure of its own.  `before` is a
# command that starts another, `log` the name of meson's log.
run_tests() {
    local folder=$1 status=0
    shift
    rm -f "$folder/meson-logs/$log.json"
    "${before[@]}" meson test -C "$folder" --no-rebuild --print-errorlogs --logbase $log "$@" \
        </dev/null || status=$?
    [ $status -eq 0 ] || has_failed "$folder/meson-logs/$log.json" ||
        count "meson test in $folder" FAIL
    logs+=("$folder/meson-logs/$log.json")
}

short=(--no-suite whole) few=(--no-suite whole --no-suite long) opencl=disabled
[ -z "$all" ] || short=() few=() opencl=enabled

stage "gcc"
configure build-tests --werror -Dtests=enabled -Dcli=enabled -Dfrei0r=enabled -Dgimp=enabled
build build-tests
# Without the source of FFmpeg the other tests still run.
ninja -C build-tests ffmpeg </dev/null ||
    count "libavfilter with the filters" FAIL
run_tests build-tests "${short[@]}"

# The filters are compiled once more below, and linked with the rest of that libavfilter.
libav=$PWD/build-tests/ffmpeg-filter/work/src
make -C "$libav" libavfilter/libavfilter.a >build-tests/libav.log 2>&1 </dev/null ||
    { libav=; count "libavfilter.a for the sanitizers and lint" FAIL; }

stage "sanitizers"
if [ -r /proc/self/maps ]; then
    configure build-tests-sanitize --buildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false -Dtests=enabled -Dgimp=enabled -Dffmpeg=disabled -Dopencl=$opencl \
        -Dffmpeg_source="$libav" -Dc_args='-fsanitize=float-cast-overflow -fno-sanitize-recover=all -g1'
    build build-tests-sanitize
    share_kernels build-tests-sanitize
    run_tests build-tests-sanitize --timeout-multiplier 4 "${few[@]}"
else
    left_out sanitizers "they need /proc"
fi

# What starts a program of the thread sanitizer, into `before`: setarch, as some kernels scatter
# memory further than its library expects, or nothing where that is not allowed.  Fails where
# neither does.
find_before() {
    echo 'int main(void) { return 0; }' |
        "${CC:-cc}" -fsanitize=thread -x c - -o build-tests-probe/probe || return
    before=(setarch -R)
    "${before[@]}" build-tests-probe/probe && return
    before=()
    build-tests-probe/probe
}

stage "threads"
mkdir -p build-tests-probe
if find_before >build-tests-probe/probe.log 2>&1; then
    tests=(grid_threads job pool train_batch)
    configure build-tests-thread --buildtype=debugoptimized -Db_sanitize=thread \
        -Db_lundef=false -Dtests=enabled -Dcli=disabled -Dgimp=disabled -Dffmpeg=disabled \
        -Dfrei0r=disabled -Dopencl=disabled
    build build-tests-thread "${tests[@]/#/tests/test_}"
    run_tests build-tests-thread --timeout-multiplier 4 "${tests[@]}"
    before=()
else
    left_out threads "their sanitizer does not run here: see build-tests-probe/probe.log"
fi

stage "GIMP 3"
if [ "$gimp_headers" != libgimp2.0-dev ]; then
    say "left out: this system's own GIMP is a later one than 2.10"
elif [ -z "$gimp3_maker" ]; then
    left_out "GIMP 3" "needs Debian, root, debootstrap and mounts of its own"
elif ! wait "$gimp3_maker"; then
    tail -n 20 $gimp3/system.log >&2
    count "Debian 13 with GIMP 3" FAIL
else
    rm -f $gimp3/build/meson-logs/testlog.json
    if ! tests/gimp/system.sh trixie $gimp3 </dev/null >$gimp3/tests.log 2>&1; then
        tail -n 60 $gimp3/tests.log
        has_failed $gimp3/build/meson-logs/testlog.json || count "the tests in Debian 13" FAIL
    fi
    logs+=("$gimp3/build/meson-logs/testlog.json")
fi

# without FOLDER OPTION… -- ARGUMENT…: the program and its tests, without some part.
without() {
    local folder=$1 options=()
    shift
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    configure "$folder" --werror -Dtests=enabled -Dcli=enabled -Dffmpeg=disabled \
        -Dfrei0r=disabled "${options[@]}"
    build "$folder"
    share_kernels "$folder"
    run_tests "$folder" --timeout-multiplier 4 "${@:2}"
}

if [ -n "$all" ]; then
    stage "clang"
    CC=clang configure build-tests-clang --werror -Dtests=enabled -Dffmpeg=disabled
    build build-tests-clang
    share_kernels build-tests-clang
    run_tests build-tests-clang --timeout-multiplier 4 --no-suite gimp --no-suite style
    NCA_LIBAV=$libav tool lint tests/tools/lint.sh build-tests-lint
    tool valgrind tests/tools/valgrind.sh build-tests/core/cli/nca
    stage levels
    for log in sse2 avx2; do
        NCA_CPU=$log run_tests build-tests --timeout-multiplier 4 --suite core
    done
    log=testlog
    stage plain
    without build-tests-c -Dsimd=disabled -Dgimp=disabled -- --suite core --no-suite long
    without build-tests-host -Dopencl=disabled -Dgimp=enabled -- --no-suite gimp --no-suite style
    tool machines tests/tools/machines.sh build-tests/core/cli/nca build-tests-machines

    nca=build-tests/core/cli/nca faults=build-tests/tests/faults
    tool "kill -9" tests/faults/kill.sh $nca 200
    tool "calls about files" tests/faults/files.sh $nca $faults/inject all
    tool "the library's memory" $faults/test_memory all
    tool "the program's memory" tests/faults/memory.sh $nca $faults/libnth_preload.so all
    FREI0R_PATH=$PWD/build-tests/ffmpeg-filter/frei0r tool "the filters' memory" \
        tests/faults/ffmpeg.sh build-tests/ffmpeg-filter/bin $faults/libnth_preload.so all
    NCA_PACKAGE=full tool "what is installed" tests/package/install.sh
    NCA_PACKAGE=full tool "what is released" tests/package/dist.sh
fi

[ ! -e $tools ] || logs+=("$tools")
stage "the end"
python3 tests/count.py "${logs[@]}"

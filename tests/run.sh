#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Installs what the tests need, builds with warnings as errors, runs every test, runs the modules'
# tests once more under the address and undefined-behaviour sanitizers and those of threads under
# the thread sanitizer, and lets clang judge the code where it is there.  Closes with one line:
# N passed, N failed, N skipped.
set -eu
cd "$(dirname "$0")/.."
me=tests/run.sh
. examples/install.sh

# Debian's own python3 has the numpy that is installed below; another one in front may not.
export PATH=/usr/bin:/bin:$PATH LC_ALL=C.UTF-8

say "[1/6] packages"
gimp_headers=$(first_known libgimp-3.0-dev libgimp2.0-dev)
gimp_theme=() # what GIMP 2.10's own themes are drawn by
[ "$gimp_headers" != libgimp2.0-dev ] || gimp_theme=(gtk2-engines-pixbuf)
install_missing gcc libc6-dev meson ninja-build pkg-config libjansson-dev libmd-dev libpng-dev \
    binutils adwaita-icon-theme debootstrap dpkg-dev ffmpeg fonts-dejavu-core \
    frei0r-plugins-dev g++ gettext gimp git groff-base "$gimp_headers" "${gimp_theme[@]}" \
    libgtk-3-dev libgtk2.0-dev locales make mandoc melt mpv nasm ocl-icd-opencl-dev openbox \
    pocl-opencl-icd pyflakes3 python3 python3-numpy python3-pil shellcheck time x11-utils xauth \
    xdotool xvfb

logs=() before=() failed=()

# Where GIMP is 2.10, the other one's system is made beside all else.
gimp3=build-tests-gimp3
gimp3_maker=
if [ "$gimp_headers" = libgimp2.0-dev ] && [ "$(id -u)" -eq 0 ] &&
    command -v debootstrap >/dev/null && unshare --mount true; then
    mkdir -p $gimp3
    tests/gimp/system.sh trixie $gimp3 make </dev/null >$gimp3/system.log 2>&1 &
    gimp3_maker=$!
fi

# run_tests FOLDER ARGUMENT…: a failed test is counted at the end and does not stop the others.
# `before` is a command that starts another.
run_tests() {
    local folder=$1
    shift
    rm -f "$folder/meson-logs/testlog.json"
    "${before[@]}" meson test -C "$folder" --no-rebuild --print-errorlogs "$@" </dev/null || true
    logs+=("$folder/meson-logs/testlog.json")
}

say "[2/6] build and test: gcc, warnings are errors"
configure build-tests --werror -Dtests=enabled -Dcli=enabled -Dfrei0r=enabled -Dgimp=enabled
build build-tests
# Without the source of FFmpeg the other tests still run.
ninja -C build-tests ffmpeg </dev/null ||
    failed+=("libavfilter with the filters could not be made")
run_tests build-tests

say "[3/6] build and test: sanitizers"
if [ -r /proc/self/maps ]; then
    configure build-tests-sanitize --buildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false -Dc_args=-fno-sanitize-recover=all -Dtests=enabled -Dgimp=enabled \
        -Dffmpeg=disabled
    build build-tests-sanitize
    run_tests build-tests-sanitize --timeout-multiplier 4
else
    say "left out: the sanitizers need /proc"
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

say "[4/6] build and test: threads"
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
    say "left out: the thread sanitizer does not run here: see build-tests-probe/probe.log"
fi

say "[5/6] build: clang, warnings are errors"
if command -v clang >/dev/null; then
    CC=clang configure build-tests-clang --werror -Dtests=enabled -Dffmpeg=auto
    build build-tests-clang
else
    say "left out: clang is not installed"
fi

say "[6/6] build and test: GIMP 3 in Debian 13"
if [ "$gimp_headers" != libgimp2.0-dev ]; then
    say "left out: this system's own GIMP is a later one than 2.10"
elif [ -z "$gimp3_maker" ]; then
    say "left out: needs root, debootstrap and mounts of its own"
    echo '{"name": "GIMP 3 in Debian 13", "result": "SKIP"}' >build-tests-gimp3.json
    logs+=(build-tests-gimp3.json)
elif ! wait "$gimp3_maker"; then
    tail -n 20 $gimp3/system.log >&2
    failed+=("Debian 13 with GIMP 3 could not be made")
else
    rm -f $gimp3/build/meson-logs/testlog.json
    tests/gimp/system.sh trixie $gimp3 </dev/null >$gimp3/tests.log 2>&1 || tail -n 60 $gimp3/tests.log
    logs+=("$gimp3/build/meson-logs/testlog.json")
fi

[ ${#failed[@]} -eq 0 ] || printf 'failed: %s\n' "${failed[@]}" >&2
python3 tests/count.py "${logs[@]}" && [ ${#failed[@]} -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes a Debian SUITE with its GIMP and all that the plug-in's tests need in FOLDER/root, as root,
# and runs those tests inside it: their log is FOLDER/build/meson-logs/testlog.json.  What is
# there already is kept.  Usage: system.sh SUITE FOLDER [make]    make: only the system
set -eu
cd "$(dirname "$0")/../.."
suite=$1
mkdir -p "$2"
folder=$(realpath "$2")
root=$folder/root
packages=(gcc libc6-dev meson ninja-build pkg-config libjansson-dev libmd-dev libpng-dev gettext
    gimp libgimp-3.0-dev adwaita-icon-theme fonts-dejavu-core locales openbox python3
    python3-numpy python3-pil xauth x11-utils xdotool xvfb)

# Where this system's own packages are from.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" \
        "Codename: $(. /etc/os-release && echo "$VERSION_CODENAME")" | head -n 1
}

make_system() {
    rm -rf "$root"
    debootstrap --variant=minbase "$suite" "$root" "$(mirror)"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fast"
    {
        apt-config dump Acquire::Check-Valid-Until Acquire::Check-Date Acquire::http
        echo 'APT::Install-Recommends "0";'
    } >"$root/etc/apt/apt.conf.d/00tests"
    chroot "$root" apt-get -q update
    DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -q -y install "${packages[@]}"
    chroot "$root" apt-get clean
    echo "${packages[*]}" >"$root/.ready"
}

[ "$(cat "$root/.ready" 2>&1)" = "${packages[*]}" ] || make_system
[ "${3-}" != make ] || exit 0

shared=$(realpath -m ../shared)
binds=(-b "$PWD")
[ ! -d "$shared" ] || binds+=(-b "$shared")
# shellcheck disable=SC2016
tests/gimp/enter.sh "$root" "${binds[@]}" env LC_ALL=C.UTF-8 bash -euc '
    cd "$1"
    [ -e "$2/build.ninja" ] || meson setup "$2" --werror -Dgimp=enabled -Dtests=enabled \
        -Dcli=enabled -Dffmpeg=disabled -Dfrei0r=disabled
    ninja -C "$2" gimp core/cli/nca
    meson test -C "$2" --no-rebuild --print-errorlogs --suite gimp' tests "$PWD" "$folder/build"

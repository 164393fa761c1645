#!/bin/bash
# SPDX-License-Identifier: MIT
#
# From a fresh Debian to the plug-in in your own GIMP, 2.10 or 3: installs what is missing, builds,
# and puts the plug-in into your profile.  Usage: examples/gimp.sh [--remove]
set -eu
case ${1-} in
--remove) ;;
-*) sed -n '4,5s/^# //p' "$0" && exit ;;
esac
cd "$(dirname "$0")/.."
me=gimp
. examples/install.sh

if [ "${1-}" = --remove ]; then
    ninja -C build --quiet gimp-uninstall
    exit
fi

[ -z "${SUDO_USER-}" ] || [ "$(id -u)" -ne 0 ] ||
    fail "call it without sudo, for it puts the plug-in into the profile of who calls; it asks for a password itself"

say "[1/3] packages"
gimp_headers=$(first_known libgimp-3.0-dev libgimp2.0-dev)
install_missing gcc gettext gimp libc6-dev libjansson-dev libmd-dev "$gimp_headers" meson \
    ninja-build pkg-config

say "[2/3] build"
configure build -Dgimp=enabled
build build gimp

say "[3/3] your profile"
ninja -C build --quiet gimp-install

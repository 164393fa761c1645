# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
#
# Sourced by quickstart.sh and tests/run.sh: Debian packages, builds, and plain words about both.
# The caller sets `me`, its own name in messages.

say() { printf '%s: %s\n' "$me" "$*"; }
fail() { printf '%s: %s\n' "$me" "$*" >&2; exit 1; }

# A log that is shown only when the command fails: quiet LOG WHAT COMMAND…
quiet() {
    local log=$1 what=$2
    shift 2
    if ! ("$@") </dev/null >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        fail "$what failed: see $log"
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "needs root or sudo for: $*"
    fi
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

apt_update() { as_root apt-get -q update; }

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install "$@"
}

# Without lists, or with lists so old that a file has gone from the mirror, they are fetched first.
apt_fetch() {
    apt-cache show "$@" >/dev/null 2>&1 || apt_update
    apt_install "$@" || { apt_update && apt_install "$@"; }
}

# The first of these packages that the lists know; without lists, or without apt, the last.
first_known() {
    local package
    if ! command -v apt-get >/dev/null; then
        printf '%s' "${!#}"
        return
    fi
    compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || (apt_update >&2) || :
    for package; do
        ! apt-cache show "$package" >/dev/null 2>&1 || break
    done
    printf '%s' "$package"
}

# Says what is missing and installs that.
install_missing() {
    local package log missing=()
    if ! command -v apt-get >/dev/null; then
        say "no apt-get here; going on with what this system has of: $*"
        return
    fi
    for package; do
        installed "$package" || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "all packages are there"
        return
    fi
    say "installing ${missing[*]}"
    log=$(mktemp -t nca-install.XXXXXX)
    quiet "$log" "installing packages" apt_fetch "${missing[@]}"
    rm "$log"
}

# configure FOLDER OPTION…: a build folder of these options, set up anew if it cannot be used as it is;
# what else is in it stays.
configure() {
    local folder=$1
    shift
    if [ -e "$folder/build.ninja" ] && # the one reads new options, but only the other sets c_args
        { meson setup --reconfigure "$folder" "$@" && meson configure "$folder" "$@"; } \
            </dev/null >"$folder/configure.log" 2>&1; then
        return
    fi
    rm -rf "$folder"/{build.ninja,.ninja_*,meson-*,compile_commands.json}
    mkdir -p "$folder"
    quiet "$folder/configure.log" "configuring $folder" meson setup "$folder" "$@"
}

# build FOLDER TARGET…: all targets where none is named
build() {
    local folder=$1
    shift
    quiet "$folder/build.log" "building in $folder" ninja -C "$folder" "$@"
}

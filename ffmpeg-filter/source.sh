# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
#
# Sourced by libavfilter.sh: the FFmpeg source that fits the installed library, in $work/src.
# Either a copy of the folder that is given, which is only read, or the source package of just
# the installed version, fetched by an apt with lists and cache of its own in $work/apt.

fresh=$work/fresh # a source that is not whole yet
space=500 # MB of disk for source and objects

need_space() {
    local free
    free=$(df -Pm "$work" | awk 'END { print $4 }')
    [ "$free" -ge "$space" ] || fail "$work: $free MB of disk are free, $space are needed"
}

# Whose source is wanted, so that another is fetched when FFmpeg was upgraded.
source_key() {
    if [ -n "$given" ]; then
        printf 'folder %s ' "$given"
        cat "$given/configure" "$given/libavfilter/"{allfilters.c,version*.h} | cksum
    else
        dpkg-query -W -f 'package ${source:Package} ${source:Version}\n' "$package"
    fi
}

# The major version of libavfilter in the source FOLDER.
source_major() {
    sed -n 's/^#define LIBAVFILTER_VERSION_MAJOR *//p' "$1/libavfilter/"version*.h 2>/dev/null |
        tr -d ' \r'
}

check_major() {
    local major
    major=$(source_major "$1")
    [ -n "$major" ] || fail "$1: not an FFmpeg source"
    [ "$soname" = "libavfilter.so.$major" ] ||
        fail "$1 is of libavfilter $major, and $program uses ${soname##*.}: give a source of that"
}

# find_origin: sets `given`, or `package` that the installed library came from.
find_origin() {
    if [ -n "$given" ]; then
        given=$(realpath -m "$given")
        check_major "$given"
        return
    fi
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
        fail "no apt here to fetch FFmpeg's source with: meson configure -Dffmpeg_source=FOLDER"
    package=$(dpkg-query -S "$(realpath "$library")" 2>/dev/null | sed 's/: .*//; q')
    [ -n "$package" ] || fail "$library is of no package:" \
        "give its source by meson configure -Dffmpeg_source=FOLDER"
}

# The files of apt entries that offer the package, or all where none can be told, as on a
# machine without lists.
entry_files() {
    local uri places entry list parts file
    places=$(apt-cache madison "$package" | awk '{ print $5 }' | sort -u)
    apt-get indextargets --format '$(SOURCESENTRY) $(REPO_URI)' 'Created-By: Packages' |
        while read -r entry uri; do
            ! grep -qxF "${uri%/}" <<<"$places" || echo "${entry%:*}"
        done | sort -u | grep . && return
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    for file in "$list" "$parts"*.list "$parts"*.sources; do
        [ ! -e "$file" ] || echo "$file"
    done
}

# The machine's own entries with their keys and options, as entries of sources.
write_entries() {
    local file count=0
    while read -r file; do
        count=$((count + 1))
        case $file in
        *.sources) sed 's/^Types:.*/Types: deb-src/I' "$file" >"$apt/parts/$count.sources" ;;
        *) sed -n '/cdrom:/d; s/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file" \
            >"$apt/parts/$count.list" ;;
        esac
    done < <(entry_files)
}

# Read after the machine's own settings: its proxies hold, its hooks do not.
write_apt_settings() {
    cat >"$apt/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/parts";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
}

# fetch PACKAGE VERSION: a package of sources to $apt/download
fetch() {
    local versions
    rm -rf "$apt"
    mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download"
    write_entries
    write_apt_settings
    apt-get -c "$apt/apt.conf" -q update || true # one repository of many may be away
    versions=$(apt-cache -c "$apt/apt.conf" showsrc --only-source "$1" |
        sed -n 's/^Version: //p' | sort -uV | tr '\n' ' ')
    [ -n "$versions" ] || return
    [[ " $versions" == *" $2 "* ]] ||
        fail "$1 $2 is gone from the mirrors, which have: ${versions% };" \
            "apt-get update && apt-get upgrade, or give -Dffmpeg_source=FOLDER"
    (cd "$apt/download" &&
        apt-get -c "$apt/apt.conf" -q --only-source --download-only source "$1=$2")
}

unpack() {
    dpkg-source --no-check --no-copy -x "$apt/download/"*.dsc "$fresh/src" || return
    rm -rf "$apt"
}

# What an earlier build left in the given folder would be taken for results of this one.
copy_given() {
    mkdir "$fresh/src" &&
        tar -C "$given" -c --exclude=./.git --exclude='*.[oad]' --exclude='*.so*' \
            --exclude='./ff*_g' --exclude=./ffmpeg --exclude=./ffplay --exclude=./ffprobe \
            --exclude='./config*.h' --exclude='./config*.asm' --exclude='./ffbuild/config*' \
            --exclude=./ffbuild/.config --exclude=./fate-suite --exclude='./nca-*' . |
        tar -C "$fresh/src" -x
}

accept_source() {
    check_major "$fresh/src"
    source_key >"$fresh/src/nca-source"
    mv "$fresh/src" "$work/src"
    rm -rf "$fresh"
}

bring_source() {
    local key
    key=$(source_key)
    [ "$(cat "$work/src/nca-source" 2>/dev/null)" != "$key" ] || return 0
    rm -rf "$work/src" "$fresh"
    need_space
    mkdir "$fresh"
    if [ -n "$given" ]; then
        stage "copying $given" copy copy_given
    else
        need_tools dpkg-source:dpkg-dev
        # shellcheck disable=SC2086 # two words
        stage "fetching the source: ${key#package }" fetch fetch ${key#package }
        stage "unpacking" unpack unpack
    fi
    accept_source
}

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs a command inside the system in ROOT, as its root, with folders of this system at their own
# place, in mounts that end with the command.  Usage: enter.sh ROOT [-b FOLDER]... COMMAND...
set -eu
root=$(realpath "$1")
shift
folders=()
while [ "$1" = -b ]; do
    folders+=("$(realpath "$2")")
    shift 2
done
# shellcheck disable=SC2016
exec unshare --mount --propagation private bash -euc '
    root=$1 count=$2
    shift 2
    mount --rbind "$root" "$root"
    for ((; count > 0; count--)); do
        mkdir -p "$root$1"
        mount --bind "$1" "$root$1"
        shift
    done
    mount -t proc proc "$root/proc"
    mkdir -p "$root/dev/shm" "$root/.old"
    cd "$root"
    pivot_root . .old
    umount -l /.old
    cd /
    exec "$@"' enter "$root" ${#folders[@]} "${folders[@]}" "$@"

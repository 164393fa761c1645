#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Disks that are full or read-only, devices that are full, and a limit on the size of files.
# Usage: tests/faults/disk.sh NCA
set -u
nca=$(realpath "$1") me=$(realpath "$0")
if [ "${2:-}" != mounted ]; then
    # shellcheck source=tests/check.sh
    . "$(dirname "$0")/../check.sh"
else
    . "$(dirname "$me")/../check.sh"
    cd "$3" || exit 1
fi
tiny=(--size 4 --padding 0 --channels 4 --hidden 1 --batch 1 --pool 1 -j 1 -i 3)
tried=0

# refuse REASON FILE COMMAND…: it ends with 1 and a line that tells both, the last file is as it was.
refuse() {
    local reason=$1 file=$2 status=0 before=
    shift 2
    [ ! -f "$file" ] || before=$(sha256sum <"$file")
    "$@" >stdout 2>stderr || status=$?
    [ $status -eq 1 ] || fail "$* -> $status: $(cat stderr)"
    grep -q "^nca: $file: $reason\$" stderr || fail "$*: no \"$file: $reason\" in $(cat stderr)"
    [ ! -f "$file" ] || is "$(sha256sum <"$file")" "${before:-}"
    is "$(find . -name '.nca-*')" ""
    tried=$((tried + 1))
}

# In a name space of its own: a folder without room, then one that may not be written to.
if [ "${2:-}" = mounted ]; then
    mount -t tmpfs -o size=64k none full || exit 77
    echo old | tee full/m.bin full/state full/p.png full/c.json >full/log
    head -c 100000 /dev/zero >full/rest 2>/dev/null
    full='No space left on device'
    refuse "$full" full/m.bin "$nca" train picture.png "${tiny[@]}" -o full/m.bin
    refuse "$full" full/state "$nca" train picture.png "${tiny[@]}" -o m.bin --checkpoint full/state
    refuse "$full" full/new "$nca" train picture.png "${tiny[@]}" -o m.bin --checkpoint full/new
    refuse "$full" full/p.png "$nca" train picture.png "${tiny[@]}" -o m.bin --preview full/p.png
    : >full/log
    head -c 100000 /dev/zero >full/more 2>/dev/null
    refuse "$full" full/log "$nca" train picture.png "${tiny[@]}" -o m.bin --log full/log
    refuse "$full" full/p.png "$nca" grow blob.bin -o full/p.png --zoom 16
    refuse "$full" full/c.json "$nca" convert blob.bin full/c.json
    rm full/rest
    good "$nca" convert blob.bin full/c.json
    if ! { mount --bind fixed fixed && mount -o remount,bind,ro fixed; }; then
        echo "left out: a read-only file system, as none could be mounted"
        finish
    fi
    fixed='Read-only file system'
    refuse "$fixed" fixed/m.bin "$nca" train picture.png "${tiny[@]}" -o fixed/m.bin
    refuse "$fixed" fixed/state "$nca" train picture.png "${tiny[@]}" -o m.bin --checkpoint fixed/state
    refuse "$fixed" fixed/log "$nca" train picture.png "${tiny[@]}" -o m.bin --log fixed/log
    refuse "$fixed" fixed/p.png "$nca" train picture.png "${tiny[@]}" -o m.bin --preview fixed/p.png
    refuse "$fixed" fixed/p.png "$nca" grow blob.bin -o fixed/p.png
    refuse "$fixed" fixed/c.json "$nca" convert blob.bin fixed/c.json
    echo "$tried writings refused by a full and by a read-only file system"
    finish
fi

make_model blob.bin
good "$nca" grow blob.bin -o picture.png --steps 14
mkdir full fixed
echo old | tee fixed/m.bin fixed/state fixed/log fixed/p.png >fixed/c.json
: >m.bin
full='No space left on device'
refuse "$full" /dev/full "$nca" train picture.png "${tiny[@]}" -o m.bin --log /dev/full
refuse "$full" /dev/full "$nca" train picture.png "${tiny[@]}" -o m.bin --checkpoint /dev/full
refuse "$full" /dev/full "$nca" train picture.png "${tiny[@]}" -o m.bin --preview /dev/full
refuse "$full" /dev/full "$nca" grow blob.bin -o /dev/full
"$nca" grow blob.bin -o - >/dev/full 2>stderr && fail "frames into /dev/full"
is "$(cat stderr)" "nca: standard output: $full"
"$nca" info blob.bin >/dev/full 2>stderr && fail "a table into /dev/full"
is "$(cat stderr)" "nca: standard output: $full"

# A process may also be told how large its files may become, in blocks of 1024 bytes.
limited() { (ulimit -f 1 && "$@"); }
large='File too large'
echo old | tee p.png state >c.json
refuse "$large" p.png limited "$nca" grow blob.bin -o p.png --zoom 64
refuse "$large" c.json limited "$nca" convert "$(dirname "$me")/../../models/lizard.bin" c.json
refuse "$large" state limited "$nca" train picture.png "${tiny[@]}" -o m.bin --checkpoint state \
    --pool 64 --size 8
refuse "$large" m.bin limited "$nca" train picture.png -i 1 -o m.bin
limited "$nca" grow blob.bin -o - >frames 2>stderr
is "$? $(cat stderr)" "1 nca: standard output: $large"
limited "$nca" train picture.png "${tiny[@]}" -i 200 -o m.bin --log log >stdout 2>stderr
is "$? $(grep -c "^nca: log: $large\$" stderr)" "1 1"
echo "$((tried + 4)) writings refused by a full device and by a limit"

if ! unshare --mount --map-root-user true 2>/dev/null; then
    echo "left out: full and read-only file systems, as no mounts of one's own are allowed here"
    finish
fi
unshare --mount --map-root-user "$me" "$nca" mounted "$PWD"
status=$?
[ $status -ne 77 ] || echo "left out: no file system could be mounted"
is "$((status == 77 ? 0 : status))" 0
finish

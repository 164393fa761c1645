#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every call about a file fails, once or from then on, is cut short or is the last: whatever
# happens, a file is the old one or a whole new one, nothing is left beside it, and the reason
# is told.  Usage: tests/faults/files.sh NCA INJECT [all]; without all, one call in seven.
set -u
nca=$(realpath "$1") inject=$(realpath "$2")
stride=7
[ "${3:-}" != all ] || stride=1
# shellcheck source=tests/check.sh
. "$(dirname "$0")/../check.sh"
export ASAN_OPTIONS=detect_leaks=0 # it would want to trace, too
seed=${NCA_TEST_SEED:-$RANDOM}
echo "NCA_TEST_SEED=$seed"
tiny=(--size 4 --padding 0 --channels 4 --hidden 1 --batch 1 --pool 1 -j 1)

# --------------------------------------------------------------------------- scenarios
declare -A command=(
    [train]="train picture.png ${tiny[*]} -i 3 -o m.bin --checkpoint state --log log --preview p.png"
    [grow]="grow m.bin -o p.png --steps 5 --grid 8x8 -j 1"
    [frames]="grow m.bin -o f-%d.png --steps 2 --grid 8x8 -j 1"
    [pipe]="grow m.bin -o - --steps 2 --grid 8x8 -j 1"
    [convert]="convert m.bin c.json"
    [rewrite]="convert m.bin c.bin"
)
declare -A outputs=([train]="m.bin state p.png" [grow]=p.png [frames]="f-0.png f-1.png f-2.png"
    [pipe]="" [convert]=c.json [rewrite]=c.bin)

# run NAME RULE: in a copy of its folder; what it said is in stdout and stderr, what it did in log.
run() {
    rm -rf run
    cp -r "old/$1" run
    # shellcheck disable=SC2086 # words
    (cd run && "$inject" ../log "$2" "$nca" ${command[$1]} >../stdout 2>../stderr)
    status=$?
}

# The first half of each scenario's files are there already.
mkdir old new resumed
make_model blob.bin
good "$nca" grow blob.bin -o picture.png --steps 14
for name in "${!command[@]}"; do
    mkdir "old/$name"
    cp picture.png "old/$name"
    cp blob.bin "old/$name/m.bin"
    for file in ${outputs[$name]}; do [ -e "old/$name/$file" ] || echo old >"old/$name/$file"; done
done
rm old/frames/f-2.png old/train/state
(cd old/train && "$nca" train picture.png "${tiny[@]}" -i 3 --seed 9 -o m.bin --checkpoint state \
    --log log --preview p.png) >stdout 2>stderr || fail "$(cat stderr)"
run train none
[ $status -ne 77 ] || { cat stderr; exit 77; }

# sums NAME: of what its outputs are now; a checkpoint holds the time, and is tried in its place.
sums() { (cd run && for file in ${outputs[$1]}; do [ "$file" = state ] || sha256sum "$file"; done) 2>/dev/null; }
for name in "${!command[@]}"; do
    # Each file as it is between two renames is whole.
    for ((n = 1; ; n++)); do
        run "$name" rename:$n=kill
        sums "$name" >>"new/$name"
        grep -q '^!' log || break
    done
    is "$status" 0
    sums "$name" >"new/$name.last"
    [ "$name" != train ] || cp run/m.bin last.bin
    cp stdout "new/$name.stdout"
done

# --------------------------------------------------------------------------- verdicts
# The old one, or one that the training goes on from to the same end.
check_state() {
    cmp -s run/state old/train/state && return
    "$nca" train picture.png "${tiny[@]}" -i 3 -o resumed/m.bin --resume run/state >resumed/log 2>&1 &&
        cmp -s resumed/m.bin last.bin || fail "$1: the checkpoint does not lead to the end: $(cat resumed/log)"
}

# check_whole NAME RULE: old or new, whole, and nothing beside.
check_whole() {
    local file
    for file in ${outputs[$1]}; do
        if [ "$file" = state ]; then
            check_state "$2"
        elif [ -e "run/$file" ]; then
            (cd run && sha256sum "$file") | grep -qxFf - "new/$1" || fail "$1 $2: $file is neither old nor new"
        else
            [ ! -e "old/$1/$file" ] || fail "$1 $2: $file is gone"
        fi
    done
    [[ $2 == *kill ]] || grep -q '^!unlink' log || is "$(find run -name '.nca*' -o -name '*.??????')" ""
}

check_last() {
    cmp -s <(sums "$1") "new/$1.last" && cmp -s stdout "new/$1.stdout" || fail "$1 $2: it is good, and not new"
    [ "$1" != train ] || is "$(cut -d, -f1 run/log | xargs)" "iteration 1 2 3"
}

declare -A reasons=([ENOSPC]='No space left on device' [EROFS]='Read-only file system'
    [EIO]='Input/output error' [EINTR]='Interrupted system call')
tried=0
# try NAME RULE: fails where no call was met with.
try() {
    local reason=${reasons[${2#*=}]:-} words=
    run "$1" "$2"
    grep -q '^!' log || return
    tried=$((tried + 1))
    [ -z "$reason" ] || words="^nca: [^ ].*: $reason\$"
    case $status in
    0) check_last "$1" "$2" ;;
    1) grep -q "$words" stderr || fail "$1 $2: $(grep '^!' log), and it says: $(cat stderr)" ;;
    *) [[ $2 == *kill ]] && [ $status -eq 137 ] || fail "$1 $2: exit status $status, $(cat stderr)" ;;
    esac
    check_whole "$1" "$2"
}

# each NAME RULE: with every number in the place of N, or one in seven.
each() {
    local n
    for ((n = 1 + seed % stride; ; n += stride)); do try "$1" "${2/N/$n}" || break; done
    [ $n -ge $((1 + stride)) ] || try "$1" "${2/N/1}" # there are fewer calls than that
    seed=$((seed + 1))
}

for name in "${!command[@]}"; do
    for rule in any:N=EIO any:N+=EIO write:N=ENOSPC write:N+=ENOSPC open:N=EROFS open:N+=EROFS \
        fsync:N=EIO rename:N=EROFS any:N=kill; do
        each "$name" "$rule"
    done
    for rule in open write read fsync close; do try "$name" $rule%2=EINTR; done
    for rule in read%1=short write%1=short flock%1=ENOLCK; do
        run "$name" "$rule"
        is "$name $rule $status" "$name $rule 0"
        check_last "$name" "$rule"
        check_whole "$name" "$rule"
        tried=$((tried + 1))
    done
done
# Files that are written bear all of them, which a program that handles signals may meet with.
for call in open write read fsync close; do
    for n in 2 3; do
        for name in rewrite frames; do
            run $name $call%$n=EINTR
            is "$name $call $status" "$name $call 0"
            check_last $name "$call%$n=EINTR"
        done
    done
done

# Power may fail at any moment: what is written is synced before it gets its name, and so is
# that name after it, but for a picture's, where either will do.  Nobody may read at any moment
# what nobody might before.
echo old >old/frames/f-2.png
for name in "${!command[@]}"; do
    run "$name" none
    is "$(awk '/^chmod/ { closed[$2] = 1 }
        /^write/ { dirty[$2] = 1; bare[$2] = !closed[$2] }
        /^rename/ && bare[$2] { print $3 ": written before it has the mode of the old one" }
        /^rename/ { delete closed[$2] }
        /^fsync/ { dirty[$2] = 0 }
        /^fsync \.$/ { owed = "" }
        /^rename/ && dirty[$2] { print $3 ": renamed before it is synced" }
        /^rename/ && owed { print owed ": its folder is not synced" }
        /^rename/ { owed = $3 ~ /png$/ ? "" : $3 }
        END { if (owed) print owed ": its folder is not synced" }' log)" ""
    renames=$((${renames:-0} + $(grep -c ^rename log)))
done

# What the system does not let be seen, as another's link in /tmp, is not written through.
echo mine >mine
chmod 600 mine
ln -s ../mine old/rewrite/link.bin
scenarios=${#command[@]}
command[link]="convert m.bin link.bin"
mv old/rewrite old/link
unseen=0
for n in 1 2 3 4 5 6; do
    run link stat:$n=EACCES
    grep -q '^!stat link.bin' log || continue
    unseen=$((unseen + 1))
    is "$status $(stat -c %s:%a mine)" "1 5:600"
    echo mine >mine
done
[ $unseen -gt 0 ] || fail "the link was not looked at"
run link none
cmp -s mine run/m.bin || fail "the link does not lead to what is looked at"

# Nobody else can open the new file of a private one before that has its permissions, either.
cp -r old/link old/private
rm old/private/link.bin
echo mine >old/private/c.bin
chmod 600 old/private/c.bin
command[private]="convert m.bin c.bin"
(umask 022; run private chmod:1=kill)
is "$(find run -name '.nca-*' -printf '%m\n')" 600

# A file that a killed process left goes away with the next one that is written there.
run train write:3=kill
is "$(find run -name '.nca-*' | wc -l)" 1
(cd run && good "$nca" convert m.bin c.bin)
is "$(find run -name '.nca-*' | wc -l)" 0
[ $tried -gt 50 ] && [ "$renames" -gt 5 ] || fail "only $tried runs, $renames renames"
echo "$tried runs in which a call about a file failed, in $scenarios scenarios;" \
    "$renames files synced before they were renamed"
finish

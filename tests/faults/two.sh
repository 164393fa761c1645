#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Two trainings that want one checkpoint: one has it, the other is told, whatever becomes of the
# first.  Usage: tests/faults/two.sh NCA [COUNT]
set -u
nca=$(realpath "$1") count=${2:-5}
# shellcheck source=tests/check.sh
. "$(dirname "$0")/../check.sh"
trap 'kill -KILL $(jobs -p) 2>/dev/null || :; rm -rf "$work" "$failures"' EXIT
make_model blob.bin
good "$nca" grow blob.bin -o picture.png --steps 14
training=(train picture.png --size 4 --padding 0 --channels 4 --hidden 1 --batch 1 --pool 1 -j 1)
long=(-i 100000000 --save-every 0.01)

# begin NAME OPTION…: in the background; its number is in $!.
begin() {
    local name=$1
    shift
    "$nca" "${training[@]}" "${long[@]}" -o "$name.bin" "$@" >"$name.stdout" 2>"$name.stderr" &
}
await() {
    local n
    for ((n = 0; n < 1000; n++)); do "$@" && return; sleep 0.01; done
    fail "waited in vain: $*"
}
has_begun() { [ -s one.bin ] || [ -s two.bin ]; }
# told OPTION…: such a training is refused at once, and touches nothing.
told() {
    local status=0
    "$nca" "${training[@]}" "${long[@]}" -o other.bin --log log "$@" >stdout 2>stderr || status=$?
    is "$status" 1
    grep -q '^nca: [a-z]*: in use by another training$' stderr || fail "$*: $(cat stderr)"
    is "$(wc -l <stderr) $(find . -name 'other.bin*' | wc -l)" "1 0"
    is "$(head -n 1 log)" iteration,loss,smooth,rate,seconds
}

begin first --checkpoint state --log log
first=$!
await test -s first.bin
ln -s state link
ln state hard
cp state copy
for ((n = 0; n < count; n++)); do # at any moment between two of its writings
    told --checkpoint state
    told --resume state
    told --resume copy --checkpoint link
done
"$nca" "${training[@]}" -i 3 -o third.bin --checkpoint third >stdout 2>stderr || fail "$(cat stderr)"
kill -KILL $first
wait $first 2>/dev/null
# A killed one has no lock, and its checkpoint is good.
begin second --resume state
second=$!
await test -s second.bin
told --resume state
kill -TERM $second
wait $second
is "$?" 0
grep -q 'stopped after' second.stderr || fail "the second: $(cat second.stderr)"

# Both at the same moment, and no checkpoint yet: one of them goes on.
refused=0
for ((n = 0; n < count; n++)); do
    rm -f state one.* two.*
    begin one --checkpoint state
    one=$!
    begin two --checkpoint state
    two=$!
    await grep -qs 'in use by another' one.stderr two.stderr
    await has_begun # else nothing is learnt, nor saved
    kill -TERM $one $two 2>/dev/null
    wait $one
    status=$?
    wait $two
    is "$((status + $?))" 1
    "$nca" "${training[@]}" "${long[@]}" -o x.bin --resume state >stdout 2>stderr &
    await test -s x.bin
    kill -TERM $!
    wait $! || fail "what two left does not lead on: $(cat stderr)"
    rm -f x.bin
    refused=$((refused + 1))
done
echo "$((3 * count + 1)) trainings told that the checkpoint is in use, $refused of two that began at once"
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The program under valgrind's memcheck: no error and nothing lost, whatever it is asked to do and
# also where it refuses.  But for bench, which would take minutes here: the sanitizers have it, in
# cli_train.sh.  Usage: tests/tools/valgrind.sh NCA
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/../cli_check.sh"
type valgrind >/dev/null 2>&1 || { echo "left out: there is no valgrind"; exit 77; }
valgrind --version
# Devices are another matter: drivers leak.  Fused multiply-adds are slow here.
export OCL_ICD_VENDORS=none NCA_CPU=sse2

runs=0 errors=0 lost=0
# figure PATTERN: the number after it in valgrind's words.
figure() { sed -n "s/.*$1 \\([0-9,]*\\).*/\\1/p" log | tr -d ,; }

# checked STATUS ARGUMENT…: nca ends so under valgrind; its words are in stdout and stderr.  Where
# `stop` names a file, it is told to end once that has three lines.
stop=
checked() {
    local expected=$1 status=0 words wrong bytes
    shift
    words=$(printf '%q ' "$@")
    valgrind --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --errors-for-leak-kinds=definite,indirect,possible --child-silent-after-fork=yes \
        --log-file=log "$nca" "$@" </dev/null >stdout 2>stderr &
    while [ -n "$stop" ] && kill -0 $! 2>/dev/null && [ "$(grep -c . "$stop" 2>/dev/null)" -lt 3 ]; do
        sleep 0.1
    done
    [ -z "$stop" ] || kill $! 2>/dev/null
    wait $! || status=$?
    wrong=$(figure 'ERROR SUMMARY:')
    # Without a leak it does not say how many bytes.
    bytes=$(($(figure 'definitely lost:') + $(figure 'indirectly lost:') + $(figure 'possibly lost:') + 0))
    printf '%s errors, %s bytes lost: NCA_CPU=%s nca %.90s\n' "$wrong" "$bytes" "$NCA_CPU" "$words"
    if [ "$status" -ne "$expected" ]; then
        fail "nca $words -> $status where $expected was expected: $(head -c 300 stderr)"
        head -n 60 log >&2
    fi
    [ "$wrong" = 0 ] || fail "nca $words: ${wrong:-no} errors"
    runs=$((runs + 1)) errors=$((errors + ${wrong:-1})) lost=$((lost + bytes))
}

make_model blob.bin
head -c 300 blob.bin >short.bin
{ printf '\377\377\377\377\377\377\377\177'; head -c 600 blob.bin; } >huge.bin
make_model nan.bin '\0\0\xc0\x7f'
head -c 4000 /dev/zero >zeros.png

# ------------------------------------------------------------------- growth
wounds='0 plant 50% 50% | 4 erase circle 40% 50% 3 | 6 erase half upper | 8 angle 30 | 9 fire 0.8'
checked 0 grow blob.bin -o picture.png --steps 14 --threads 2
checked 0 grow blob.bin -o - --steps 12 --grid 23x17 --edge wrap --events "$wounds"
is "$(wc -c <stdout)" $((13 * 23 * 17 * 4))
checked 0 grow blob.bin -o 'frame%03d.png' --steps 4 --zoom 3 --every 2
NCA_CPU=avx2 checked 0 grow "$source_root/models/lizard.bin" -o lizard.png --grid 40x40 --steps 4
NCA_CPU=c checked 0 grow blob.bin -o c.png --steps 4

# ------------------------------------------------------------------- training
tiny=(--size 6 --padding 2 --channels 5 --hidden 4 --batch 3 --pool 6 --seed 3)
train=(train picture.png -o model.bin "${tiny[@]}" --iterations 20 --threads 2 --save-every 0)
: >log.csv
stop=log.csv checked 0 "${train[@]}" --checkpoint state --preview now.png --log log.csv
grep -q 'stopped after' stderr || fail "it was not stopped: $(cat stderr)"
checked 0 "${train[@]}" --resume state
NCA_CPU=avx2 checked 0 train picture.png -o own.bin "${tiny[@]}" --from-scratch --preset draft -i 3

# ------------------------------------------------------------------- the other verbs
checked 0 info model.bin
checked 0 info --json model.bin
checked 0 convert model.bin demo.json
checked 0 convert demo.json back.bin
checked 0 eval model.bin --target picture.png --seeds 1 --json
checked 0 devices
checked 0 --help
checked 0 --version
checked 0 grow --options

# ------------------------------------------------------------------- refusals
checked 2
checked 2 sing
checked 2 grow
checked 2 grow blob.bin -o x.png --steps many
checked 2 grow blob.bin -o x.png --events '0 plant'
checked 2 train picture.png -o x.bin --pool 4 --batch 8
checked 1 grow absent.bin -o x.png
checked 1 grow blob.bin -o no-such/x.png
checked 1 grow blob.bin -o x.png --device opencl:0
for file in short huge nan; do
    checked 1 info $file.bin
done
checked 1 train zeros.png -o x.bin "${tiny[@]}"

echo "$runs runs, $errors errors, $lost bytes lost"
finish

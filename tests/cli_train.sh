#!/bin/bash
# SPDX-License-Identifier: MIT
#
# nca train and nca eval: what they write, stopping and going on.  Usage: tests/cli_train.sh NCA
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/cli_check.sh"

make_model blob.bin
good "$nca" grow blob.bin -o picture.png --steps 14
tiny=(--size 8 --padding 4 --channels 8 --hidden 8 --batch 2 --pool 8)
train() { "$nca" train picture.png "${tiny[@]}" "$@"; }
# meta FILE KEY: what nca info tells.
meta() { "$nca" info "$1" | awk -v key="$2" '$1 == key {sub(/^ *[^ ]+ */, ""); print}'; }

# ------------------------------------------------------------------- what is written
mkdir out
train -o out/bug.bin -i 12 --seed 3 --license 'CC0 1.0' --log out/log.csv \
    --preview out/now.png --checkpoint out/state >stdout 2>stderr
is $? 0
is "$(echo out/*)" "out/bug.bin out/log.csv out/now.png out/state"
grep -q '^out/bug.bin: loss@96 .*regrown' stdout || fail "no summary: $(cat stdout)"
is "$(wc -l <stdout)" 1
grep -q '12/12 100%' stderr || fail "no progress: $(cat stderr)"
is "$(head -n 1 out/log.csv)" iteration,loss,smooth,rate,seconds
is "$(cut -d, -f1 out/log.csv | tail -n +2 | xargs)" "$(seq -s ' ' 12)"
is "$(awk -F, 'NF != 5 || $0 ~ /nan|inf/' out/log.csv)" ""
png_size out/now.png >size
is "$(meta out/bug.bin name)" bug
is "$(meta out/bug.bin license)" "CC0 1.0"
is "$(meta out/bug.bin iterations)" 12
is "$(meta out/bug.bin regime)" regenerating
is "$(meta out/bug.bin channels)" 8
is "$(meta out/bug.bin width)" 16
for key in seed height target_sha256 loss96 regrown; do
    [ -n "$(meta out/bug.bin "$key")" ] || fail "no $key in the model"
done
good "$nca" grow out/bug.bin -o grown.png --steps 5
is "$(png_size grown.png)" "16x$(meta out/bug.bin height)"

# --------------------------------------------------------------------------- options
train -o from.bin -i 1 --from out/bug.bin --regime growing >stdout 2>stderr && fail "shape not refused"
grep -q 'channels and --hidden are those' stderr || fail "from: $(cat stderr)"
"$nca" train picture.png --size 8 --padding 4 --batch 2 -o from.bin -i 1 --from out/bug.bin \
    --regime growing --threads 1 >stdout 2>stderr || fail "$(cat stderr)"
is "$(meta from.bin regime) $(meta from.bin hidden)" "growing 8"
while read -r preset recipe; do # what is given by name wins, before or after
    train --hidden 5 --preset "$preset" -i 2 -o preset.bin >stdout 2>stderr || fail "$(cat stderr)"
    is "$(meta preset.bin iterations) $(meta preset.bin hidden) $(meta preset.bin recipe)" \
        "2 5 $recipe"
done <<'END'
draft draft
standard own
best own
END
train --preset finish -i 2 -o finish.bin >stdout 2>stderr && fail "finish from nothing"
grep -q -- '--from MODEL is expected' stderr || fail "finish: $(cat stderr)"
"$nca" train picture.png --size 8 --padding 4 --preset finish -i 2 --from out/bug.bin -o finish.bin \
    >stdout 2>stderr || fail "$(cat stderr)"
is "$(meta finish.bin iterations) $(meta finish.bin recipe)" "2 finishing"
train -o minutes.bin --minutes 0.02 >stdout 2>stderr || fail "$(cat stderr)"
[ "$(meta minutes.bin iterations)" -gt 0 ] || fail "no iteration in a second"
bad 2 '--iterations and --minutes exclude each other' train -o x.bin -i 5 -m 1
bad 2 '--from and --from-scratch exclude each other' train -o x.bin --from out/bug.bin --from-scratch
bad 2 '"brisk" is not one of draft|standard|best|finish' train -o x.bin --preset brisk
bad 2 '"0" is not a whole number from 1' train -o x.bin -i 0
bad 2 '"3" is not a whole number from 4' train -o x.bin --size 3
bad 2 '-o MODEL.bin is expected' train
bad 2 'is the target and the output' train -o ./picture.png
bad 2 'is the target and the preview' train -o x.bin --preview ./picture.png
bad 2 'is the output and the checkpoint' train -o x.bin --checkpoint x.bin
bad 2 'is the output and the log' train -o x.bin --log x.bin
bad 2 'is the checkpoint and the log' train -o x.bin --log ./x.bin.checkpoint
bad 2 'is the output and the checkpoint' train -o x.bin --checkpoint out/../x.bin
bad 2 'is the model to begin with and the log' "$nca" train picture.png --from blob.bin -o x.bin --log ./blob.bin
bad 2 'is the checkpoint to go on from and the preview' \
    train -o x.bin --resume out/state --checkpoint y --preview out/state
bad 2 '--license: not UTF-8' train -o x.bin --license $'\xff'
bad 2 '--pool: 4 samples for a batch of 8' train -o x.bin --pool 4 --batch 8
train -i 1 -o $'b\xe4r.bin' --log /dev/null --preview /dev/null >stdout 2>stderr || fail "$(cat stderr)"
[ -e $'b\xe4r.bin' ] || fail "no model under a name that is not UTF-8"
bad 1 'no-such/x.bin: No such file' train -o no-such/x.bin
bad 1 'no-such/x.csv: No such file' train -o x.bin --log no-such/x.csv
bad 1 'no-such/x.png: No such file' train -o x.bin --preview no-such/x.png
bad 1 'no-such/x: No such file' train -o x.bin --checkpoint no-such/x
bad 1 'out: Is a directory' train -o out
bad 1 'picture.png/x.bin: Not a directory' train -o picture.png/x.bin
bad 1 'File name too long' train -o "$(printf '%0300d' 0)"
bad 1 '0.checkpoint: File name too long' train -o "$(printf '%0250d' 0)" # which it needs when it is stopped
# Whoever may do all is somebody else for this.
echo mine >mine.bin
chmod 444 mine.bin
chmod 755 .
nobody=()
[ "$(id -u)" -ne 0 ] || nobody=(setpriv --reuid=65534 --clear-groups)
if "${nobody[@]}" "$nca" info blob.bin >/dev/null 2>&1; then
    mkdir -m 777 open
    mv mine.bin open
    bad 1 'open/mine.bin: Permission denied' "${nobody[@]}" "$nca" train picture.png "${tiny[@]}" -i 1 -o open/mine.bin
fi
mkfifo pipe
bad 1 'pipe: not a regular file' train -o x.bin --checkpoint pipe # and not for want of a reader
bad 1 'blob.bin: not a PNG' "$nca" train blob.bin -o x.bin
bad 1 'none.png: No such file' "$nca" train none.png -o x.bin
bad 1 'blob.bin: ' train -o x.bin -i 1 --resume blob.bin
head -c 300 picture.png >cut.png
bad 1 'cut.png: damaged PNG: the file is cut short' "$nca" train cut.png -o x.bin
good "$nca" grow blob.bin -o empty.png --events '0 erase all'
bad 1 'empty.png: ' "$nca" train empty.png -o x.bin
[ ! -e x.bin ] || fail "a model out of nothing"
train -o /dev/full -i 1 >stdout 2>stderr
is "$? $(grep -c '^nca: /dev/full: ' stderr) $(wc -c <stdout)" "1 1 0"
train -o x.bin -i 1 --log /dev/full >stdout 2>stderr
is "$? $(grep -c '^nca: /dev/full: ' stderr)" "1 1"

# --------------------------------------------------------- stopping, and being killed
mkdir whole stopped killed
long=(-i 400)
train "${long[@]}" -o whole/m.bin >stdout 2>stderr || fail "$(cat stderr)"
# begin FOLDER SIGNAL OPTION…: trains there and sends the signal after a few iterations.
begin() {
    local folder=$1 signal=$2
    shift 2
    : >"$folder/log"
    # A shell without job control starts commands that ignore SIGINT.
    env --default-signal=INT "$nca" train picture.png "${tiny[@]}" "${long[@]}" -o "$folder/m.bin" \
        --log "$folder/log" "$@" >stdout 2>stderr &
    while [ "$(wc -l <"$folder/log")" -lt 20 ] && kill -0 $!; do sleep 0.01; done 2>/dev/null
    kill -URG $! # which the program uses among its threads; it is nothing from others
    kill "-$signal" $!
    wait $! 2>/dev/null
    status=$?
    [ "$(wc -l <"$folder/log")" -lt 401 ] || fail "it was done before it could be stopped"
}
begin stopped INT
is "$status" 0
grep -q 'stopped after .* --resume stopped/m.bin.checkpoint$' stderr || fail "$(cat stderr)"
is "$(echo stopped/*)" "stopped/log stopped/m.bin stopped/m.bin.checkpoint"
is "$(meta stopped/m.bin loss96)" ""
[ "$(meta stopped/m.bin iterations)" -ge 19 ] || fail "the model is older than the stop"
train "${long[@]}" -o stopped/m.bin --resume stopped/m.bin.checkpoint --log stopped/log \
    >stdout 2>stderr || fail "$(cat stderr)"
same stopped/m.bin whole/m.bin
is "$(cut -d, -f1 stopped/log | tail -n +2 | xargs)" "$(seq -s ' ' 400)"
begin killed KILL --save-every 0 --checkpoint killed/state
[ "$status" -gt 128 ] || fail "not killed: $status"
good "$nca" info killed/m.bin >/dev/null
rm -f killed/*.??????
train "${long[@]}" -o killed/m.bin --resume killed/state --threads 1 >stdout 2>stderr || fail "$(cat stderr)"
same killed/m.bin whole/m.bin
begin stopped TERM
is "$status" 0
# Before an iteration was made there is nothing to keep, and a good model is not replaced by one that
# knows less.  The signal is there from the beginning, or when the checkpoint is; an iteration would take
# seconds.
cp whole/m.bin stopped/m.bin
cp stopped/log stopped/old.csv
vain=("$nca" train picture.png --size 128 -o stopped/m.bin --log stopped/old.csv --preview stopped/now.png)
env --default-signal=INT --block-signal=INT sh -c 'kill -INT $$; exec "$@"' sh "${vain[@]}" >stdout 2>stderr
is $? 130
env --default-signal=INT "${vain[@]}" --checkpoint stopped/begun >stdout 2>stderr &
while [ ! -e stopped/begun ] && kill -0 $!; do sleep 0.01; done 2>/dev/null
kill -INT $!
wait $! 2>/dev/null
is $? 130
same whole/m.bin stopped/m.bin
same stopped/log stopped/old.csv
[ ! -e stopped/now.png ] || fail "a picture of nothing learnt"
# Who reads what it says ends first, as tee does.
mkfifo said
mkdir unheard
: >unheard/log
env --default-signal=INT,PIPE "$nca" train picture.png "${tiny[@]}" -i 100000 -o unheard/m.bin --log unheard/log \
    >stdout 2>said &
exec 3<said
while [ "$(wc -l <unheard/log)" -lt 20 ] && kill -0 $!; do sleep 0.01; done 2>/dev/null
exec 3<&-
kill -INT $!
wait $!
is $? 0
is "$(echo unheard/*)" "unheard/log unheard/m.bin unheard/m.bin.checkpoint"
if [ -n "$(command -v timeout)" ]; then # it sends its signal twice
    long=(-i 1000000)
    status=0
    timeout 2 "$nca" train picture.png "${tiny[@]}" "${long[@]}" -o stopped/m.bin >stdout 2>stderr
    grep -q 'stopped after' stderr || fail "timeout(1) killed it: $(cat stderr)"
fi

# ------------------------------------------------------------------------------ eval
good "$nca" eval whole/m.bin stopped/m.bin --target picture.png --seeds 2 >table
is "$(wc -l <table)" 3
good "$nca" eval whole/m.bin --target picture.png --seeds 1 --json --shot shot.png >eval.json
for key in model target seeds loss96 loss200 loss1000 regrown cuts name loss shift pass; do
    grep -q "\"$key\": " eval.json || fail "no $key in the JSON"
done
is "$(grep -c '"shift"' eval.json)" 5
png_size shot.png >size
good "$nca" eval whole/m.bin --target picture.png --seeds 1 --hard --json --shot hard.png >hard.json
is "$(grep -c '"shift"' hard.json)" 17
grep -q '"passed": ' hard.json && grep -q '"name": "step 100000"' hard.json || fail "hard: $(cat hard.json)"
is "$(sed '/"hard"/,$d' hard.json | grep -c '"pass"')" 5
png_size hard.png >hard_size
is "$(cut -dx -f1 hard_size)" "$(cut -dx -f1 size)"
good "$nca" eval whole/m.bin --target picture.png --seeds 1 --hard >table
is "$(grep -cE ' (passed|FAILED)$' table)" 17
bad 1 'red?\[31m: no such file' "$nca" eval $'red\e[31m' --target picture.png
bad 2 '"r?d" is not' "$nca" eval $'r\ed' --target picture.png --seeds $'r\ed'
cp whole/m.bin $'red\e[31m.bin'
good "$nca" eval $'red\e[31m.bin' --target picture.png --seeds 1 >table
grep -q '^red?\[31m.bin  ' table || fail "a terminal's command in the table: $(cat table)"
bad 2 'is for one MODEL' "$nca" eval whole/m.bin blob.bin --target picture.png --shot x.png
bad 2 'is the target and the shot' "$nca" eval whole/m.bin --target picture.png --shot ./picture.png
bad 2 'is the model and the shot' "$nca" eval whole/m.bin --target picture.png --shot whole/../whole/m.bin
bad 2 '--target FILE is expected' "$nca" eval whole/m.bin
bad 1 'no-such.bin: ' "$nca" eval no-such.bin --target picture.png --seeds 1
bad 1 'blob.bin: not a PNG' "$nca" eval whole/m.bin --target blob.bin

# ----------------------------------------------------------------------------- bench
bad 2 '"no-such" is not a work' "$nca" bench no-such
good "$nca" bench step-72-third --json --threads 2 >bench.json
for key in cpu level threads fma_peak_gflops results name ms gflops; do
    grep -q "\"$key\": " bench.json || fail "no $key in the JSON of bench"
done
is "$(grep -c '"name": "step-72-third"' bench.json)" 2
finish

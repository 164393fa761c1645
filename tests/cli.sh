#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The program nca as a whole: verbs, options, help, manual, completion, info, convert, and
# what it says to bad files.  Usage: tests/cli.sh NCA
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/cli_check.sh"

make_model blob.bin
mapfile -t verbs < <("$nca" --options)
is "${verbs[*]}" "train grow eval info convert bench devices"

# ------------------------------------------------------------------ help and usage
good "$nca" --help >help.txt
good "$nca" --version >version.txt
grep -q '^nca [0-9]' version.txt || fail "no version"
status=0
"$nca" >stdout 2>stderr || status=$?
is "$status" 2
grep -q '^Usage' stderr || fail "nca alone should help on standard error"
[ ! -s stdout ] || fail "nca alone should not help on standard output"
bad 2 '"gorw" is not a verb' "$nca" gorw
bad 2 '"gorw" is not a verb' "$nca" help gorw
for verb in "${verbs[@]}"; do
    grep -q "^  $verb " help.txt || fail "nca --help does not tell $verb"
    good "$nca" help "$verb" >help1
    good "$nca" "$verb" --help >help2
    same help1 help2
    "$nca" --options "$verb" >options.tsv
    while IFS= read -r line; do
        option=${line%%$'\t'*}
        grep -q -e "--$option\b" help1 || fail "$verb --help does not tell --$option"
        sed -n "/^\.SH ${verb^^}\$/,/^\.SH [^${verb:0:1}]/p" "$source_root/core/cli/nca.1" |
            grep -q -F -e "\\-\\-${option//-/\\-}" || fail "nca.1: $verb lacks --$option"
    done <options.tsv
    bad 2 'unknown option --no-such' "$nca" "$verb" --no-such
done
if command -v man >/dev/null; then
    is "$(man --warnings -l "$source_root/core/cli/nca.1" 2>&1 >/dev/null)" ""
fi

# ----------------------------------------------------------------------- completion
# complete WORD…: what completion offers for the last word.
complete_words() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _nca
    echo "${COMPREPLY[*]}"
}
. "$source_root/core/cli/nca.bash"
is "$(complete_words "$nca" gr)" grow
is "$(complete_words "$nca" grow blob.bin --ste)" --steps
is "$(complete_words "$nca" grow --edge '')" "zero wrap"
is "$(complete_words "$nca" grow --device '')" "cpu opencl"
is "$(complete_words "$nca" grow -o blo)" blob.bin
is "$(complete_words "$nca" grow --steps '')" ""
is "$(complete_words "$nca" grow -s '')" ""
is "$(complete_words "$nca" grow --verbose blo)" blob.bin
for verb in "${verbs[@]}"; do
    is "$(complete_words "$nca" "$verb" --)" \
        "$({ "$nca" --options "$verb" | cut -f1; echo help; } | sed 's/^/--/' | paste -sd ' ')"
done

# -------------------------------------------------------------------------- options
grow=("$nca" grow blob.bin -o x.png)
good "${grow[@]}" --st 3 --zoo=2 -vhx 2>/dev/null >/dev/null # help wins over what follows
good "$nca" grow --steps 3 -o x.png -- blob.bin
good "$nca" grow -s3 --seed=18446744073709551615 --angle -45.5 blob.bin -ox.png
bad 2 '"" is not a whole number from 0' "${grow[@]}" --steps ''
bad 2 '"1e3" is not a whole number' "${grow[@]}" --steps 1e3
bad 2 '"-1" is not a whole number from 0' "${grow[@]}" --steps=-1
bad 2 '"9999999999999999999999" is not a whole number' "${grow[@]}" --steps 9999999999999999999999
bad 2 '"18446744073709551616" is not a whole number' "${grow[@]}" --seed 18446744073709551616
bad 2 '--fire-rate: "1.5" is not a number from 0 to 1' "${grow[@]}" --fire 1.5
for word in nan +nan inf -inf 1e999 0x1p3 1,5 '1 ' ' 1' +-1 .; do
    bad 2 "\"$word\" is not a number" "${grow[@]}" --angle "$word"
done
bad 2 'ambiguous option --e;' "${grow[@]}" --e 3
bad 2 'unknown option -q' "${grow[@]}" -vq
bad 2 '--verbose takes no value' "${grow[@]}" --verbose=1
bad 2 '--seed needs a value' "${grow[@]}" --seed
bad 2 '-s needs a value' "${grow[@]}" -s
bad 2 '"up" is not one of zero|wrap' "${grow[@]}" --edge up
for device in '' gpu opencl: opencl:64 opencl:x cpu:0; do
    for command in 'grow blob.bin -o x.png' 'train x.png -o x.bin' bench; do
        # shellcheck disable=SC2086 # words
        bad 2 "--device: \"$device\" is not cpu, opencl or opencl:N" "$nca" $command --device "$device"
    done
done
bad 2 'unknown option --device' "$nca" eval blob.bin --target x.png --device cpu
good "$nca" grow -s3 blob.bin -ox.png --device cpu
good "$nca" devices >devices.txt
is "$(grep -c "^cpu  .*level [a-z0-9]*, [0-9]* thread" devices.txt)" 1
grep -q '^opencl' devices.txt || fail "not a word on OpenCL: $(cat devices.txt)"
bad 2 'is one argument too many' "$nca" devices cpu
bad 2 '"b.bin" is one argument too many' "${grow[@]}" b.bin
for grid in 20 0x5 5x0 5x 5x5x5 -1x5 32769x1 1x99999999999 5,5; do
    bad 2 "\"$grid\" is not WIDTHxHEIGHT" "${grow[@]}" --grid "$grid"
done
bad 2 'MODEL -o OUT is expected' "$nca" grow
bad 2 'is not a size from 1M up' "$nca" train x.png -o x.bin --memory 3X
bad 2 'is not a size from 1M up' "$nca" train x.png -o x.bin --memory 10K

# ------------------------------------------------------------------ info and convert
good "$nca" info blob.bin >info.txt
grep -q 'parameters  *140 (560 bytes)' info.txt || fail "parameters: $(cat info.txt)"
grep -q 'name  *blob' info.txt || fail "no metadata"
good "$nca" info blob.bin blob.bin --json >info.json
is "$(grep -c '"hidden": 4,' info.json)" 2
is "$(grep -c '"alive_threshold": 0.1,' info.json)" 2
good "$nca" convert blob.bin copy.bin
good "$nca" convert copy.bin again.bin
same copy.bin again.bin
good "$nca" info copy.bin >info2.txt
is "$(sed 's/copy/blob/' info2.txt)" "$(cat info.txt)"
good "$nca" convert blob.bin blob.json
is "$(head -c 1 blob.json)" "["
good "$nca" info blob.json >info3.txt
grep -q 'parameters  *140 ' info3.txt || fail "the JSON lost its shape"
bad 2 'does not end in .bin or .json' "$nca" convert blob.bin blob.txt
bad 1 'no-such/x.bin: No such file' "$nca" convert blob.bin no-such/x.bin
for command in --help --version 'info blob.bin' 'info blob.bin --json' '--options grow'; do
    # shellcheck disable=SC2086 # words
    "$nca" $command >/dev/full 2>stderr
    is "$? $(cat stderr)" "1 nca: standard output: No space left on device"
done
mkdir installed
cp blob.bin installed/creature.bin
good env NCA_MODEL_PATH="$work/no:$work/installed" "$nca" info creature >info4.txt
grep -q 'name  *blob' info4.txt || fail "no model by name"

# ------------------------------------------------------------------------ bad models
size=$(wc -c <blob.bin)
for cut in 0 1 7 8 100 $((size - 1)); do
    head -c "$cut" blob.bin >cut.bin
    bad 1 'cut.bin: ' "$nca" info cut.bin
done
make_model nan.bin '\0\0\xc0\x7f'
bad 1 'nan.bin: ' "$nca" info nan.bin
sed 's/"shape":\[4,24\]/"shape":[9,99]/' blob.bin >shape.bin
bad 1 'shape.bin: ' "$nca" info shape.bin
sed 's/"hidden":"4"/"hidden":"4000000000"/; s/clamp":"0"/clamp":/' blob.bin >huge.bin
bad 1 'huge.bin: ' "$nca" info huge.bin
bad 1 'no-such.bin: ' "$nca" info no-such.bin
# What would turn a terminal red, or begin a line of its own.
sed 's/"name":"blob","width":"20"/"name":"\\u001b\\n\\u009bred"/' blob.bin >terminal.bin
good "$nca" info terminal.bin >terminal.txt
is "$(sed -n 's/^  name  *//p' terminal.txt)" '???red'
good "$nca" info --json terminal.bin >terminal.json
! LC_ALL=C grep -q $'[^ -~]' terminal.json || fail "a terminal's command in JSON: $(cat terminal.json)"
grep -q '"\\u001B\\n\\u009Bred"' terminal.json || fail "another name in JSON: $(cat terminal.json)"
cp blob.bin $'cut-\xc2'
good "$nca" info $'cut-\xc2' >cut.txt
is "$(head -n 1 cut.txt | od -An -c | tr -d ' \n')" 'cut-302\n'
sed 's/"clamp":"0"/"c\\u009b":1/' blob.bin >terminal.bin
bad 1 'metadata "c??" is not a string' "$nca" info terminal.bin
bad 1 "$(basename "$work"): " "$nca" info "$work"
bad 1 '/dev/zero: ' "$nca" info /dev/zero
good "$nca" info blob.bin >/dev/null
"$nca" info blob.bin no-such.bin blob.bin >stdout 2>stderr
is "$? $(grep -c parameters stdout) $(wc -l <stderr)" "1 2 1"
NCA_CPU=avx "$nca" convert blob.bin level.json 2>stderr
grep -q '^nca: NCA_CPU: "avx" is not one of' stderr || fail "no warning of a wrong NCA_CPU"
NCA_CPU=avx2 good "$nca" convert blob.bin level.json
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# --device of the program: on a device as on the processor, without one, and on one that is lost.
# Skipped where OpenCL has no device.  Usage: tests/cli_opencl.sh NCA [CL_LOST]
lost=${2:+$(realpath "$2")}
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/cli_check.sh"

if ! "$nca" devices | grep -q '^opencl:0 '; then
    "$nca" devices
    exit 77
fi
make_model blob.bin
mkdir none # of drivers
without() { OCL_ICD_VENDORS=$work/none "$@"; }
# warned COMMAND…: ends well, with one line that says that the processor takes over.
warned() {
    local status=0
    "$@" 2>stderr || status=$?
    is "$status" 0
    is "$(wc -l <stderr)" 1
    grep -q '^nca: --device: OpenCL .*; the processor computes$' stderr || fail "$* warns: $(cat stderr)"
}
# left: what is in the folder but for what this script keeps there.
left() { find . -name 'x*' | sort | tr '\n' ' '; }

# -------------------------------------------------------------------------- devices
good "$nca" devices >devices.txt
grep -q '^opencl:0  *.*; \(GPU\|CPU\|accelerator\), [0-9]* units*, [0-9]* MHz, .* GiB, ' devices.txt ||
    fail "no figures: $(cat devices.txt)"
good "$nca" devices --json >devices.json
is "$(sed -n 's/.*"device": "\(.*\)",/\1/p' devices.json | paste -sd ' ')" \
    "$(grep -o '^[a-z]\S*' devices.txt | paste -sd ' ')"
for key in name vendor kind units mhz memory allocation_most local half version driver why_not; do
    grep -q "\"$key\": " devices.json || fail "no $key in the JSON"
done
without good "$nca" devices >devices.txt
is "$(wc -l <devices.txt) $(grep -c '^opencl  *none: OpenCL has no platform here' devices.txt)" "2 1"
without good "$nca" devices --json >devices.json
is "$(grep -c '"why_not": "OpenCL has no platform' devices.json)" 1

# ----------------------------------------------------------------------------- grow
grow=("$nca" grow blob.bin --steps 40 --events '0 plant 50% 50% | 20 erase half lower')
good "${grow[@]}" --every 8 -o - >cpu.raw
good "${grow[@]}" --every 8 -o - --device opencl:0 >opencl.raw
same cpu.raw opencl.raw # what the blob computes with is exact in any order
good "${grow[@]}" --every 8 -o - --device opencl >opencl.raw
same cpu.raw opencl.raw
good "${grow[@]}" -o cpu.png
good "${grow[@]}" -o opencl.png --device opencl:0
same cpu.png opencl.png

# ------------------------------------------------------------------------ no device
bad 1 '--device: OpenCL device 60 is not there' "${grow[@]}" -o x.png --device opencl:60
bad 1 '--device: OpenCL device 60 is not there' "${grow[@]}" -o x%d.png --device opencl:60
bad 1 '--device: OpenCL device 60 is not there' "${grow[@]}" -o - --device opencl:60
without bad 1 '--device: OpenCL has no platform' "${grow[@]}" -o x.png --device opencl:0
is "$(left)" ""
without warned "${grow[@]}" --every 8 -o - --device opencl >warned.raw
same cpu.raw warned.raw
without warned "${grow[@]}" -o warned.png --device opencl
same cpu.png warned.png

# --------------------------------------------------------------------- a lost device
# after KERNELS COMMAND…: two of them are a step.
after() { LD_PRELOAD=$lost NCA_CL_KERNELS=$1 "${@:2}"; }
for kernels in ${lost:+0 1 2 40 41 79}; do
    after "$kernels" warned "${grow[@]}" --every 8 -o - --device opencl >warned.raw
    same cpu.raw warned.raw
    after "$kernels" bad 1 '--device: OpenCL .*could not step: out of resources' \
        "${grow[@]}" -o x.png --device opencl:0
    is "$(left)" ""
done
if [ -n "$lost" ]; then
    after 40 bad 1 'could not step' "${grow[@]}" --every 8 -o x%d.png --device opencl:0
    is "$(left)" "./x0.png ./x1.png ./x2.png "
    rm x?.png
    # Nobody wants to wait for the rest.
    after 40 bad 1 'could not step' timeout 60 "$nca" grow blob.bin -g 256x256 --steps 10000000 \
        -o x.png --device opencl:0
fi

# ---------------------------------------------------------------------------- train
train=("$nca" train cpu.png --size 8 --padding 2 --channels 8 --hidden 8 --batch 2 --pool 2
    --iterations 3 --log x.csv)
without bad 1 '--device: OpenCL ' "${train[@]}" -o x.bin --device opencl:0
is "$(left)" ""
without "${train[@]}" -o x.bin --device opencl 2>stderr >/dev/null || fail "it does not train: $(cat stderr)"
is "$(grep -c 'the processor computes' stderr)" 1
is "$(left)" "./x.bin ./x.csv "
for device in opencl opencl:0; do
    rm x.*
    "${train[@]}" -o x.bin --device $device --preview x.png 2>stderr >/dev/null ||
        fail "it does not train: $(cat stderr)"
    is "$(grep -c -- '--device' stderr)" 0
    is "$(left) $(wc -l <x.csv)" "./x.bin ./x.csv ./x.png  4"
done
for kernels in ${lost:+0 30 900}; do
    rm x.*
    after "$kernels" "${train[@]}" -o x.bin --device opencl 2>stderr >/dev/null || fail "$(cat stderr)"
    is "$(grep -c 'the processor computes' stderr) $(left)" "1 ./x.bin ./x.csv "
    rm x.*
    # What was learnt is there, and goes on.
    after "$kernels" "${train[@]}" -o x.bin --device opencl:0 2>stderr >/dev/null && fail "it trains without its device"
    is "$(grep -c -- '--device: OpenCL .*out of resources' stderr)" 1
    is "$(left)" "./x.bin ./x.bin.checkpoint ./x.csv "
    good "$nca" info x.bin >/dev/null
done
[ -z "$lost" ] || "${train[@]}" -o x.bin --device opencl:0 --resume x.bin.checkpoint >/dev/null 2>stderr ||
    fail "it does not go on: $(cat stderr)"
rm x.*

# ---------------------------------------------------------------------------- bench
"$nca" bench dense-panel step-72-third --device opencl:0 >bench.txt 2>stderr || fail "bench: $(cat stderr)"
is "$(cat stderr)" "nca: dense-panel: left out: of the processor only"
is "$(grep -c '^step-72-third ' bench.txt) $(grep -c '^OpenCL device ' bench.txt)" "1 1"
good "$nca" bench step-72-third --json --device opencl >bench.json
is "$(grep -c '"name": "step-72-third"' bench.json) $(grep -c '"device": "' bench.json)" "1 1"
bad 1 '--device: OpenCL has no such device' "$nca" bench --device opencl:60
without warned "$nca" bench step-72-third --threads 1 --device opencl >bench.txt
is "$(grep -c '^step-72-third ' bench.txt) $(grep -c '^OpenCL device ' bench.txt)" "1 0"
# Lost before its peak is known, the processor is measured; later, what it had begun is left out.
if [ -n "$lost" ]; then
    after 0 warned "$nca" bench step-72-third --threads 1 --device opencl >bench.txt
    is "$(grep -c '^step-72-third ' bench.txt) $(grep -c '^OpenCL device ' bench.txt)" "1 0"
    after 0 bad 1 '--device: OpenCL .*out of resources' "$nca" bench step-72-third --device opencl:0
    for name in step-72-third step-72-b256 train-72-b8-s80; do
        after 20 "$nca" bench $name --threads 1 --device opencl >bench.txt 2>stderr || fail "bench: $(cat stderr)"
        is "$(grep -c "^$name " bench.txt) $(grep -c "^nca: $name: left out: OpenCL .*out of resources" stderr)" "0 1"
    done
fi
finish

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# device= of nca and ncasrc in the system's ffmpeg: on a device as on the processor, without one,
# and on one that is lost.  Skipped where OpenCL has no device.
# Usage: tests/ffmpeg_opencl.sh BIN [CL_LOST]
lost=${2:+$(realpath "$2")}
# shellcheck source=tests/ffmpeg_check.sh
. "$(dirname "$0")/ffmpeg_check.sh"

mkdir none # of drivers
without() { OCL_ICD_VENDORS=$work/none "$@"; }
make_model blob.bin
one='opencl\\:0'
options='s=80x64:r=5:d=4:steps=2:events=0 plant 50% 50% | 20 erase half lower'
# frames DEVICE: of the source and of the filter, their sums.
frames() {
    with -f lavfi -i "ncasrc=blob.bin:$options:device=$1" -f framemd5 source.md5 || return
    with -f lavfi -i "color=s=80x64:r=5:d=4" -vf "nca=blob.bin:steps=2:device=$1" -f framemd5 filter.md5 || return
    sed -n 's/^0,.* //p' source.md5 filter.md5
}
# warned DEVICE: each of the two says once that the processor takes over.
warned() {
    frames "$1" >warned.md5 2>stderr || fail "device=$1 fails: $(head -c 400 stderr)"
    is "$(wc -l <stderr) $(grep -c 'device: OpenCL .*; the processor computes$' stderr)" "2 2"
    cmp -s warned.md5 cpu.md5 || fail "device=$1: other frames than on the processor"
}
# fails DEVICE PATTERN COUNT
fails() {
    frames "$1" >/dev/null 2>stderr && fail "device=$1 was taken"
    is "$(grep -c "device: $2" stderr)" "$3"
}

if ! with -f lavfi -i "ncasrc=blob.bin:d=0.1:device=$one" -f null - 2>stderr; then
    cat stderr
    grep -q 'OpenCL' stderr || exit 1
    exit 77
fi
good frames cpu >cpu.md5
is "$(wc -l <cpu.md5)" 40
[ "$(sort -u cpu.md5 | wc -l)" -gt 20 ] || fail "nothing grows"
for device in opencl "$one"; do
    good frames "$device" >device.md5
    cmp -s device.md5 cpu.md5 || fail "device=$device: other frames than on the processor"
done
without warned opencl
without fails "$one" 'OpenCL has no platform' 1
fails 'opencl\\:60' 'OpenCL device 60 is not there' 1
if [ -n "$lost" ]; then
    LD_PRELOAD=$lost NCA_CL_KERNELS=41 warned opencl
    # What is done with a source that fails is the host's: FFmpeg 5.1 takes that for its end.
    LD_PRELOAD=$lost NCA_CL_KERNELS=41 fails "$one" 'OpenCL .*could not step: out of resources' 2
    is "$(grep -c '^0,' source.md5)" 11 # those before
    LD_PRELOAD=$lost NCA_CL_KERNELS=41 with -xerror -f lavfi -i "ncasrc=blob.bin:$options:device=$one" \
        -f null - 2>stderr && fail "nobody is told that the source has failed"
fi
finish

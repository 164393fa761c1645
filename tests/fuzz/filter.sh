#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The corpus of filter options inside the libavfilter that `meson compile ffmpeg` has made; and the
# filters by the house's warnings, which FFmpeg's own makefile would let pass.
# Usage: tests/fuzz/filter.sh FFMPEG_OUT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath "$1")
source=$out/work/src
library=$(find "$out/lib/nca" -name 'libavfilter.so.*' 2>/dev/null | head -n 1)
if [ -z "$library" ] || ! [ -e "$source/config.h" ]; then
    echo "skipped: libavfilter is not built"
    exit 77
fi
"${CC:-cc}" -std=gnu11 -O1 -Wall -Wextra -Wno-missing-field-initializers -Werror -fsyntax-only \
    -DHAVE_AV_CONFIG_H -isystem "$source" -isystem "$source/libavfilter" -I "$here/../../core" \
    "$here"/../../ffmpeg-filter/*.c
program=$(mktemp)
trap 'rm "$program"' EXIT
"${CC:-cc}" -O1 -Wall -Wextra -Werror -isystem "$source" "$here"/{filter,replay,file}.c \
    -o "$program" "$library" "$source/libavutil/libavutil.so"
export NCA_MODEL_PATH="$here/../../models" LD_LIBRARY_PATH=$out/lib/nca
"$program" "$here/../corpus/filter"

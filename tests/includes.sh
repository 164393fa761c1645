#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Arrows point one way: kernels ← step ← grid, train ← public headers ← adapters.  Reads
# the includes of every source and says which one should not be.  Usage: includes.sh [ROOT]
set -u
export LC_ALL=C.UTF-8
cd "${1:-$(dirname "$0")/..}" || exit 1
shopt -s extglob nullglob
failures=0

# included FILE…: "FILE HEADER" for each that they include; a header of the system, or what is no
# name of a header, keeps its brackets or all of its line.
included() {
    grep -H '^[[:space:]]*#[[:space:]]*include' "$@" |
        sed 's/^\([^:]*\):[^"<]*"\([^"]*\)".*/\1 \2/; s/^\([^:]*\):[^"<]*\(<[^>]*>\).*/\1 \2/
            s/^\([^:]*\):/\1 /' |
        while read -r file header; do
            bare=${header//[<>]/}
            [ -e "core/$bare" ] || [ -e "core/opencl/$bare" ] || bare=$header
            printf '%s %s\n' "$file" "$bare"
        done
}

wrong() {
    printf '%s includes %s\n' "$1" "$2" >&2
    failures=$((failures + 1))
}

# only REGEX FILE…: their own headers all have such names.
only() {
    local allowed=$1 file header
    shift
    while read -r file header; do
        [[ $header == '<'*'>' || $header =~ ^($allowed)$ ]] || wrong "$file" "$header"
    done < <(included "$@")
}

# never REGEX FILE…: none has.
never() {
    local barred=$1 file header
    shift
    while read -r file header; do
        [[ $header =~ ^($barred)$ ]] && wrong "$file" "$header"
    done < <(included "$@")
}

# names FILE…: a REGEX of the headers' names.
names() { basename -a "$@" | sed 's/\./\\./' | paste -sd '|'; }

[ "$(included core/*.[ch] | wc -l)" -gt 100 ] || { echo "no includes found" >&2; exit 1; }

# Nothing climbs into another part, and each has its own libraries.
core=(core/*.[ch] core/opencl/*.[ch])
hosts=(gimp-plugin/*.[ch] ffmpeg-filter/*.[ch] ffmpeg-filter/frei0r/*.[ch])
never '<?(.*/)?(\.\.|cli|core|tests)/.*' "${core[@]}" core/cli/*.[ch] "${hosts[@]}"
never '<(.*/)?(g(imp|tk|dk|egl|lib|io)|frei0r|av|sw|lib(gimp|av|sw)).*>' "${core[@]}" core/cli/*.[ch]
never '<png.*>' "${core[@]}" core/cli/!(png_*|main).[ch] "${hosts[@]}"
never '<CL/.*>' core/!(x).[ch] core/opencl/!(cl).[ch]

# The layers of core, each on what is below it only.
kernels='kernels\.h|kernels_simd\.h|network\.h|random\.h|status\.h|nca\.h'
model='nca\.h|model\.h|network\.h|status\.h'
world="world\\.h|$kernels"
step="step\\.h|step_back\\.h|$world"
only "$kernels" core/kernels*.[ch] core/cpu.c
only "$model" core/network.[ch]
only "$world" core/world.[ch]
only "$step" core/step*.[ch]
only "grid\\.h|remote\\.h|$step" core/grid.[ch]
only "opencl/opencl\\.h|grid\\.h|remote\\.h|$step" core/remote.[ch]
only 'nca\.h' core/nca*.h core/bench.h core/file.h
only '[a-z0-9_/]*\.h' "${core[@]}"
# What runs on a device knows neither worlds nor grids, and is asked by few.
only 'adam\.h|batch\.h|cl\.h|clock\.h|file\.h|model\.h|nca\.h|network\.h|opencl\.h|status\.h|training\.h|utf8\.h' \
    core/opencl/*.[ch]
never 'opencl/.*' core/!(bench|bench_device|device|remote|batch_remote).[ch]
# Who grows does not know who trains.
training='adam|batch*|bench*|checkpoint|damage|eval*|fates|job|likeness|nca_train|picture|pretrained'
training+='|rollout|samples|schedule|shift|target|train*|trial*'
grow='base64|clock|file|grid|import|json_text|model|nca_film|nca_view|number|opencl/opencl|picture|remote|utf8|view'
# shellcheck disable=SC2086
only "($grow)\\.h|$step" core/!($training).[ch]

# Adapters see public headers, their own, and their host's; the program is of one build with libnca,
# and asks it also for what is measured, and to write files.
public=$(names core/nca*.h)
libavfilter='(avfilter|filters|formats|internal|version|video|libavutil/[a-z_]+)\.h'
only "$public|bench\\.h|file\\.h|$(names core/cli/*.h)" core/cli/*.[ch]
only "$public|$(names gimp-plugin/*.h)" gimp-plugin/*.[ch]
only "$public|$libavfilter|$(names ffmpeg-filter/*.h)" ffmpeg-filter/*.[ch]
only "$public|$(names ffmpeg-filter/frei0r/*.h)" ffmpeg-filter/frei0r/*.[ch]
# One body for both GIMPs.
never '<libgimp.*>' gimp-plugin/!(host*).[ch]
# Not every compiler of OpenCL takes more than ASCII; all kernels are one text.
only 'none' core/opencl/*.cl
if LC_ALL=C grep -n '[^ -~]' core/opencl/*.cl >&2; then
    failures=$((failures + 1))
fi
files=("${core[@]}" core/cli/*.[ch] "${hosts[@]}")
echo "$(included "${files[@]}" | wc -l) includes of ${#files[@]} files: $failures failures"
exit $((failures > 0))

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Arrows point one way: kernels ← step ← grid, train ← public headers ← adapters.  Reads
# the includes of every source and says which one should not be.
set -u
export LC_ALL=C.UTF-8
cd "${1:-$(dirname "$0")/..}" || exit 1
failures=0

# included FILE…: "FILE HEADER" for each own header that they include.
included() {
    grep -H '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$@" |
        sed 's/^\([^:]*\):[^"]*"\([^"]*\)".*/\1 \2/'
}

# only REGEX FILE…: their own headers all have such names.
only() {
    local allowed=$1 file header
    shift
    while read -r file header; do
        [[ $header =~ ^($allowed)$ ]] && continue
        printf '%s includes %s\n' "$file" "$header" >&2
        failures=$((failures + 1))
    done < <(included "$@")
}

# never REGEX FILE…: none has.
never() {
    local barred=$1 file header
    shift
    while read -r file header; do
        [[ $header =~ ^($barred)$ ]] || continue
        printf '%s includes %s\n' "$file" "$header" >&2
        failures=$((failures + 1))
    done < <(included "$@")
}

# names FILE…: a REGEX of the headers' names.
names() { basename -a "$@" | sed 's/\./\\./' | paste -sd '|'; }

[ "$(included core/*.[ch] | wc -l)" -gt 100 ] || { echo "no includes found" >&2; exit 1; }

# Nothing climbs, and core does not look into its program.
never '(.*/)?(\.\.|cli)/.*' core/*.[ch]
never '.*/.*' core/cli/*.[ch]

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
# What runs on a device knows neither worlds nor grids, and is asked by few.
only 'adam\.h|batch\.h|cl\.h|clock\.h|file\.h|model\.h|nca\.h|network\.h|opencl\.h|status\.h|training\.h|utf8\.h' core/opencl/*.[ch]
never 'opencl/.*' $(ls core/*.[ch] | grep -vE '/(bench|bench_device|device|remote|batch_remote)\.[ch]$')
# Who grows does not know who trains.
never 'nca_train\.h|trainer\.h|adam\.h|rollout\.h|samples\.h|schedule\.h|damage\.h|target\.h|eval\.h' \
    core/nca{,_film,_view}.h \
    core/{kernels,network,world,step,grid,model,file,shape,status,events,import,search,film,view}*.[ch]
only 'nca\.h' core/nca*.h core/bench.h

# Adapters see public headers, and their own.
public=$(names core/nca*.h)
only "$public|bench\\.h|$(names core/cli/*.h)" core/cli/*.[ch]
mapfile -t inner < <(find core -maxdepth 1 -name '*.h' ! -name 'nca*.h')
for folder in gimp-plugin ffmpeg-filter; do
    mapfile -t sources < <(find "$folder" -name '*.[ch]')
    [ ${#sources[@]} -eq 0 ] && continue
    never "$(names "${inner[@]}")" "${sources[@]}"
    never '.*core/.*' "${sources[@]}"
done
# Not every compiler of OpenCL takes more.
if LC_ALL=C grep -n '[^ -~]' core/opencl/*.cl >&2; then
    failures=$((failures + 1))
fi
exit $((failures > 0))

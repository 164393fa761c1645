#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Trains the models of this folder anew: models/train.sh all | NAME…
# Then judges each (NAME.json) and draws what it does (NAME.png).  NCA names the program.
set -eu
cd "$(dirname "$0")/.."
nca=${NCA:-build/core/cli/nca}
all=(axolotl butterfly lizard smiley)

usage() { printf 'usage: models/train.sh all | NAME…   with NAME of: %s\n' "${all[*]}" >&2; exit 2; }

[ $# -gt 0 ] || usage
[ "$1" != all ] || set -- "${all[@]}"
for name; do
    [ -e "models/recipes/$name.png" ] || usage
done
command -v "$nca" >/dev/null || { echo "models/train.sh: no $nca: build first" >&2; exit 1; }

for name; do
    target=models/recipes/$name.png
    license=Apache-2.0 # of the picture it reproduces
    [ "$name" != axolotl ] || license=MIT
    (set -x; "$nca" train "$target" -o "models/$name.bin" --preset standard \
        --license "$license")
    "$nca" eval "models/$name.bin" --target "$target" --seeds 5 --json \
        --shot "models/$name.png" | tee "models/$name.json"
done

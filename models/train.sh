#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Trains the models of this folder anew: models/train.sh all | NAME…
# Then judges each (NAME.json), draws what it does (NAME.png), and writes the table of README.md.
# NCA names the program.
set -eu
cd "$(dirname "$0")/.."
nca=${NCA:-build/core/cli/nca}
# The lizard first: others begin with it.
emoji=(lizard butterfly explosion eye fish ladybug pretzel smiley tree web)
own=(axolotl logo marble planarian word)
finished=(lizard)    # which is learnt on until it survives five swipes of an eraser
taught=(ladybug web) # begin with what the lizard knows of healing

usage() {
    printf 'usage: models/train.sh all | NAME…   with NAME of: %s\n' "${emoji[*]} ${own[*]}" >&2
    exit 2
}

[ $# -gt 0 ] || usage
[ "$1" != all ] || set -- "${emoji[@]}" "${own[@]}"
for name; do
    case " ${emoji[*]} ${own[*]} " in *" $name "*) ;; *) usage ;; esac
done
command -v "$nca" >/dev/null || { echo "models/train.sh: no $nca: build first" >&2; exit 1; }

for name; do
    target=models/recipes/$name.png
    case " ${own[*]} " in
        *" $name "*) license=MIT ;;
        *) license=Apache-2.0 ;; # of the picture that it reproduces
    esac
    case " ${taught[*]} " in
        *" $name "*) more=(--from models/lizard.bin -i 12000) ;;
        *) more=() ;;
    esac
    (set -x; "$nca" train "$target" -o "models/$name.bin" --preset standard "${more[@]}" \
        --license "$license")
    case " ${finished[*]} " in
        *" $name "*)
            (set -x; "$nca" train "$target" -o "models/$name.bin" --from "models/$name.bin" \
                --preset finish)
            ;;
    esac
    "$nca" eval "models/$name.bin" --target "$target" --seeds 5 --hard --json \
        --shot "models/$name.png" >"models/$name.json"
done
models/table.py

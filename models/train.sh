#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Trains the models of this folder anew: models/train.sh all | NAME…
# Then judges each (NAME.json), draws what it does (NAME.png), and writes the table of README.md.
# NCA names the program.
set -eu
trap 'exit 130' INT # nca itself ends well then, with half a model
cd "$(dirname "$0")/.."
nca=${NCA:-build/core/cli/nca}
# The axolotl first: all others begin with it.
own=(axolotl logo marble planarian word)
emoji=(butterfly explosion eye fish ladybug lizard pretzel smiley tree web)

usage() {
    printf 'usage: models/train.sh all | NAME…   with NAME of: %s\n' "${own[*]} ${emoji[*]}" >&2
    exit 2
}

[ $# -gt 0 ] || usage
[ "$1" != all ] || set -- "${own[@]}" "${emoji[@]}"
for name; do
    case " ${emoji[*]} ${own[*]} " in *" $name "*) ;; *) usage ;; esac
done
command -v "$nca" >/dev/null || { echo "models/train.sh: no $nca: build first" >&2; exit 1; }

# PRESET OPTION…; go_on: from itself.
learn() {
    (set -x; "$nca" train "$target" -o "models/$name.bin" --license "$license" --preset "$@")
}
go_on() { learn "$@" --from "models/$name.bin"; }

for name; do
    target=models/recipes/$name.png
    case " ${own[*]} " in
        *" $name "*) license=MIT ;;
        *) license=Apache-2.0 ;; # of the picture that it reproduces
    esac
    case $name in
        axolotl) learn standard --from-scratch -i 24000 ;;
        web) learn best --from models/axolotl.bin ;; # thin lines, which an axolotl has not
        *) learn standard --from models/axolotl.bin -i 10000 ;;
    esac
    case $name in # until it survives five swipes of an eraser
        lizard) go_on finish ;;
        pretzel) go_on standard -i 14000 ;;
        tree)
            go_on finish --rate 0.0005
            go_on finish --rate 0.0005 -i 14000 --seed 1
            go_on finish --rate 0.0005 -i 12000 --seed 2
            ;;
        web)
            go_on finish --rate 0.0005
            go_on finish --rate 0.0005 -i 20000
            ;;
    esac
    "$nca" eval "models/$name.bin" --target "$target" --seeds 5 --hard --json \
        --shot "models/$name.png" >"models/$name.json.new"
    mv "models/$name.json.new" "models/$name.json"
done
models/table.py

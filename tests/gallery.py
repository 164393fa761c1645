#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The gallery: every model has a picture, a licence and its figures, is what those figures were
taken of, and does as well as they say: gallery.py NCA [MODELS]"""
import glob
import json
import os
import re
import subprocess
import sys

from checks import check, failures

nca = os.path.abspath(sys.argv[1])
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
folder = sys.argv[2] if len(sys.argv) > 2 else os.path.join(root, "models")
HARD = "smiley"  # is put through all trials, which takes a while


def ask(*words):
    return json.loads(subprocess.run([nca, *words, "--json"], check=True, cwd=root,
                                     stdout=subprocess.PIPE).stdout)[0]


def metadata(model):
    told = ask("info", model)
    return {**told, **told.get("metadata", {})}


def check_files(name, meta, figures):
    for file in (f"{name}.png", f"recipes/{name}.png"):
        check(os.path.exists(os.path.join(folder, file)), f"{name}: no {file}")
    check(figures["model"] == f"models/{name}.bin", f"{name}: figures of {figures['model']}")
    check(figures["target"] == f"models/recipes/{name}.png", f"{name}: target {figures['target']}")
    check(meta.get("license") in ("MIT", "Apache-2.0"), f"{name}: licence {meta.get('license')}")
    check(str(figures["regrown"]) == meta.get("regrown"), f"{name}: regrown of another model")
    for key in ("loss96", "loss200", "loss1000"):
        told, kept = figures[key], float(meta.get(key, "nan"))
        check(told is not None and abs(told - kept) <= 1e-3 * kept, f"{name}: {key} of another model")


def check_life(name, figures, hard):
    """One seed of the five is no worse than the worst of them, but for the last bits."""
    words = ("--seeds", "1", "--hard") if hard else ("--seeds", "1")
    now = ask("eval", f"{folder}/{name}.bin", "--target", f"{folder}/recipes/{name}.png", *words)
    for key in ("loss96", "loss200", "loss1000"):
        check(now[key] is not None and now[key] <= 1.1 * figures[key], f"{name}: {key} is {now[key]}")
    then = {trial["name"]: trial for trial in figures["cuts"] + figures["hard"]}
    for trial in now["cuts"] + now.get("hard", []):
        check(trial["pass"] or not then[trial["name"]]["pass"], f"{name}: {trial['name']} fails")


def main():
    paths = sorted(glob.glob(os.path.join(folder, "*.bin")))
    names = [os.path.basename(path)[:-len(".bin")] for path in paths]
    check(len(names) >= 4, f"{len(names)} models in {folder}")
    with open(os.path.join(folder, "train.sh"), encoding="utf-8") as file:
        trained = " ".join(re.findall(r"^(?:emoji|own)=\((.*)\)$", file.read(), re.M)).split()
    check(set(names) <= set(trained), f"train.sh makes {sorted(trained)}, and there are {names}")
    with open(os.path.join(folder, "meson.build"), encoding="utf-8") as file:
        installed = re.findall(r"'([a-z]+)\.bin'", file.read())
    check(sorted(set(installed)) == names, f"installed are {sorted(set(installed))}")
    for name in names:
        if not os.path.exists(os.path.join(folder, f"{name}.json")):
            check(False, f"{name}: no figures")
            continue
        with open(os.path.join(folder, f"{name}.json"), encoding="utf-8") as file:
            figures = json.load(file)[0]
        check_files(name, metadata(f"{folder}/{name}.bin"), figures)
        check_life(name, figures, name == HARD)
    print(f"{len(names)} models, {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()

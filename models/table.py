#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the figures of NAME.json into README.md, between its two marks: models/table.py

With --check it only says whether they are what the JSON files say."""
import glob
import json
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(FOLDER, "README.md")
BEGIN, END = "<!-- figures: models/table.py -->\n", "<!-- end of figures -->\n"
HEAD = """\
| | | loss after 96 steps | 200 | 1000 | 100 000 | five cuts | all 17 trials |
|---|---|---|---|---|---|---|---|
"""


def short(loss):
    """7.1e-05 as 7.1e-5."""
    return "–" if loss is None else f"{loss:.1e}".replace("e-0", "e-")


def row(path):
    with open(path, encoding="utf-8") as file:
        model, = json.load(file)
    name = os.path.basename(path)[:-len(".json")]
    trials = {trial["name"]: trial for trial in model["cuts"] + model["hard"]}
    failed = [name for name, trial in trials.items() if not trial["pass"]]
    missed = f"{model['passed']}" + (f", not {', '.join(failed)}" if failed else "")
    figures = [short(model["loss96"]), short(model["loss200"]), short(model["loss1000"]),
               short(trials["step 100000"]["loss"]), f"{model['regrown']} of 5", missed]
    picture = f'<img src="recipes/{name}.png" height="56" alt="">'
    return f"| {picture} | [{name}]({name}.png) | {' | '.join(figures)} |\n"


def main():
    with open(README, encoding="utf-8") as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    rows = "".join(row(path) for path in sorted(glob.glob(os.path.join(FOLDER, "*.json"))))
    new = before + BEGIN + "\n" + HEAD + rows + "\n" + END + after
    if "--check" in sys.argv[1:]:
        sys.exit("models/README.md: figures are not those of the JSON files: "
                 "models/table.py writes them" if new != text else 0)
    with open(README, "w", encoding="utf-8") as file:
        file.write(new)


main()

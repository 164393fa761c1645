# SPDX-License-Identifier: MIT
"""Adds up meson's test logs: names what failed, then prints N passed, N failed, N skipped.

Exit status 1 when a test failed, or when none passed or failed, as where a log is missing."""
import json
import os
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP", "IGNORED"}


def results(path):
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            test = json.loads(line)
            yield test["name"], test["result"]


passed = failed = skipped = missing = 0
for path in sys.argv[1:]:
    folder = path.split("/")[0]
    found = list(results(path))
    if not found:
        missing += 1
        print(f"{folder}: no test has run")
    for name, result in found:
        if result in PASSED:
            passed += 1
        elif result in SKIPPED:
            skipped += 1
            print(f"{folder}: skipped: {name}")
        else:
            failed += 1
            print(f"{folder}: failed: {name} ({result})")
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or missing or not passed else 0)

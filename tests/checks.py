# SPDX-License-Identifier: MIT
"""What tests in Python find wrong: told at once, and counted for the end."""
import sys

failures = []


def check(good, *words):
    if not good:
        print(*words, file=sys.stderr)
        failures.append(words)

#!/bin/bash
# SPDX-License-Identifier: MIT
#
# All Python scripts compile without a warning, and pyflakes is content with them.
# Usage: python.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/../..}"
built=('(' -path './build*' -o -type d -exec test -e '{}/meson-private' ';' ')')

mapfile -t scripts < <(find . "${built[@]}" -prune -o -name '*.py' -print | sort)
[ ${#scripts[@]} -gt 10 ] || { echo "no scripts found" >&2; exit 1; }
python3 -W error -c 'import sys
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        compile(file.read(), name, "exec")' "${scripts[@]}"
python3 -c 'import pyflakes' 2>/dev/null || { echo "skipped: no pyflakes here"; exit 77; }
python3 -m pyflakes "${scripts[@]}"
echo "${#scripts[@]} scripts, 0 findings"

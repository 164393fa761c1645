#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What shellcheck has to say of all shell scripts.  Usage: shell.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/../..}"
built=('(' -path './build*' -o -type d -exec test -e '{}/meson-private' ';' ')')
command -v shellcheck >/dev/null || { echo "skipped: no shellcheck here"; exit 77; }

mapfile -t scripts < <(find . "${built[@]}" -prune -o -type f \
    \( -name '*.sh' -o -name '*.sh.in' -o -name '*.bash' -o -path ./.ci/run \) -print | sort)
[ ${#scripts[@]} -gt 30 ] || { echo "no scripts found" >&2; exit 1; }
# Files that are made later (1091), what is meant for sed, awk or another shell (1003, 2016, 2102),
# words of a text (2013), A && B || C (2015), whole divisions (2017), what is read twice (2094),
# functions for later (2317).
shellcheck -x -P SCRIPTDIR:. -S info -e 1003,1091,2013,2015,2016,2017,2094,2102,2317 "${scripts[@]}"

# Where a command of a trap fails under `set -e`, the script ends by that, however well it went.
if grep -nE "trap '[^']*\bkill ([^'|]|\|[^|])*' EXIT" "${scripts[@]}"; then
    echo "kill in a trap without || : fails where nothing is left to be killed" >&2
    exit 1
fi
echo "${#scripts[@]} scripts, 0 findings"

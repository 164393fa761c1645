#!/bin/bash
# SPDX-License-Identifier: MIT
#
# C, headers and OpenCL are as clang-format leaves them by .clang-format, which is written for
# version 14: others part lines elsewhere.  Usage: format.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/../..}"
built=('(' -path './build*' -o -type d -exec test -e '{}/meson-private' ';' ')')
want=14

for program in clang-format-$want clang-format; do
    ! "$program" --version 2>/dev/null | grep -q " version $want\." || break
    program=
done
[ -n "$program" ] || { echo "skipped: no clang-format of version $want here"; exit 77; }

mapfile -t sources < <(find . "${built[@]}" -prune -o -name '*.[ch]' -print | sort)
mapfile -t kernels < <(find . "${built[@]}" -prune -o -name '*.cl' -print | sort)
[ ${#sources[@]} -gt 200 ] && [ ${#kernels[@]} -gt 0 ] || { echo "no sources found" >&2; exit 1; }
failures=0
"$program" --dry-run -Werror "${sources[@]}" || failures=1
for kernel in "${kernels[@]}"; do # a suffix that it does not know
    "$program" --assume-filename="$kernel.c" <"$kernel" |
        diff -u --label "$kernel" --label "$kernel, formatted" "$kernel" - >&2 || failures=1
done
[ $failures -gt 0 ] || echo "${#sources[@]} files of C and ${#kernels[@]} of OpenCL C are as they should be"
exit $failures

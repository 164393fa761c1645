#!/bin/bash
# SPDX-License-Identifier: MIT
#
# clang-tidy and cppcheck on all C of the project, as FOLDER, a build folder of its own, compiles
# it.  What they are not asked, and why, is in .clang-tidy, tests/.clang-tidy and cppcheck.txt.
# Usage: [NCA_LIBAV=SOURCE] tests/tools/lint.sh FOLDER [NAME…]
# NAME: only files whose path has one of these.  SOURCE: FFmpeg's, as `meson compile ffmpeg` leaves
# it in ffmpeg-filter/work/src: with the filters.
set -u
cd "$(dirname "$0")/../.." || exit 1
folder=$1
shift
for program in clang-tidy cppcheck; do
    type "$program" >/dev/null 2>&1 || { echo "left out: there is no $program"; exit 77; }
done

# Assertions tell the analysers, too.
if [ ! -e "$folder/build.ninja" ]; then
    mkdir -p "$folder"
    meson setup "$folder" --buildtype=debug -Dffmpeg=disabled -Dtests=enabled >"$folder/setup.log" ||
        { tail -n 20 "$folder/setup.log"; exit 1; }
fi

{ meson configure "$folder" -Dffmpeg_source="${NCA_LIBAV-}" && ninja -C "$folder" build.ninja; } \
    >"$folder/setup.log" || { tail -n 20 "$folder/setup.log"; exit 1; }

# Each file once, as it is compiled first; those that are made are built, as they are looked for.
python3 - "$folder" "$@" >"$folder/files.txt" <<'END' || exit 1
import json
import os
import subprocess
import sys

folder, names = sys.argv[1], sys.argv[2:]
path = os.path.join(folder, "compile_commands.json")
made, seen, commands = set(), set(), []
with open(path, encoding="utf-8") as file:
    for command in json.load(file):
        name = command["file"]
        if not name.startswith(".."):
            made.add(name)
        elif name not in seen and (not names or any(n in name for n in names)):
            seen.add(name)
            commands.append(command)
subprocess.run(["ninja", "-C", folder, *sorted(made)], check=True, stdout=subprocess.DEVNULL)
os.makedirs(os.path.join(folder, "lint"), exist_ok=True)
with open(os.path.join(folder, "lint", "compile_commands.json"), "w", encoding="utf-8") as file:
    json.dump(commands, file)
print(*(os.path.normpath(os.path.join(folder, name)) for name in sorted(seen)), sep="\n")
END
files=$(grep -c . "$folder/files.txt") || { echo "no such files: $*"; exit 1; }
[ -z "${NCA_LIBAV-}" ] || [ $# -gt 0 ] || grep -q vf_nca.c "$folder/files.txt" ||
    { echo "no filters with $NCA_LIBAV"; exit 1; }
echo "$files files"
# Those of another GIMP, another processor, no OpenCL, another project.
[ $# -gt 0 ] || echo "left out, as they are not compiled here:" "$(find . -path './build*' -prune -o \
    -name '*.c' -printf '%P\n' | sort | comm -23 - <(sort "$folder/files.txt") | paste -sd ' ')"

status=0
# told PROGRAM LOG: how many findings, which are shown.
told() {
    local found
    found=$(sort -u "$2" | tee "$2.sorted" | grep -c -E '(warning|error|style|performance|portability): ')
    head -n 60 "$2.sorted"
    echo "$1: $found findings"
}

checks=$(clang-tidy --list-checks -p "$folder/lint" | grep -c '^  ')
echo "$(clang-tidy --version | sed -n 's/.*version /clang-tidy /p'): $checks checks"
tr '\n' '\0' <"$folder/files.txt" |
    xargs -0 -P "$(nproc)" -n 1 clang-tidy --quiet -p "$folder/lint" >"$folder/tidy.log" 2>"$folder/tidy.errors" ||
    status=1
grep -E '(warning|error): ' "$folder/tidy.log" >"$folder/tidy.found"
grep -E 'error: ' "$folder/tidy.errors" >>"$folder/tidy.found"
told clang-tidy "$folder/tidy.found"

cppcheck --version
cppcheck -q -j "$(nproc)" --project="$folder/lint/compile_commands.json" --library=posix \
    --enable=warning,performance,portability,style --suppressions-list=tests/tools/cppcheck.txt \
    --template='{file}:{line}: {severity}: {message} [{id}]' --error-exitcode=1 \
    >"$folder/cppcheck.found" 2>&1 || status=1
told cppcheck "$folder/cppcheck.found"
exit $status

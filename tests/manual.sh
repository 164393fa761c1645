#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The manual beside what it is of: the pages' form, each option of the program with its range and
# default, the Python of nca-model(5) beside the program, and what core/README.md names beside the
# code.  Usage: tests/manual.sh NCA
# shellcheck source=tests/cli_check.sh
. "$(dirname "$0")/cli_check.sh"
filter=$source_root/ffmpeg-filter
good awk -f "$filter/manual.awk" "$filter/nca.texi" "$filter/ffmpeg-nca.1.in" >ffmpeg-nca.1
pages=("$source_root/core/cli/nca.1" "$source_root/core/cli/nca-model.5" ffmpeg-nca.1)

# ---------------------------------------------------------------------------- form
# judge PROGRAM ARGUMENT…: it has nothing to say of any page.
judge() {
    local page
    command -v "$1" >/dev/null || { echo "$1 is not here to judge the pages" && return; }
    for page in "${pages[@]}"; do is "$("$@" "$page" 2>&1)" ""; done
}
judge mandoc -T lint
judge groff -man -ww -z

# ------------------------------------------------------------------------- options
# told VERB: "NAME LETTER TEXT" of each option that nca.1 tells in its section, tabs between; no
# blanks are in TEXT.
told() {
    sed 's/\\-/-/g' "$source_root/core/cli/nca.1" | awk -v section="${1^^}" '
        function close_entry() { if (name) print name "\t" letter "\t" text; name = "" }
        /^\.(SH|TP|TQ|PP)/ { close_entry() }
        /^\.SH/ { inside = $2 == section }
        inside && tag && match($0, /--[a-z-]+/) {
            name = substr($0, RSTART + 2, RLENGTH - 2)
            letter = match($0, /^\.[A-Z]+ -[a-z]/) ? substr($0, RLENGTH, 1) : ""
            text = ""
        }
        name && !tag { sub(/^\.[A-Z]+/, ""); gsub(/ /, ""); text = text $0 }
        { tag = /^\.T[PQ]/ }
        END { close_entry() }'
}

# check_option VERB NAME KIND DEFAULT LEAST MOST TEXT
check_option() {
    case $3 in
    choice) [ -z "$4" ] || [[ $7 = *"($4)"* ]] || [[ $4 = *' '* ]] ||
        fail "nca.1: $1 --$2: no default ($4)" ;;
    int | real | seed | bytes) ! [[ $4 =~ ^[0-9.]+[KMG]?$ ]] || [[ $7 =~ [\(]$4[\)\;] ]] ||
        fail "nca.1: $1 --$2: no default ($4)" ;;
    esac
    case $3 in int | real) [[ $6 = *e+* ]] || [[ $7 = *"$5to$6"* ]] || [ "$7" = Asabove. ] ||
        fail "nca.1: $1 --$2: no range $5 to $6" ;;
    esac
}

options=0
for verb in $("$nca" --options); do
    "$nca" --options "$verb" | sort >options.tsv
    told "$verb" | sort >told.tsv
    is "$verb: $(cut -f 1,2 told.tsv)" "$verb: $(cut -f 1,2 options.tsv)"
    while IFS=';' read -r name _ _ kind initial least most _ text; do
        check_option "$verb" "$name" "$kind" "$initial" "$least" "$most" "$text"
        options=$((options + 1))
    done < <(paste options.tsv told.tsv | cut -f 1-8,10- | tr '\t' ';')
done
for name in $("$nca" help bench | sed -n '/^dense-panel/,$s/ .*//p'); do
    grep -q -F ".B ${name//-/\\-}" "$source_root/core/cli/nca.1" || fail "nca.1 lacks $name"
done

# --------------------------------------------------------------------- nca-model(5)
# It reads a model, grows it, and writes it again: the same pictures, and the same model.
if /usr/bin/python3 -c 'import numpy' 2>/dev/null; then
    cp "$source_root/models/lizard.bin" .
    sed -n '/^\.SH EXAMPLES/,$p' "$source_root/core/cli/nca-model.5" |
        sed -n '/^\.EX/,/^\.EE/{/^\.E/d;p}' | sed "s/\\\\-/-/g; s/\\\\(aq/'/g" >example.py
    good /usr/bin/python3 example.py
    "$nca" grow lizard.bin -o - -s 96 | tail -c "$(wc -c <lizard.rgba)" >last.rgba
    [ "$(tr -d '\0' <last.rgba | wc -c)" -gt 2000 ] || fail "no lizard has grown"
    # Sums in another order may round a sample otherwise.
    [ "$(cmp -l last.rgba lizard.rgba | wc -l)" -lt 200 ] || fail "numpy's lizard is another one"
    good "$nca" convert lizard.bin own.bin
    good "$nca" convert copy.bin theirs.bin
    same own.bin theirs.bin
else
    echo "numpy is not here for the examples of nca-model(5)"
fi

# ------------------------------------------------------------------- core/README.md
# Its paragraphs and items, each on a line.
paragraphs() {
    awk '/^$|^\||^[0-9]+\. /{ if (text) print text; text = "" } { text = text " " $0 }
        END { print text }' "$source_root/core/README.md"
}

# check_name NAME FILE…: of the code in one of them, or the path of a file.
check_name() {
    local name=$1
    shift
    case $name in
    *.*) [[ " $* " = *" core/$name "* ]] || [ -e "$name" ] || fail "core/README.md: no $name" ;;
    *) grep -qE -e "\b$name( *[({;]|\)\()" "$@" /dev/null ||
        fail "core/README.md: no $name in $*" ;;
    esac
}

cd "$source_root" || exit 1
names=0
while IFS= read -r paragraph; do
    mapfile -t files < <(grep -oP '\]\(\K[^)]*' <<<"$paragraph" | sed 's|^|core/|')
    for file in "${files[@]}"; do
        [ -e "$file" ] || fail "core/README.md: no file $file"
    done
    for name in $(grep -oP '`\K[\w./]+(?=`)' <<<"$paragraph"); do
        check_name "$name" "${files[@]}"
        names=$((names + 1))
    done
done < <(paragraphs)
for file in $(grep -oE '[a-z_]+\.[ch]\b' core/way.svg); do
    [ -e "core/$file" ] || fail "core/way.svg: no file $file"
done
[ "$names" -gt 100 ] || fail "core/README.md: only $names names"
echo "${#pages[@]} pages, $options options, $names names of the code"
finish

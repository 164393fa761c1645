# SPDX-License-Identifier: MIT
#
# A page of the manual: a frame in man's macros, and in it, where a line is @NAME@, the section of
# that name from a text in Texinfo.  It knows what nca.texi uses, and stops at all else.
# Usage: awk -f manual.awk nca.texi ffmpeg-nca.1.in

function fail(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what >"/dev/stderr"
    failed = 1
    exit 1
}

function put(line) { section[name] = section[name] line "\n" }

# No line begins as a request would.
function put_line(line) { put((line ~ /^[.']/ ? "\\&" : "") line) }

# Filled, as far as words allow.
function put_text(words,    cut) {
    while (length(words) > 78) {
        for (cut = 79; cut > 0 && substr(words, cut, 1) != " "; cut--)
            ;
        if (!cut) break
        put_line(substr(words, 1, cut - 1))
        words = substr(words, cut + 1)
    }
    put_line(words)
}

function literal(words) {
    gsub(/\\/, "\\e", words)
    gsub(/-/, "\\-", words)
    gsub(/'/, "\\(aq", words)
    gsub(/~/, "\\(ti", words)
    return words
}

function font_of(command) {
    if (command ~ /^(code|command|env|option|ref|samp)$/) return "\\fB"
    if (command ~ /^(file|url|var)$/) return "\\fI"
    fail("@" command " is not known")
}

function inline(words,    done, command, end) {
    gsub(/@var\{N\}/, "N", words) # inside of others
    while (match(words, /@[a-z]+\{/)) {
        command = substr(words, RSTART + 1, RLENGTH - 2)
        done = done substr(words, 1, RSTART - 1)
        words = substr(words, RSTART + RLENGTH)
        end = index(words, "}")
        if (!end) fail("no } behind @" command)
        done = done font_of(command) literal(substr(words, 1, end - 1)) "\\fR"
        words = substr(words, end + 1)
    }
    if (words ~ /@/) fail("a stray @")
    return done words
}

# What was gathered, as a paragraph.
function close_text() {
    if (text == "") return
    if (parted) put(depth ? ".IP" : ".PP")
    put_text(inline(text))
    text = ""
    parted = tagged = 0
}

function open_list(kind) {
    close_text()
    if (depth) put(".RS")
    list[++depth] = kind
    tagged = 0
}

function close_list() {
    close_text()
    if (--depth) put(".RE")
    parted = 1
}

function put_item(what) {
    close_text()
    if (list[depth] == "itemize") {
        put(".IP \\(bu 2")
    } else {
        put(tagged ? ".TQ" : ".TP")
        put(".B \"" literal(what) "\"")
        tagged = 1
    }
    parted = 0
}

FNR == NR && /^@c( |$)/ || FNR == NR && /^@anchor/ { next }
FNR == NR && example {
    if (/^@end example$/) {
        put(".EE\n.RE")
        example = 0
        parted = 1
    } else {
        put(literal($0))
    }
    next
}
FNR == NR && /^@section / { close_text(); name = $2; parted = 0; next }
FNR == NR && /^@subsection / { close_text(); put(".SS " $2); parted = 0; next }
FNR == NR && /^@table @(option|samp)$/ { open_list("table"); next }
FNR == NR && /^@itemize$/ { open_list("itemize"); next }
FNR == NR && /^@end (table|itemize)$/ { close_list(); next }
FNR == NR && /^@item( |$)/ {
    what = substr($0, 7)
    gsub(/@var\{|\}/, "", what)
    put_item(what)
    next
}
FNR == NR && /^@example$/ { close_text(); put(".RS\n.EX"); example = 1; next }
FNR == NR && /^$/ { if (text != "") { close_text(); parted = 1 } next }
FNR == NR && /^@[a-z]+/ && !/^@[a-z]+\{/ { fail("\"" $0 "\" is not known") }
FNR == NR { text = text (text == "" ? "" : " ") $0; next }
FNR == 1 { if (depth || example) fail("something is not closed"); close_text() }
/^@[a-z]+@$/ {
    what = substr($0, 2, length($0) - 2)
    if (!(what in section)) fail("no section " what)
    printf "%s", section[what]
    next
}
{ print }
END { exit failed }

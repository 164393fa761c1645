#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds every file to the house's sizes and names, says where one does not keep to them, and
prints the figures.  Functions are found by what clang-format (format.sh) makes of them: braces
in column 0, four spaces a level.  Usage: sizes.py [ROOT]"""
import os
import re
import sys

FUNCTION_LINES, FILE_LINES, PARAMETERS, LEVELS = 80, 500, 7, 3
C = ('.c', '.h', '.cl')
COLUMNS = {'.build': 100, '.txt': 100, '.md': 120, '.py': 120, '.sh': 120} | dict.fromkeys(C, 90)
LICENSED = (*COLUMNS.keys() - {'.md'}, '.bash', '.in', '.mak', '.scm')
NO_TEXTS = ('.o', '.png', '.bin', '.apng', '.checkpoint', '.gif', '.mkv', '.mov', '.mp4', '.webm')
NAMES = re.compile(r'utils?|common|misc|helpers?')
UNDONE = re.compile(r'\b(TO' r'DO|FIX' r'ME|X' r'XX)\b')
failures = 0


def refuse(where, *words):
    global failures
    failures += 1
    print(where + ':', *words, file=sys.stderr)


def sources():
    """All texts of the project; what is built lies in build*/ at the top or where meson says so,
    and the fuzzers begin with what is in corpus/, byte by byte."""
    for folder, inner, names in os.walk('.'):
        if 'meson-private' in inner:
            inner[:] = []
            continue
        inner[:] = sorted(n for n in inner if n not in ('.git', '__pycache__', 'corpus')
                          and not (folder == '.' and n.startswith('build')))
        for name in sorted(names):
            path = os.path.normpath(os.path.join(folder, name))
            if path != '.git' and not path.endswith(NO_TEXTS):
                yield path


def blank(match):
    return re.sub(r'[^\n]', ' ', match[0])


def bare(text):
    """The C alone, line by line: no comments, no directives, no words in quotes."""
    text = re.sub(r'''/\*.*?\*/|//[^\n]*|(?<=")(?:\\.|[^"\\\n])*(?=")|'(?:\\.|[^'\\\n])+\'''',
                  blank, text, flags=re.S)
    return re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', blank, text, flags=re.M).split('\n')


def functions(lines):
    """(first line, line of the brace, last line) of each, from 0"""
    for i, line in enumerate(lines):
        if line.rstrip() == '{' or re.match(r'\w.*\) \{\}$', line):
            first = i
            while first and lines[first - 1].strip() and lines[first - 1][0] not in '}{' \
                    and lines[first - 1].rstrip()[-1] != ';':
                first -= 1
            yield first, i, lines.index('}', i) if line[0] == '{' else i


def parameters(signature):
    """of the function, or the most of a pointer to one among its parameters"""
    signature = re.sub(r'__attribute__\(\(.*?\)\)\)?', '', signature)
    most = 0
    for start in re.finditer(r'[\w)]\(', signature):
        depth, commas = 0, 0
        for c in signature[start.end():]:
            depth += (c == '(') - (c == ')')
            commas += c == ',' and depth == 0
            if depth < 0:
                break
        most = max(most, commas + 1)
    return most


def levels(body):
    """The deepest statement: the number of those around it in the function."""
    deepest, depth, before = 0, 0, ';'
    for line in body:
        code = line.strip()
        if not code:
            continue
        if depth == 0 and before[-1] in ';{}:)eo' and code[0] not in '?:{})':
            if before[-1] not in 'eo' or re.search(r'\b(else|do)$', before):
                deepest = max(deepest, (len(line) - len(line.lstrip())) // 4 - 1)
        opened = code[:-1] if re.search(r'(\)|\belse|\bdo|^) ?\{$', code) else code
        depth = max(0, depth + sum(opened.count(c) for c in '({')
                    - sum(opened.lstrip('}').count(c) for c in ')}'))
        before = code
    return deepest


def look_at_c(path, text, sizes):
    lines = bare(text)
    for first, brace, last in functions(lines):
        signature = ' '.join(lines[first:brace + 1])
        where = f'{path}:{first + 1}'
        sizes.append(last - first + 1)
        if sizes[-1] > FUNCTION_LINES:
            refuse(where, sizes[-1], 'lines in a function')
        if levels(lines[brace + 1:last]) > LEVELS:
            refuse(where, 'statements lie in more than', LEVELS, 'others')
        # OpenCL's own are as they are, and its kernels take no pointers in structs.
        if parameters(signature) > PARAMETERS and not re.search(r'^kernel |\bcl[A-Z]', signature):
            refuse(where, parameters(signature), 'parameters')
    for i, line in enumerate(lines):
        if re.match(r'\w.*\) \{$', line) and '=' not in line:
            refuse(f'{path}:{i + 1}', 'the brace of a function belongs on a line of its own')
    joined = ' '.join(lines)
    for pointer in re.finditer(r'\(\*\w*(?=\)\()', joined):
        if parameters(joined[pointer.end():joined.find(';', pointer.end())]) > PARAMETERS:
            refuse(path, pointer[0], 'has too many parameters')


def look_at(path, text):
    end = os.path.splitext(path)[1]
    lines = text.split('\n')
    if len(lines) - 1 > FILE_LINES and end not in ('.1', '.po'):  # a manual, and translations
        refuse(path, len(lines) - 1, 'lines')
    if not text.endswith('\n') or text.endswith('\n\n'):
        refuse(path, 'does not end with one newline')
    if end in LICENSED or text.startswith('#!'):
        if 'SPDX-License-Identifier: MIT' not in ' '.join(lines[:2]):
            refuse(path, 'does not begin with its licence')
    for i, line in enumerate(lines, 1):
        where = f'{path}:{i}'
        if len(line) > COLUMNS.get(end, 1000) and not (end == '.md' and line.startswith('|')):
            refuse(where, len(line), 'columns')
        if '\t' in line and not path.endswith('Makefile') or line != line.rstrip():
            refuse(where, 'a tab, or blanks at the end')
        if UNDONE.search(line):
            refuse(where, UNDONE.search(line)[0])


os.chdir(sys.argv[1] if sys.argv[1:] else os.path.join(os.path.dirname(__file__), '../..'))
functions_found, longest, files = [], (0, ''), 0
for path in sources():
    for part in path.split(os.sep):
        if NAMES.fullmatch(os.path.splitext(part)[0]):
            refuse(path, 'says nothing by its name')
    with open(path, encoding='utf-8', errors='replace', newline='') as file:
        text = file.read()
    if '\ufffd' in text:
        refuse(path, 'is not UTF-8')
    look_at(path, text)
    if path.endswith(C):
        files += 1
        longest = max(longest, (text.count('\n'), path))
        look_at_c(path, text, functions_found)
sizes = sorted(functions_found)
if files < 200 or len(sizes) < 1000:
    refuse('.', 'only', files, 'files and', len(sizes), 'functions found')
else:
    print(files, 'files of C and OpenCL, the longest of', *longest, '\n' +
          f'{len(sizes)} functions: median {sizes[len(sizes) // 2]} lines, 95 % of them up to '
          f'{sizes[len(sizes) * 95 // 100]}, the longest {sizes[-1]}')
sys.exit(failures > 0)

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The FFmpeg filters' options beside what the manual and the README tell of them.
Usage: ffmpeg_manual.py FFMPEG FOLDER    of nca.texi and README.md"""
import os
import re
import sys

from checks import check, failures
from ffmpeg_help import list_options

NUMBERS = {'-1e+06': '-1000000', '1e+06': '1000000', 'UINT32_MAX': '4294967295', 'INT_MAX': 'up'}


def of_manual(path, section):
    """name: (text, choices) of the section of nca.texi, and what it says of commands"""
    with open(path, encoding='utf-8') as file:
        lines = file.read().split('@section %s\n' % section)[1].split('@section ')[0]
    lines, _, rest = lines.partition('@subsection')
    options, names, depth = {}, [], 0
    for line in re.sub(r'@(?:code|env|file|option|samp|var)\{([^}]*)\}', r'\1', lines).splitlines():
        depth += line.startswith('@table') - line.startswith('@end table')
        item = line.startswith('@item ') and line[6:].split(', ')
        if item and depth == 1:
            names = item + [name for name in names if not options[name][0]]  # of two in a row
            options.update((name, ['', []]) for name in names)
            continue
        for name in names if depth else []:
            if item and depth == 2:
                options[name][1].append(item[0])
            options[name][0] += line + ' '
    return options, set(re.findall(r'@option\{(\w+)\}', rest.partition('@ref{commands}')[0]))


def check_told(name, option, text, choices):
    """Whether the manual's text says of an option what ffmpeg -h does."""
    default, limits, values, _ = option
    expected = 'By default|required'  # there is none, or none that it tells
    if default and default != '-0.000001':
        word = re.escape(default.replace('1/1', '1')) + '[ .,]'
        expected = f'(default is|and) {word}|@item {word}[^@]*, the default'
    check(re.search(expected, text), name, 'has no such default in the manual:', default)
    check(choices == values or not values, name, 'has', choices, 'in the manual and', values)
    if limits and not values:
        limits = [NUMBERS.get(limit, limit) for limit in limits]
        check(re.search('from {} (to )?{}\\b'.format(*limits), text), name,
              'has no such range in the manual:', limits)


def of_readme(path):
    """name: whether it may change while running"""
    with open(path, encoding='utf-8') as file:
        rows = re.findall(r'^\| (`.*?)( T)? \|', file.read(), re.M)
    return {name: bool(runs) for names, runs in rows for name in re.findall(r'`(\w+)`', names)}


if not os.path.exists(sys.argv[1]):
    print(sys.argv[1], 'is not built')
    sys.exit(77)
nca, ncasrc = (list_options(sys.argv[1], name) for name in ('nca', 'ncasrc'))
source = {name: option for name, option in ncasrc.items() if name not in nca}
for section, options in (('nca', nca), ('ncasrc', source)):
    manual, commands = of_manual(os.path.join(sys.argv[2], 'nca.texi'), section)
    check(set(manual) == set(options), 'only in the manual or in', section + ':',
          set(manual) ^ set(options))
    for name in set(manual) & set(options):
        check_told(name, options[name], *manual[name])
    check(section != 'nca' or commands == {name for name in nca if nca[name][3]},
          'commands in the manual:', commands)
readme = of_readme(os.path.join(sys.argv[2], 'README.md'))
check(readme == {name: option[3] for name, option in {**source, **nca}.items()},
      'the README tells of other options, or marks others:', readme)
print(len(readme), 'names of options:', len(failures), 'failures')
sys.exit(len(failures) > 0)

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The adapters' options beside each other: the same name, range and default for the same thing
in the program, in FFmpeg and its manual, in frei0r and, where its tables can be listed, in GIMP.
Usage: options.py NCA FFMPEG PARAMETERS_C MANUAL_FOLDER [GIMP_OPTIONS]"""
import os
import re
import subprocess
import sys

MODELS = {'-1', 'model', "the model's"}  # words for "as the model says"
ALIASES = {'m', 'seed', 's', 'r', 'd'}   # of FFmpeg, beside the long name
NUMBERS = {'-1e+06': '-1000000', '1e+06': '1000000', 'UINT32_MAX': '4294967295', 'INT_MAX': 'up'}
failures = 0


def check(good, *words):
    global failures
    if not good:
        print(*words, file=sys.stderr)
        failures += 1


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def of_program(nca, verb):
    """name: (default, choices)"""
    text = re.sub(r'\n {10,}', ' ', run(nca, verb, '--help'))
    found = re.findall(r'^ +(?:-\w, |    )--([\w-]+) +(\S+) .*?(?:\[(.*)\])?$', text, re.M)
    return {name.replace('-', '_'): (default, re.sub(r'\[.*\]', '', kind).split('|'))
            for name, kind, default in found}


def of_ffmpeg(ffmpeg, filter_):
    """name: (default, range, choices, whether it may change while running), in order"""
    options = {}
    for line in run(ffmpeg, '-v', 'error', '-h', 'filter=' + filter_).splitlines():
        choice = re.match(r'     (\w+) +-?\d+ +\S+', line)
        option = re.match(r'   (\w+) +<(\w+)> +(\S+) (.*)', line)
        if choice:
            options[name][2].append(choice[1])
        elif option and not option[1].startswith('enable'):
            name = option[1]
            default = re.search(r'\(default "?(.*?)"?\)$', option[4])
            limits = re.search(r'\(from (\S+) to (\S+)\)', option[4])
            options[name] = (default and default[1], limits and limits.groups(), [],
                             'T' in option[3])
    return options


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


def of_frei0r(path):
    """name: default, in order, with those of the filter alone"""
    with open(path, encoding='utf-8') as file:
        table = file.read().split('parameters[] = {')[1].split('\n};')[0]
    rows = re.findall(r'\{"(\w+)",\s*"[^"]*",\s*("[^"]*"|\w+),\s*(\w+),[^{]*?\}', table)
    return {name: default.strip('"') for name, default, kind in rows}


def of_gimp(program):
    """[(name, kind, default, range, choices)] of all its tables, one after the other"""
    rows = []
    for line in run(program, 'list').splitlines():
        name, kind, default, limits, choices = line.split('\t')
        rows.append((name.replace('-', '_'), kind, default, limits.split(),
                     choices.split('|') if choices else []))
    return rows


def same(a, b):
    if a in MODELS and b in MODELS:
        return True
    try:
        return float(a) == float(b)
    except (TypeError, ValueError):
        return a == b


if not os.path.exists(sys.argv[2]):
    print(sys.argv[2], 'is not built')
    sys.exit(77)
program, trainer = (of_program(sys.argv[1], verb) for verb in ('grow', 'train'))
nca, ncasrc = (of_ffmpeg(sys.argv[2], name) for name in ('nca', 'ncasrc'))
frei0r = of_frei0r(sys.argv[3])

shared = set(program) & set(nca)
check({'grid', 'seed', 'angle', 'events', 'edge', 'fire_rate', 'device'} <= shared,
      'the program and FFmpeg share only', sorted(shared))
for name in shared - {'steps', 'grid', 'scale'}:  # a film's steps are per frame
    check(same(program[name][0], nca[name][0]),
          name, 'is', program[name][0], 'in the program and', nca[name][0], 'in FFmpeg')
check(set(program['edge'][1]) == set(nca['edge'][2]) - {'model'}, 'edge:', nca['edge'][2])

for name in set(nca) & set(ncasrc):
    check(nca[name] == ncasrc[name], name, 'of nca and ncasrc differ')
check(len(set(nca) & set(ncasrc)) > 14, 'nca and ncasrc share little')
check(nca['seed'] == nca['random_seed'] and nca['m'] == nca['model'], 'aliases differ')

source = {name: option for name, option in ncasrc.items() if name not in nca}
for section, options in (('nca', nca), ('ncasrc', source)):
    manual, commands = of_manual(os.path.join(sys.argv[4], 'nca.texi'), section)
    check(set(manual) == set(options), 'only in the manual or in', section + ':',
          set(manual) ^ set(options))
    for name in set(manual) & set(options):
        check_told(name, options[name], *manual[name])
    check(section != 'nca' or commands == {name for name in nca if nca[name][3]},
          'commands in the manual:', commands)
readme = of_readme(os.path.join(sys.argv[4], 'README.md'))
check(readme == {name: option[3] for name, option in {**source, **nca}.items()},
      'the README tells of other options, or marks others:', readme)

names = [name for name in nca if name not in ALIASES - {'seed'} and name != 'random_seed']
check(set(names) - set(frei0r) == {'device'}, 'not in frei0r:', set(names) - set(frei0r))
check(set(frei0r) - set(names) == {'rate'}, 'only in frei0r:', set(frei0r) - set(names))
for name in set(frei0r) & set(nca) - {'model', 'grid', 'x', 'y'}:  # there x and y are shares
    check(same(frei0r[name].replace('NCA_EVENTS_DEFAULT', nca['events'][0]), nca[name][0]),
          name, 'is', frei0r[name], 'in frei0r and', nca[name][0], 'in FFmpeg')
# GIMP's own defaults: a draft, as a window is to show something soon; an empty name is the model
# that presets begin with; 0 iterations are the preset's; layers are fewer than frames of a film;
# regenerating does not plant.  Its seeds are GIMP's whole numbers.  What a model that heals is
# finished with is for the shell.
OWN = {('preset', 'draft'), ('from', ''), ('iterations', '0'), ('every', '4'), ('events', '')}
gimp = of_gimp(sys.argv[5]) if sys.argv[5:] else []
for name, kind, default, limits, choices in gimp:
    others = [('train', trainer), ('grow', program)] if name != 'output' else []
    for verb, options in others:
        if name in options and (name, default) not in OWN:
            check(same(default, options[name][0]), name, 'is', default, 'in GIMP and',
                  options[name][0], 'in nca', verb)
        if name in options and choices:
            check(set(choices) - {'model'} == set(options[name][1]) - {'finish'}, name, choices,
                  'in GIMP')
    if name in set(nca) - {'model', 'seed', 'steps'}:
        check((name, default) in OWN or same(default, nca[name][0]), name, 'is', default,
              'in GIMP and', nca[name][0], 'in FFmpeg')
        check(choices == nca[name][2] or name == 'device',  # a text, as there are opencl:N
              name, choices, 'in GIMP and', nca[name][2], 'in FFmpeg')
        check(not limits or all(map(same, limits, nca[name][1])), name, limits, 'in GIMP and',
              nca[name][1], 'in FFmpeg')
check(not gimp or {row[0] for row in gimp} >= {'size', 'padding', 'seed', 'steps', 'scale',
                                               'interp', 'fire_rate', 'angle', 'edge'},
      'GIMP lists only', gimp)
sys.exit(failures > 0)

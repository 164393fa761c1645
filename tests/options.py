#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The adapters' options beside each other: the same name, range and default for the same thing
in the program, in FFmpeg and in frei0r.  Usage: options.py NCA FFMPEG PARAMETERS_C"""
import os
import re
import subprocess
import sys

MODELS = {'-1', 'model', "the model's"}  # words for "as the model says"
ALIASES = {'m', 'seed', 's', 'r', 'd'}   # of FFmpeg, beside the long name
failures = 0


def check(good, *words):
    global failures
    if not good:
        print(*words, file=sys.stderr)
        failures += 1


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def of_program(nca):
    """name: (default, choices)"""
    text = re.sub(r'\n {10,}', ' ', run(nca, 'grow', '--help'))
    found = re.findall(r'^ +(?:-\w, |    )--([\w-]+) +(\S+) .*?(?:\[(.*)\])?$', text, re.M)
    return {name.replace('-', '_'): (default, kind.split('|')) for name, kind, default in found}


def of_ffmpeg(ffmpeg, filter_):
    """name: (default, range, choices), in order"""
    options = {}
    for line in run(ffmpeg, '-v', 'error', '-h', 'filter=' + filter_).splitlines():
        choice = re.match(r'     (\w+) +-?\d+ +\S+', line)
        option = re.match(r'   (\w+) +<(\w+)> +\S+ (.*)', line)
        if choice:
            options[name][2].append(choice[1])
        elif option and not option[1].startswith('enable'):
            name = option[1]
            default = re.search(r'\(default "?(.*?)"?\)$', option[3])
            limits = re.search(r'\(from (\S+) to (\S+)\)', option[3])
            options[name] = (default and default[1], limits and limits.groups(), [])
    return options


def of_frei0r(path):
    """name: default, in order, with those of the filter alone"""
    with open(path, encoding='utf-8') as file:
        table = file.read().split('parameters[] = {')[1].split('\n};')[0]
    rows = re.findall(r'\{"(\w+)",\s*"[^"]*",\s*("[^"]*"|\w+),\s*(\w+),[^{]*?\}', table)
    return {name: default.strip('"') for name, default, kind in rows}


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
program = of_program(sys.argv[1])
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

names = [name for name in nca if name not in ALIASES - {'seed'} and name != 'random_seed']
check(set(names) - set(frei0r) == {'device'}, 'not in frei0r:', set(names) - set(frei0r))
check(set(frei0r) - set(names) == {'rate'}, 'only in frei0r:', set(frei0r) - set(names))
for name in set(frei0r) & set(nca) - {'model', 'grid', 'x', 'y'}:  # there x and y are shares
    check(same(frei0r[name].replace('NCA_EVENTS_DEFAULT', nca['events'][0]), nca[name][0]),
          name, 'is', frei0r[name], 'in frei0r and', nca[name][0], 'in FFmpeg')
sys.exit(failures > 0)

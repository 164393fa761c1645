#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The adapters' options beside each other: the same name, range, choices and default for the same
thing in the program, in FFmpeg, in frei0r and in GIMP.
Usage: options.py NCA [FFMPEG|LISTER...], each of the latter a program that prints tables"""
import os
import re
import subprocess
import sys

from checks import check, failures
from ffmpeg_help import list_options

MODELS = {'-1', "the model's"}  # words for "as the model says"
ALIASES = {'m': 'model', 'seed': 'random_seed', 's': 'size', 'r': 'rate', 'd': 'duration'}
SAME = {'nca': 'ffmpeg', 'ncasrc': 'ffmpeg', 'frei0r source': 'frei0r'}

# What a table has and the other one beside it has not.
MISSING = {
    ('grow', 'ffmpeg'): 'background every output precision threads verbose zoom',
    ('ffmpeg', 'grow'): 'duration interp mode model opacity rate sar scale size threshold warmup '
                        'wound x y m s r d random_seed',
    ('ffmpeg', 'frei0r'): 'device duration sar size m s r d random_seed',
    ('frei0r', 'ffmpeg'): '',
    ('frei0r', 'frei0r source'): 'mode threshold wound',
    ('frei0r source', 'frei0r'): '',
    ('nca', 'ncasrc'): 'mode threshold wound',
    ('ncasrc', 'nca'): 'd duration r rate s sar size',
    ('gimp grow', 'ffmpeg'): 'delay every hold_first hold_last loop output',
    ('gimp grow', 'grow'): 'delay hold_first hold_last interp loop model scale',
    ('grow', 'gimp grow'): 'background grid precision threads verbose zoom',
    ('gimp grow', 'gimp regenerate'): 'edge interp model scale',
    ('gimp regenerate', 'gimp grow'): '',
    ('gimp train', 'train'): '',
    ('train', 'gimp train'): 'batch channels checkpoint from_scratch hidden license log memory '
                             'minutes pool preview rate regime resume save_every threads',
}

# Default, range and choices where a table has its own; "=": as the others.
OWN = {
    # A film's steps are all of them, a video's those of a frame.  Layers are fewer than frames.
    'ffmpeg steps': ('1', '0 10000', '='), 'frei0r steps': ('1', '0 10000', '='),
    'grow steps': ('=', '0 1e12', '='),
    'grow every': ('1', '1 1e12', '='),
    # Where a result goes: a file or a name, but in GIMP also one of its places.
    'gimp grow output': ('new-image', '', 'new-image layers layer'),
    'gimp regenerate output': ('in-place', '', 'new-image layers in-place'),
    # What healing begins with has been planted; in a window something soon is to be seen.
    'gimp regenerate events': ('', '', ''),
    'gimp train preset': ('draft', '', 'draft standard best'),
    'train preset': ('the published recipe', '', 'draft standard best finish'),
    'gimp train iterations': ('0', '0 1e9', ''), 'train iterations': ('8001', '1 1e9', ''),
    'train from': ('in a preset the axolotl, which nca brings along', '=', '='),
    'gimp train from': ('', '=', '='),
    # Each host's whole numbers; -1 is random in FFmpeg, as in other filters of its.
    'grow seed': ('=', '', ''), 'train seed': ('=', '', ''),
    'ffmpeg seed': ('=', '-1 4294967295', ''), 'frei0r seed': ('=', '0 4294967295', ''),
    'gimp grow device': ('=', '=', 'cpu opencl'), 'gimp train device': ('=', '=', 'cpu opencl'),
    'gimp regenerate device': ('=', '=', 'cpu opencl'),
    'grow grid': ("the model's, else 72x72", '', ''),
    'frei0r model': ('lizard', '', ''),
    # Shares in frei0r, where numbers end at 1, and expressions in FFmpeg.
    'frei0r x': ('0.5', '0 1', ''), 'ffmpeg x': ('(W-w)/2', '', ''),
    'frei0r y': ('0.5', '0 1', ''), 'ffmpeg y': ('(H-h)/2', '', ''),
    # Other things: of a training, of a video, of a creature in a video whose rate is not known.
    'ffmpeg size': ('512x512', '', ''), 'train rate': ('0.002', '1e-8 1', ''),
    'ffmpeg rate': ('25', '', ''), 'frei0r rate': ('auto', '0 1000', ''),
}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def plain(number):
    number = number.replace('UINT32_MAX', '4294967295').replace('INT_MAX', '2147483647')
    try:
        return '%.10g' % float(number)
    except ValueError:
        return number


def entry(where, default, limits, choices):
    """(default, range, choices), alike from all tables: "model" is the word for what the model
    says, beside numbers, of which it is then none, and beside choices."""
    limits = [plain(limit) for limit in limits.split()] if not choices else []
    if limits and re.fullmatch(r'[-+]?[\d.]+(e[-+]?\d+)?', default):
        check(float(limits[0]) <= float(plain(default)) <= float(limits[1]),
              where, 'is', default, 'which is not within', *limits)
    if default in MODELS and limits and limits[0] == '-1':
        limits[0] = '0'
    default = 'model' if default in MODELS else plain(default)
    return default, ' '.join(limits), ' '.join(c for c in choices if c != 'model')


def of_program(nca, verb):
    table = {}
    for line in run(nca, verb, '--options').splitlines():
        name, _, argument, kind, default, least, most = line.split('\t')
        name = name.replace('-', '_')
        ranged = kind in ('int', 'real', 'bytes') and name != 'threads'
        table[name] = entry(name + ' in nca ' + verb, default, f'{least} {most}' if ranged else '',
                            argument.split('|') if kind == 'choice' else [])
    return table


def of_ffmpeg(ffmpeg, filter_):
    return {name: entry(name + ' in ' + filter_, default or '', ' '.join(limits or ()), choices)
            for name, (default, limits, choices, _) in list_options(ffmpeg, filter_).items()}


def of_lister(program):
    tables = {}
    for line in run(program, 'list').splitlines():
        table, name, _, default, limits, choices = line.split('\t')
        name = name.replace('-', '_')
        tables.setdefault(table, {})[name] = entry(name + ' in ' + table, default, limits,
                                                   choices.split('|') if choices else [])
    return tables


def compare(name, having):
    """What these tables say of it."""
    for k, what in enumerate(('default', 'range', 'choices')):
        said = {}
        for table in having:
            own = OWN.get(table + ' ' + name, '===')[k]
            value = tables[table][name][k]
            if own == '=':
                said.setdefault(value, []).append(table)
            else:
                own = ' '.join(map(plain, own.split())) if what == 'range' else plain(own)
                check(value == own, name + ':', what, 'in', table, 'is', value, 'and not', own)
        check(len(said) < 2, name + ':', what, 'differs:', said)
        check(len(having) == 1 or not complete or sum(map(len, said.values())) != 1,
              name + ':', what, 'is compared with nothing:', said)


skipped = None
tables = {verb: of_program(sys.argv[1], verb) for verb in ('grow', 'train')}
for path in sys.argv[2:]:
    if not os.path.exists(path):
        skipped = path
    elif os.path.basename(path).startswith('ffmpeg'):
        nca, ncasrc = (of_ffmpeg(path, name) for name in ('nca', 'ncasrc'))
        tables.update(nca=nca, ncasrc=ncasrc, ffmpeg={**nca, **ncasrc})
    else:
        tables.update(of_lister(path))

for (a, b), names in MISSING.items():
    if a in tables and b in tables:
        found = set(tables[a]) - set(tables[b])
        check(found == set(names.split()), 'in', a, 'and not in', b, 'are', sorted(found))
complete = {'ffmpeg', 'frei0r', 'gimp grow'} <= set(tables)
for part, whole in SAME.items():
    for name, said in tables.pop(part, {}).items():
        check(said == tables[whole].get(name), name, 'in', part, 'is', said, 'and elsewhere',
              tables[whole].get(name))
for name in sorted(set().union(*tables.values())):
    compare(name, [table for table in tables if name in tables[table]])
for short, name in ALIASES.items():
    options = tables.get('ffmpeg', {})
    check(options.get(short) == options.get(name), short, 'is not', name, 'in FFmpeg')
if skipped and not failures:
    print('skipped:', skipped, 'is not built; the others agree')
    sys.exit(77)
print(len(set().union(*tables.values())), 'names in', len(tables), 'tables:', len(failures), 'failures')
sys.exit(len(failures) > 0)

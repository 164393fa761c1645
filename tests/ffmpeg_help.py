# SPDX-License-Identifier: MIT
"""What `ffmpeg -h` says of a filter's options, for options.py and ffmpeg_manual.py."""
import re
import subprocess


def list_options(ffmpeg, filter_):
    """name: (default, range, choices, whether it may change while running), in order"""
    text = subprocess.run([ffmpeg, '-v', 'error', '-h', 'filter=' + filter_], capture_output=True,
                          text=True, check=True).stdout
    options, name = {}, None
    for line in text.splitlines():
        choice = re.match(r'     (\w+) +-?\d+ +\S+', line)
        option = re.match(r'   (\w+) +<(\w+)> +(\S+) (.*)', line)
        if choice:
            options[name][2].append(choice[1])
        elif option:
            name = option[1]
            default = re.search(r'\(default "?(.*?)"?\)$', option[4])
            limits = re.search(r'\(from (\S+) to (\S+)\)', option[4])
            options[name] = (default and default[1], limits and limits.groups(), [],
                             'T' in option[3])
    return options

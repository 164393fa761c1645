#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The help that GIMP opens: every procedure has a page, in every language, and it is there."""
import os
import re
import sys
import xml.etree.ElementTree as tree

PLUGIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../gimp-plugin')
with open(os.path.join(PLUGIN, 'procedures.c'), encoding='utf-8') as file:
    procedures = set(re.findall(r'"(plug-in-nca-[a-z]+)"', file.read()))
with open(os.path.join(PLUGIN, 'po/LINGUAS'), encoding='utf-8') as file:
    languages = ['en'] + file.read().split()
failures = 0 if len(procedures) == 3 else 1

for language in languages:
    folder = os.path.join(PLUGIN, 'help', language)
    items = tree.parse(os.path.join(folder, 'gimp-help.xml')).getroot().findall('help-item')
    with open(os.path.join(folder, 'index.html'), encoding='utf-8') as file:
        anchors = re.findall(r'id="([a-z]+)"', file.read())
    found = {item.get('id') for item in items
             if item.get('ref').split('#')[0] == 'index.html' and item.get('ref').split('#')[1] in anchors}
    if found != procedures:
        print(language, 'has pages for', found, 'of', procedures, file=sys.stderr)
        failures += 1
sys.exit(failures > 0)

# SPDX-License-Identifier: MIT
"""A real GIMP in a profile of its own, with the plug-in of a build folder: for the tests beside."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
NEEDED = {'2': ['file-png', 'file-gif-load', 'file-gif-save', 'script-fu'],
          '3': ['file-png', 'file-gif-load', 'file-gif-export', 'file-webp', 'script-fu',
                'script-fu-eval']}


class Gimp:
    """series: '2' or '3'; plug_ins: the folder that has nca/nca."""

    def __init__(self, series, plug_ins):
        self.series, self.plug_ins = series, os.path.abspath(plug_ins)
        self.folder = tempfile.mkdtemp(prefix='nca-gimp-')
        self.failures = 0
        self.made = os.path.join(self.folder, 'made')  # what the scripts write
        for name in ('home', 'made', 'plug-ins'):
            os.mkdir(os.path.join(self.folder, name))
        self.link_plug_ins()

    def close(self):
        shutil.rmtree(self.folder)

    def check(self, good, *words):
        if not good:
            print(f'GIMP {self.series}:', *words, file=sys.stderr)
            self.failures += 1

    def link_plug_ins(self):
        """Few of GIMP's own: it starts in a second."""
        libraries = {'2': 'usr/lib/gimp/2.0', '3': f'usr/lib/{os.uname().machine}-linux-gnu/gimp/3.0'}
        folder = '/' + libraries[self.series] + '/plug-ins'
        for name in NEEDED[self.series]:
            if os.path.isdir(os.path.join(folder, name)):
                os.symlink(os.path.join(folder, name), os.path.join(self.folder, 'plug-ins', name))

    def environment(self):
        below = lambda name: os.path.join(self.folder, name)
        return {f'GIMP{self.series}_DIRECTORY': below('gimp'), 'XDG_CACHE_HOME': below('cache'),
                'XDG_DATA_HOME': below('data'), 'XDG_CONFIG_HOME': below('config'),
                'HOME': below('home'), 'TMPDIR': self.folder, 'LC_ALL': 'C.UTF-8',
                'PATH': '/usr/bin:/bin',
                'ASAN_OPTIONS': 'detect_leaks=0',  # of GLib and GEGL, at the end
                'NCA_MODEL_PATH': os.path.join(SOURCE, 'models'),
                'GIMP_TESTING_PLUGINDIRS': f'{self.plug_ins}:{below("plug-ins")}'}

    def command(self, *words, **variables):
        """The words in its environment, with more variables."""
        variables = {**self.environment(), **variables}
        return ['env', '-i', *(f'{k}={v}' for k, v in variables.items()), *words]

    def batch(self, script):
        """The command that runs a script of words.scm's words, and of those that differ."""
        words = {'2': 'two.scm', '3': 'three.scm'}[self.series]
        with open(os.path.join(self.folder, 'script.scm'), 'w', encoding='utf-8') as file:
            file.write(f'(begin (load "{HERE}/words.scm") (load "{HERE}/{words}")\n(define made "{self.made}/")\n'
                       f'{script}\n(say "end"))\n')
        if self.series == '2':
            shutil.rmtree(os.path.join(self.folder, 'gimp'), ignore_errors=True)
        language = ['--batch-interpreter', 'plug-in-script-fu-eval'] if self.series == '3' else []
        end = ['--quit'] if self.series == '3' else ['-b', '(gimp-quit 0)']
        return self.command('gimp-console', '-i', '-n', '-d', '-f', *language, '-b',
                            f'(load "{self.folder}/script.scm")', *end)

    def run(self, script, timeout=240):
        """What the script says, a list of lines; one that does not come to its end has failed."""
        done = subprocess.run(self.batch(script), capture_output=True, text=True, timeout=timeout,
                              check=False)
        output = done.stdout + done.stderr
        said = re.findall(r'TEST (.*)', output)
        self.check(said[-1:] == ['end'], 'the script did not end:', output[-2000:])
        return said[:-1]

    def version(self):
        told = subprocess.run(self.command('gimp-console', '--version'), capture_output=True,
                              text=True, timeout=60, check=True)
        return re.search(r'\d+\.\d+\.\d+', told.stdout)[0]

    def windows(self, display, *files, theme=''):
        """The command that opens files in its windows, with nothing that greets; messages are
        printed.  theme: '', 'light' or 'dark'."""
        settings = {'2': f'(theme "{theme.capitalize()}")', '3': f'(theme-color-scheme {theme})'}
        lines = [settings[self.series]] if theme else []
        if self.series == '3':
            lines += [f'(config-version "{self.version()}")', '(show-welcome-dialog no)',
                      '(check-updates no)', '(color-profile-policy keep)']
        gimprc = os.path.join(self.folder, 'gimprc')
        with open(gimprc, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')
        return self.command('gimp', '-n', '-s', '-f', '-c', '--stack-trace-mode=never',
                            '--gimprc=' + gimprc, *files, DISPLAY=display, GDK_BACKEND='x11',
                            NO_AT_BRIDGE='1', DBUS_SESSION_BUS_ADDRESS='disabled:')

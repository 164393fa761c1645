# SPDX-License-Identifier: MIT
"""A desktop of its own: an X server without a screen and a window manager, to be clicked and
typed at, for the tests beside.

Whatever is waited for has a limit.  Past it there is a TooLate that names a picture of the
desktop, which is kept."""
import os
import re
import select
import signal
import subprocess
import tempfile
import time

import numpy as np
from PIL import Image

TICK = 0.05  # seconds between two looks at what is waited for
LIMIT = 60   # seconds: nothing takes long, but the machine may be busy


class TooLate(Exception):
    """What was waited for did not come."""


class Desktop:
    """folder: for logs; shots: the folder for pictures that are to be looked at, or None."""

    def __init__(self, folder, shots=None, size='1280x900'):
        self.folder, self.shots = folder, shots
        self.processes = []
        self.variables = {'HOME': folder, 'PATH': '/usr/bin:/bin'}
        try:
            self.variables['DISPLAY'] = self.display = self.open_display(size)
            self.start('openbox')
            check = 'xprop', '-root', '_NET_SUPPORTING_WM_CHECK'
            self.wait('openbox', lambda: 'window id' in self.ask(*check))
        except BaseException:
            self.close()
            raise

    def open_display(self, size):
        reader, writer = os.pipe()
        with os.fdopen(reader) as numbers:
            self.start('Xvfb', '-displayfd', str(writer), '-screen', '0', size + 'x24',
                       '-fbdir', self.folder, '-nolisten', 'tcp', '-noreset', pass_fds=[writer])
            os.close(writer)
            ready = select.select([numbers], [], [], LIMIT)[0]
            number = numbers.readline().strip() if ready else ''
        if not number:
            raise TooLate('Xvfb has not started')
        return ':' + number

    # ---------------------------------------------------------- processes

    def start(self, *words, name=None, **options):
        """A process that ends with the desktop, and all of its group; its log has its name."""
        with open(self.log(name or words[0]), 'ab') as log:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env=self.variables, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def log(self, name):
        return os.path.join(self.folder, name + '.log')

    def close(self):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # all of it has ended by itself
            process.wait()
        self.processes = []

    def ask(self, *words):
        """What a program says, '' where it fails."""
        with open(self.log(words[0]), 'ab') as log:
            done = subprocess.run(words, env=self.variables, stdout=subprocess.PIPE, stderr=log,
                                  text=True, timeout=LIMIT, check=False)
        return done.stdout.strip() if done.returncode == 0 else ''

    def do(self, *words):
        with open(self.log(words[0]), 'ab') as log:
            subprocess.run(words, env=self.variables, stdout=log, stderr=log, timeout=LIMIT,
                           check=True)

    def wait(self, what, condition, seconds=LIMIT):
        """What the condition gives, as soon as it is true."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            ended = [p.args[0] for p in self.processes if p.poll() is not None]
            if ended or time.monotonic() > end:
                why = f'{ended[0]} has ended' if ended else f'it has not come in {seconds} s'
                raise TooLate(f'no {what}: {why}, see {self.keep_shot(what)}')
            time.sleep(TICK)
        return value

    # ------------------------------------------------------------ pictures

    def screen(self):
        """Xvfb's own memory, laid out as an XWD file: [row][column][channel], 0 … 255."""
        memory = np.memmap(os.path.join(self.folder, 'Xvfb_screen0'), dtype=np.uint8, mode='r')
        header = memory[:100].view('>u4')
        start = int(header[0] + 12 * header[19])
        width, height, line = (int(header[i]) for i in (4, 5, 12))
        rows = memory[start:start + height * line].reshape(height, line)
        return np.array(rows[:, :4 * width].reshape(height, width, 4)[..., 2::-1])

    def pixels(self, box):
        """Of a box (left, top, right, bottom): [row][column][channel], 0 … 1."""
        left, top, right, bottom = box
        return self.screen()[top:bottom, left:right] / 255.0

    def still(self, look):
        """What a look at pixels gives when it has given it for half a second."""
        looks = [look()]
        def same():
            looks.append(look())
            if not np.array_equal(*looks[-2:]):
                del looks[:-1]
            return len(looks) > 0.5 / TICK
        self.wait('standstill', same)
        return looks[-1]

    def wait_change(self, what, box):
        before = self.pixels(box)
        self.wait(what, lambda: not np.array_equal(self.pixels(box), before))

    def shot(self, name):
        if self.shots:
            os.makedirs(self.shots, exist_ok=True)
            Image.fromarray(self.screen()).save(os.path.join(self.shots, name + '.png'))

    def keep_shot(self, what):
        name = ''.join(c if c.isalnum() else '-' for c in what)
        if self.shots:
            self.shot('late-' + name)
            return os.path.join(self.shots, f'late-{name}.png')
        with tempfile.NamedTemporaryFile(prefix=f'nca-{name}-', suffix='.png',
                                         delete=False) as file:
            Image.fromarray(self.screen()).save(file)
        return file.name

    # ------------------------------------------------------------- windows

    def find_window(self, title):
        """The newest that is seen and whose title matches; '' where there is none."""
        return self.ask('xdotool', 'search', '--onlyvisible', '--name', title).split('\n')[-1]

    def wait_window(self, title):
        return self.wait(f'window {title}', lambda: self.find_window(title))

    def wait_no_window(self, title):
        self.wait(f'end of {title}', lambda: not self.find_window(title))

    def is_seen(self, window):
        return 'IsViewable' in self.ask('xwininfo', '-id', window)

    def tops(self):
        """Whatever lies on the root window: frames of windows, and menus."""
        return set(self.ask('xdotool', 'search', '--onlyvisible', '--maxdepth', '1', '--name',
                            '').split())

    def box(self, window):
        """(left, top, right, bottom) on the screen."""
        told = self.ask('xwininfo', '-id', window)
        x, y, width, height = (int(re.search(name + r':\s+(-?\d+)', told)[1]) for name in (
            'Absolute upper-left X', 'Absolute upper-left Y', 'Width', 'Height'))
        return x, y, x + width, y + height

    def place(self, window, left, top, right, bottom):
        """Where its inside is to be; the frame lies around it."""
        self.do('xdotool', 'windowmove', window, str(left), str(top), 'windowsize', window,
                str(right - left), str(bottom - top))
        self.wait(f'size of {window}',
                  lambda: self.box(window)[2] - self.box(window)[0] == right - left)

    def activate(self, window):
        self.do('xdotool', 'windowactivate', window)
        self.wait(f'focus on {window}',
                  lambda: self.ask('xdotool', 'getwindowfocus') == window)

    # --------------------------------------------------------- keys, mouse

    def keys(self, *keys):
        """Pressed one after the other, as `xdotool key` names them, where the focus is."""
        self.do('xdotool', 'key', '--delay', '30', *keys)

    def write(self, text):
        self.do('xdotool', 'type', '--delay', '8', text)

    def set(self, key, text):
        """The text of the field that the key leads to."""
        self.keys(key, 'ctrl+a')
        self.write(text)
        self.keys('Tab')

    def menu(self, *keys):
        """Opens a menu by the first key, a menu in it by the next … and takes an entry."""
        for key in keys[:-1]:
            before = self.tops()
            self.keys(key)
            self.wait(f'menu of {key}', lambda: self.tops() - before)
        self.keys(keys[-1])

    def move(self, x, y):
        self.do('xdotool', 'mousemove', str(int(x)), str(int(y)))

    def click(self, x, y):
        self.do('xdotool', 'mousemove', str(int(x)), str(int(y)), 'click', '1')

    def drag(self, begin, end):
        """From point to point, (x, y), in the eight moves of a quick hand."""
        words = ['mousemove', *map(str, map(int, begin)), 'mousedown', '1']
        for i in range(1, 9):
            words += ['mousemove', *(str(int(a + (b - a) * i / 8)) for a, b in zip(begin, end)),
                      'sleep', '0.02']
        self.do('xdotool', *words, 'mouseup', '1')

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Train, Grow and Regenerate in the windows of a real GIMP, by keys and mouse; what it saves is
read by a second GIMP.  Usage: windows.py 2|3 PLUG_INS NCA

NCA_SHOTS=FOLDER keeps pictures of all windows, NCA_THEME=light|dark chooses how they look."""
import glob
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

import numpy as np
from PIL import Image

from desktop import LIMIT, TICK, Desktop, TooLate
from gimp import SOURCE, Gimp
from pictures import colour, picture, premultiplied

SMILEY = os.path.join(SOURCE, 'models/recipes/smiley.png')
WIDTH, HEIGHT = 117, 112  # of that picture
SIZE, PADDING = 24, 12    # in cells: quick to learn
COLUMNS, ROWS = 48, 47    # of its creature, with the padding
ITERATIONS = 100000       # more than there is time for
ENOUGH = 1500             # to heal

TARGET = np.pad(colour(premultiplied(picture(SMILEY).resize(
    (COLUMNS - 2 * PADDING, ROWS - 2 * PADDING), Image.BOX))), PADDING)
SAME = 0.004  # in the mean of the colours: nothing but rounding
LIVES = 0.01  # the mean colour of a picture with anything on it
SEEN = 0.3    # the colour of a cell that is seen
GROWN = 0.03  # from the target, in the mean of all colours; an empty picture is at 0.13
HEALED = 0.08  # after a wound, by so short a training: the shape is back, colours are off
WAY = [(0.25, 0.4), (0.5, 0.45)]  # of the drag, in parts of the playground

PLACE = (0, 20, 1270, 880)         # of GIMP's window, and in it:
CANVAS = (215, 140, 1030, 840)     # of images
STATUS_BAR = (0, 865, 1035, 890)
STROKE = [(0.25, 0.3), (0.6, 0.4)] # of the eraser, in parts of the picture

# Identity and Numbers of core/checkpoint.c, but for the last of these
CHECKPOINT = struct.Struct('@18s65sI17i6fqQ2d4q3d')
MARK = b'nca checkpoint 10\0'


class Session:
    """A GIMP that shows the smiley."""

    def __init__(self, series, plug_ins, nca):
        self.arguments = series, plug_ins
        self.nca, self.desktop = nca, None
        self.gimp = Gimp(series, plug_ins)
        try:
            self.desktop = Desktop(self.gimp.folder, os.environ.get('NCA_SHOTS'))
            self.process = self.desktop.start(*self.gimp.windows(
                self.desktop.display, SMILEY, theme=os.environ.get('NCA_THEME', '')), name='gimp')
            self.main = self.desktop.wait_window('smiley.*GIMP')
            self.desktop.place(self.main, *PLACE)
        except BaseException:
            self.close()
            raise

    def close(self):
        if self.desktop:
            self.desktop.close()
        self.gimp.close()

    def check(self, good, *words):
        self.gimp.check(good, *words)

    def said(self):
        """What GIMP and its plug-ins have written on their standard outputs."""
        with open(self.desktop.log('gimp'), encoding='utf-8') as log:
            return log.read()

    # ------------------------------------------------------------- windows

    def open(self, key, title):
        """A dialog of ours, from the menu."""
        self.desktop.activate(self.main)
        self.desktop.menu('alt+r', 'i', 'n', key)
        dialog = self.desktop.wait_window(title)
        self.desktop.activate(dialog)
        return dialog

    def canvas(self, dialog):
        """The box of the first picture in it, as soon as it has its place."""
        return self.desktop.still(lambda: self.find_canvas(dialog))

    def find_canvas(self, dialog):
        """By the checks that lie around the creature; an empty box where there are none."""
        left, top, right, bottom = self.desktop.box(dialog)
        pixels = np.rint(255 * self.desktop.pixels((left, top, right, bottom)))
        checks = (colour(pixels) < 1) & np.isin(pixels[..., 0], (0x66, 0x99))
        x0, x1 = first_run(checks.sum(0) > 40)
        y0, y1 = first_run(checks[:, x0:x1].sum(1) > 40)
        return left + x0, top + y0, left + x1, top + y1

    def save(self, name):
        """The image that is seen, as an XCF of that name."""
        desktop, path = self.desktop, f'{self.gimp.made}/{name}.xcf'
        desktop.activate(self.main)
        desktop.keys('ctrl+shift+s')
        dialog = desktop.wait_window('^Save Image')
        desktop.activate(dialog)
        desktop.keys('ctrl+a')
        desktop.write(path)
        desktop.keys('Return')
        desktop.wait_no_window('^Save Image')
        desktop.wait_window(f'^.{name}|^{name}')

    def plug_ins(self):
        """Processes of ours that run."""
        return self.desktop.ask('pgrep', '-P', str(self.process.pid), '-x', 'nca').split()

    # ------------------------------------------------ models and checkpoints

    def models(self):
        """{file: iterations} of the user's own."""
        files = glob.glob(os.path.join(self.gimp.folder, 'data/nca/models/*.bin'))
        told = subprocess.run([self.nca, 'info', '--json', *files], check=True,
                              capture_output=True, text=True) if files else None
        return {file: int(model['metadata']['iterations'])
                for file, model in zip(files, json.loads(told.stdout))} if files else {}

    def checkpoint(self):
        """(iteration, seconds) of the newest, (0, 0) where there is none."""
        folder = os.path.join(self.gimp.folder, 'cache/nca/checkpoints')
        files = [file.path for file in os.scandir(folder) if file.name.endswith('.checkpoint')] \
            if os.path.isdir(folder) else []
        if not files:
            return 0, 0
        with open(max(files, key=os.path.getmtime), 'rb') as file:
            values = CHECKPOINT.unpack(file.read(CHECKPOINT.size))
        assert values[0] == MARK, 'a checkpoint of another version'
        return values[-7], values[-1]


def first_run(good):
    """(begin, end) of the first hundred or more in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], good.astype(int), [0]))))
    return next(((a, b) for a, b in zip(edges[::2], edges[1::2]) if b - a >= 100), (0, 0))


# -------------------------------------------------------------------- train

def test_train(session):
    """Menu, dialog, train, the preview moves, GIMP answers meanwhile, Stop, Grow."""
    desktop = session.desktop
    desktop.shot('image')
    dialog = session.open('t', '^Train on Layer')
    canvas = session.canvas(dialog)
    desktop.shot('train')
    desktop.set('alt+z', str(SIZE))
    desktop.set('alt+d', str(PADDING))
    desktop.set('alt+i', str(ITERATIONS))
    desktop.keys('alt+t')
    desktop.wait('preview', lambda: colour(desktop.pixels(canvas)).mean() > LIVES)
    desktop.wait_change('preview to move', canvas)
    menus = desktop.tops()
    desktop.activate(session.main)
    begin = time.monotonic()
    desktop.keys('alt+w')
    desktop.wait('menu while it trains', lambda: desktop.tops() - menus)
    took = time.monotonic() - begin
    session.check(took < 2, 'the menu took', took, 's while it trained')
    desktop.keys('Escape')
    desktop.activate(dialog)
    desktop.wait('enough iterations', lambda: session.checkpoint()[0] >= ENOUGH, 240)
    desktop.shot('training')
    stop_and_grow(session, dialog)
    grow = desktop.wait_window('^Grow a Creature')
    kept, stopped = list(session.models().values()), session.checkpoint()[0]
    session.check(kept == [stopped], 'models of', kept, 'iterations, stopped at', stopped)
    return grow


def stop_and_grow(session, dialog):
    """Grow… can be pressed when the training has stopped, and closes the dialog."""
    desktop = session.desktop
    desktop.keys('alt+o')
    desktop.wait('Grow…', lambda: pressed(desktop, 'alt+g', dialog))


def pressed(desktop, key, dialog):
    """Whether it has closed the dialog within a second."""
    desktop.keys(key)
    end = time.monotonic() + 1
    while desktop.is_seen(dialog) and time.monotonic() < end:
        time.sleep(TICK)
    return not desktop.is_seen(dialog)


# --------------------------------------------------------------- playground

def cells(pixels):
    """The middle of each cell of the playground's picture."""
    height, width = pixels.shape[:2]
    rows = ((np.arange(ROWS) + 0.5) * height / ROWS).astype(int)
    columns = ((np.arange(COLUMNS) + 0.5) * width / COLUMNS).astype(int)
    return pixels[rows[:, None], columns]


def far_from_target(colours):
    """At the best shift: a creature that was wounded may settle beside its old place."""
    shifts = range(-3, 4)
    return min(np.abs(np.roll(colours, (y, x), (0, 1)) - TARGET).mean()
               for y in shifts for x in shifts)


def test_playground(session, dialog):
    """A drag makes a wound, which closes.  Gives the creature at that step: before and after."""
    desktop = session.desktop
    canvas = session.canvas(dialog)
    look = lambda: cells(desktop.pixels(canvas))
    seen = lambda pixels: (colour(pixels) > SEEN).sum()
    desktop.wait('creature', lambda: far_from_target(colour(look())) < GROWN)
    desktop.keys('alt+e', 'Left', 'Left', 'alt+p')
    before = desktop.still(look)
    left, top, right, bottom = canvas
    across, down = right - left, bottom - top
    desktop.drag(*((left + across * x, top + down * y) for x, y in WAY))
    desktop.move(right + 20, bottom + 20)
    desktop.wait('wound', lambda: seen(look()) < seen(before))
    after = desktop.still(look)
    wound = (colour(before) > SEEN) & (colour(after) < SEEN / 2)
    session.check(wound.sum() > 20, 'the drag has erased', wound.sum(), 'cells only')
    desktop.shot('wound')
    desktop.keys('alt+p')
    desktop.wait('closed wound', lambda: (colour(look())[wound] > SEEN).mean() > 0.9 and
                 far_from_target(colour(look())) < HEALED)
    desktop.shot('closed')
    return before, after


# ------------------------------------------------------------------- frames

def test_frames(session, dialog):
    """One frame for each step, as layers of a new image, which is saved; too many are refused, and
    the window stays.  What is still being typed counts, too."""
    desktop = session.desktop
    desktop.set('alt+f', '1')
    desktop.keys('alt+n', 'ctrl+a', 'ctrl+c')
    desktop.set('alt+n', '9000')
    session.check(not pressed(desktop, 'alt+g', dialog), 'the window of 9000 frames has closed')
    desktop.shot('refused')
    desktop.keys('alt+n', 'ctrl+a', 'ctrl+v', 'alt+g')
    desktop.wait_window('[0-9]+ layers')
    desktop.shot('frames')
    session.save('film')
    desktop.keys('ctrl+w')
    desktop.wait_window('smiley.*GIMP')


# ------------------------------------------------------------ what is saved

# All layers of an image below each other in one picture, the lowest first.
STRIP = '''
(define image (open-image "%s"))
(define all (reverse (layers image)))
(define width (width-of (car all)))
(define height (height-of (car all)))
(image-size image width (* height (length all)))
(define number 0)
(for-each (lambda (layer)
    (gimp-layer-set-offsets layer 0 (* number height))
    (set! number (+ number 1)))
  all)
(gimp-image-merge-visible-layers image CLIP-TO-IMAGE)
(save-layer image (top-layer image) "%s")
'''


def read_layers(session, *names):
    """{name: [layer][row][column][channel]} of what was saved; read by another GIMP."""
    reader = Gimp(*session.arguments)
    path = lambda name, ending: os.path.join(reader.made, name + ending)
    try:
        for name in names:
            shutil.copy(os.path.join(session.gimp.made, name + '.xcf'), reader.made)
        reader.run(''.join(STRIP % (path(name, '.xcf'), path(name, '.png')) for name in names))
        return {name: premultiplied(picture(path(name, '.png'))).reshape(-1, HEIGHT, WIDTH, 4)
                for name in names}
    finally:
        session.gimp.failures += reader.failures
        reader.close()


def on_layer(cells):
    """Cells as the smiley's layer shows them: smooth, the padding outside."""
    scale = min(WIDTH / (COLUMNS - 2 * PADDING), HEIGHT / (ROWS - 2 * PADDING))
    left, top = (WIDTH - COLUMNS * scale) / 2, (HEIGHT - ROWS * scale) / 2
    planes = [Image.fromarray(cells[..., c].astype(np.float32)).transform(
        (WIDTH, HEIGHT), Image.AFFINE, (1 / scale, 0, -left / scale, 0, 1 / scale, -top / scale),
        Image.BILINEAR) for c in range(3)]
    return np.stack([np.asarray(plane) for plane in planes], -1)


def check_frames(session, frames, before, after):
    """The step that was wounded in the playground looks the same in its frame."""
    before, after = colour(on_layer(before)), colour(on_layer(after))
    far = [np.abs(colour(frame) - after).mean() for frame in frames]
    step = int(np.argmin(far))
    wound = before - after > SEEN
    seen = [(colour(frame)[wound] > SEEN).mean() for frame in frames]
    session.check(far[step] < SAME, 'no frame is like the wounded creature but for', far[step])
    session.check(step > 0 and seen[step - 1] > 0.9 and seen[step] < 0.2,
                  'the wound is not where it was made, seen are', seen[step - 1:step + 1])
    session.check(seen[-1] > 0.6, 'the wound has not closed in the last frame', seen[-1])


# --------------------------------------------------------- trainings that end

def go_on(session):
    """Continues the training in its dialog; gives when it was."""
    canvas = session.canvas(session.open('t', '^Train on Layer'))
    session.desktop.keys('alt+u')
    begin = time.monotonic()
    session.desktop.wait('preview', lambda: colour(session.desktop.pixels(canvas)).mean() > LIVES)
    return begin


def check_went_on(session, before, begin, what):
    """The checkpoint is of a training longer than what has passed since it began to go on."""
    passed = time.monotonic() - begin
    iteration, seconds = session.checkpoint()
    session.check(iteration > before[0], what, 'was at', iteration, 'before at', before[0])
    session.check(seconds > passed, what, 'knows', seconds, 's of training,', passed,
                  's after it began')


def test_left(session, what, *keys):
    """The dialog is left while it trains: no process stays, and the next one goes on."""
    before = session.checkpoint()
    begin = go_on(session)
    session.desktop.shot('leaving-' + what)
    session.desktop.keys(*keys)
    session.desktop.wait('end of the plug-in', lambda: not session.plug_ins(), 3)
    check_went_on(session, before, begin, what)


def test_cancel(session):
    """Repeat trains without a dialog; the status bar's Cancel kills it."""
    desktop, before = session.desktop, session.checkpoint()
    desktop.activate(session.main)
    idle = desktop.pixels(STATUS_BAR)
    begin = time.monotonic()
    desktop.keys('ctrl+f')
    desktop.wait('a checkpoint', lambda: session.checkpoint()[0] > before[0])
    check_went_on(session, before, begin, 'Repeat')
    desktop.shot('repeat')
    changed = lambda: np.flatnonzero((desktop.pixels(STATUS_BAR) != idle).any((0, 2)))
    end = desktop.wait('Cancel in the status bar', lambda: changed().max(initial=0))
    desktop.click(end - 20, STATUS_BAR[1] + 10)
    desktop.wait('end of the plug-in', lambda: not session.plug_ins(), 2)


# ------------------------------------------------------------------- eraser

def test_eraser(session):
    """A layer that grew is wounded by GIMP's own eraser and heals; all three are saved."""
    desktop = session.desktop
    session.open('g', '^Grow a Creature')
    desktop.keys('alt+o', 'End', 'alt+g')  # one layer in this image
    desktop.wait_window('2 layers')
    session.save('grown')
    desktop.keys('ctrl+shift+j', 'shift+e', 'braceleft', 'braceleft', 'braceleft')
    seen = colour(desktop.still(lambda: desktop.pixels(CANVAS))) > SEEN
    (top, bottom), (left, right) = (np.flatnonzero(seen.any(axis))[[0, -1]] for axis in (1, 0))
    desktop.drag(*((CANVAS[0] + left + (right - left) * x, CANVAS[1] + top + (bottom - top) * y)
                   for x, y in STROKE))
    desktop.wait_window(r'^\*.*grown')
    regenerate(session, 0)
    session.save('erased')
    regenerate(session, 100)
    session.save('healed')


def regenerate(session, steps):
    """In place; after no steps its wound is seen as the plug-in sees it."""
    session.open('r', '^Regenerate')
    session.desktop.shot(f'regenerate-{steps}')
    session.desktop.set('alt+n', str(steps))
    session.desktop.keys('alt+g')
    session.desktop.wait('end of the plug-in', lambda: not session.plug_ins())
    session.desktop.shot(f'regenerated-{steps}')


def check_eraser(session, layers):
    grown, erased, healed = (layers[name][-1] for name in ('grown', 'erased', 'healed'))
    wound = (grown[..., 3] > 0.9) & (erased[..., 3] < 0.1)
    session.check(wound.mean() > 0.03, 'the eraser has taken', wound.mean(), 'of the layer only')
    back = np.mean(healed[..., 3] > 0.9, where=wound) if wound.any() else 0
    session.check(back > 0.9, 'of the wound only', back, 'has closed')
    shown = Image.fromarray(colour(healed).astype(np.float32)).resize(
        (COLUMNS - 2 * PADDING, ROWS - 2 * PADDING), Image.BOX)
    far = far_from_target(np.pad(np.asarray(shown), PADDING))
    session.check(far < HEALED, 'the healed layer is', far, 'from the target')


# ------------------------------------------------------------ closed images

def test_closed_image(session):
    """The image is closed while its layer is learnt: the model is kept all the same."""
    desktop, before = session.desktop, session.models()
    desktop.activate(session.main)
    desktop.keys('ctrl+z')
    desktop.wait_window(r'^\*.*healed')
    dialog = session.open('t', '^Train on Layer')
    canvas = session.canvas(dialog)
    desktop.keys('alt+t')
    desktop.wait('preview', lambda: colour(desktop.pixels(canvas)).mean() > LIVES)
    desktop.activate(session.main)
    desktop.keys('ctrl+w')
    desktop.activate(desktop.wait_window('^Close'))
    desktop.keys('alt+d')
    desktop.wait_no_window('healed')
    desktop.activate(dialog)
    desktop.wait_change('preview to move', canvas)
    stop_and_grow(session, dialog)
    desktop.wait('end of the plug-in', lambda: not session.plug_ins())
    desktop.shot('image-closed')
    session.check(len(session.models()) == len(before) + 1, 'the models are', session.models())
    session.check('The layer is gone; the model is kept as' in session.said(),
                  'that the model is kept is not told:', session.said())


def test_quit(session):
    """GIMP ends in peace, and no plug-in of ours has complained."""
    session.desktop.activate(session.main)
    session.desktop.keys('ctrl+q')
    try:
        status = session.process.wait(LIMIT)
    except subprocess.TimeoutExpired as late:
        raise TooLate(f'no end of GIMP, see {session.desktop.keep_shot("end")}') from late
    session.check(status == 0, 'GIMP ends with', status)
    # A plug-in's good-bye that comes when GIMP has hung up already is nobody's fault.
    said = re.sub(r'.*gimp_flush\(\): error: Broken pipe\n', '', session.said())
    session.check(not re.search(r'\(nca:\d+\)|[Cc]rash|[Ee]rror|terminated', said),
                  'GIMP says', said)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('ended by a signal'))
    session = Session(*sys.argv[1:])
    try:
        dialog = test_train(session)
        before, after = test_playground(session, dialog)
        test_frames(session, dialog)
        test_left(session, 'Escape', 'Escape')
        test_left(session, 'close', 'alt+F4')
        test_cancel(session)
        test_cancel(session)
        test_eraser(session)
        test_closed_image(session)
        test_quit(session)
        layers = read_layers(session, 'film', 'grown', 'erased', 'healed')
        check_frames(session, layers['film'], before, after)
        check_eraser(session, layers)
    except TooLate as late:
        session.check(False, f'{late}\n{session.said()}')
    finally:
        session.close()
    sys.exit(session.gimp.failures > 0)


main()

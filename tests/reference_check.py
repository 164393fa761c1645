#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Steps and gradients of the core beside the numpy reference in the shared folder.

usage: reference_check.py PROGRAM, built of reference.c.  The folder is $NCA_SHARED.
The reference runs in float64 from the core's own float32 states, with fire masks that are
computed here from the definition in core/random.h.
"""
import itertools
import json
import os
import struct
import subprocess
import sys
import tempfile

SHARED = os.environ.get('NCA_SHARED', '../shared')
sys.path.insert(0, os.path.join(SHARED, 'spec'))
sys.dont_write_bytecode = True
try:
    import numpy as np
    import reference as R
    import import_reference as I
except ImportError as missing:
    print('skipped: %s' % missing)
    sys.exit(77)

R.F = np.float64
R.ALIVE = float(np.float32(0.1))

NAMES = ['ex%d_%s' % (n, what) for n in (1, 2, 3) for what in ('lizard', 'smiley', 'web')]
LEVELS = ['c', 'sse2', 'avx2', 'avx512', 'neon']
RADIANS = 0.3
WIDTH, HEIGHT, SEED, STEPS = 44, 36, 11, 3

# float32 chains of 48 and 128 products of size about 1 are off by some 1e-6.
STEP_BOUND = 1e-5
# Of the norm of a tensor's gradient, and of a state: float32 sums along 12 steps, and a
# few ReLUs that fall on the other side of their kinks in one of the two.
GRADIENT_BOUND = 1e-4

failures = 0


def check(good, text, *values):
    global failures
    if not good:
        failures += 1
        print('FAILED: ' + text % values, file=sys.stderr)


# ------------------------------------------------------------------- the fire mask
def hash64(x):
    x = x + np.uint64(0x9e3779b97f4a7c15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
    return x ^ (x >> np.uint64(31))


def fire_mask(seed, time, height, width, rate):
    rows = np.arange(height, dtype=np.uint64)
    step = hash64(hash64(np.full(height, seed, np.uint64)) ^ np.uint64(time))
    key = hash64(step ^ rows).astype(np.uint32)[:, None]
    h = key + np.arange(width, dtype=np.uint32) * np.uint32(0x9e3779b9)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x7feb352d)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846ca68b)
    return (h >> np.uint32(8)) < int(rate * 2 ** 24 + 0.5)


# --------------------------------------------------------------- running the core
class Core:
    """The program, in a folder of its own, held to a level."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, values):
        np.asarray(values, '<f4').tofile(self.path(name))
        return self.path(name)

    def run(self, verb, model, size=(WIDTH, HEIGHT), edge=0, angle=0.0, rate=0.5,
            before=0, count=0, start='-', target='', level='avx512'):
        """The floats written, or None where the level does not exist here."""
        arguments = [verb, model, *size, edge, repr(float(np.rad2deg(angle))), rate, SEED,
                     before, count, start, self.path('out'), target]
        done = subprocess.run([self.program, *map(str, arguments)], text=True,
                              env=dict(os.environ, NCA_CPU=level), stdout=subprocess.PIPE)
        if done.returncode:
            check(False, '%s of %s at level %s: exit status %d', verb, model, level,
                  done.returncode)
            sys.exit(1)
        if done.stdout.strip() != level and count + (verb == 'gradient'):
            return None
        return np.fromfile(self.path('out'), '<f4')

    def states(self, model, size=(WIDTH, HEIGHT), count=0, channels=16, **options):
        """The states, and the last one's picture; or None."""
        out = self.run('step', model, size, count=count, **options)
        if out is None:
            return None
        width, height = size
        cut = (count + 1) * width * height * channels
        return (out[:cut].reshape(count + 1, height, width, channels),
                out[cut:].reshape(height, width, 4))


def published(name):
    return os.path.join(SHARED, 'data', 'distill', name + '.json')


def weights(name):
    return {k: v.astype(np.float64) for k, v in I.load(published(name)).items()}


# ------------------------------------------------------------------------ one step
def dilate(plane, wrap):
    around = itertools.product((-1, 0, 1), repeat=2)
    return np.any([R.shifted(plane, i, j, wrap) for i, j in around], 0)


def expected(x, p, time, edge, angle, rate=0.5):
    """The state after, and the cells whose life hangs on the last bits of some alpha."""
    mask = fire_mask(SEED, time, *x.shape[:2], rate)
    tape = []
    after = R.step(x, p, angle=angle, wrap=bool(edge), mask=mask, tape=tape)
    update = tape[0][1] @ p['w2'][:, 3] + p['b2'][3]
    alpha = x[..., 3] + update * mask
    return after, dilate(abs(alpha - R.ALIVE) < STEP_BOUND, bool(edge))


def check_picture(state, picture, what):
    alpha = np.clip(state[..., 3:4], 0, 1)
    color = np.clip(state[..., :3], 0, alpha) / np.where(alpha > 0, alpha, 1)
    off = abs(np.concatenate([color, alpha], -1) - picture).max()
    check(off <= 1e-6, '%s: picture off by %g', what, off)


class Tally:
    def __init__(self):
        self.worst, self.born, self.died, self.doubtful, self.cells = 0, 0, 0, 0, 0

    def add(self, before, after, want, doubtful, what):
        off = abs(after - want).max(-1) * ~doubtful
        lived, lives = before.any(-1), after.any(-1)
        self.worst = max(self.worst, off.max())
        self.born += (~lived & lives).sum()
        self.died += (lived & ~lives).sum()
        self.doubtful += doubtful.sum()
        self.cells += lives.sum()
        y, x = np.unravel_index(off.argmax(), off.shape)
        check(off.max() <= STEP_BOUND, '%s: cell (%d, %d) off by %g', what, x, y,
              off.max())


def grow(core, name, edge, angle):
    """A creature near a corner, so that the edge takes part."""
    seed = np.zeros((HEIGHT, WIDTH, 16))
    seed[5, 6, 3:] = 1
    start = core.put('seed', seed)
    states, _ = core.states(published(name), edge=edge, angle=angle, before=60,
                            start=start)
    return states[0]


def follow(core, tallies, p, name, edge, angle, start, level):
    out = core.states(published(name), edge=edge, angle=angle, count=STEPS, start=start,
                      level=level)
    if out is None:
        return
    what = '%s, edge %d, angle %g, %s' % (name, edge, angle, level)
    states = out[0].astype(np.float64)
    tally = tallies.setdefault(level, Tally())
    for time in range(STEPS):
        want, doubtful = expected(states[time], p, time, edge, angle)
        tally.add(states[time], states[time + 1], want, doubtful, what)
    check_picture(states[-1], out[1], what)


def check_steps(core):
    tallies = {}
    for name, edge, angle in itertools.product(NAMES, (0, 1), (0, RADIANS)):
        start = core.put('grown', grow(core, name, edge, angle))
        for level in LEVELS:
            follow(core, tallies, weights(name), name, edge, angle, start, level)
    for level, t in tallies.items():
        print('%s: worst %.1e, %d born, %d died, %d in doubt of %d' %
              (level, t.worst, t.born, t.died, t.doubtful, t.cells))
        check(t.born and t.died, '%s: no life or no death', level)
        check(t.doubtful < 0.01 * t.cells, '%s: too many cells in doubt', level)
    check('c' in tallies, 'no level ran')


def check_seed(core):
    for size in (72, 72), (71, 73), (40, 45), (1, 1):
        states, _ = core.states(published(NAMES[0]), size)
        width, height = size
        check(np.array_equal(states[0], R.make_seed(height, width)), 'the seed of %dx%d',
              width, height)


# ----------------------------------------------------------- models made on the spot
def plain_weights(b2_alpha):
    """4 channels, 1 hidden: all weights 0, but for the last bias of alpha."""
    p = dict(w1=np.zeros((12, 1)), b1=np.zeros(1), w2=np.zeros((1, 4)), b2=np.zeros(4))
    p['b2'][3] = b2_alpha
    return p


def write_model(path, p):
    """As a safetensors file."""
    hidden, channels = p['w2'].shape
    tensors = [('w1', p['w1'].T), ('b1', p['b1']), ('w2', p['w2'].T), ('b2', p['b2'])]
    header, data = {'__metadata__': {
        'format': 'nca', 'version': '1', 'channels': str(channels), 'hidden': str(hidden),
        'bands': 'identity,sobel_x,sobel_y', 'band_scale': '1,0.125,0.125',
        'alive': 'pre+post', 'alive_threshold': '0.1', 'edge': 'zero', 'fire_rate': '0.5',
        'color': 'premultiplied', 'clamp': '0'}}, b''
    for name, values in tensors:
        raw = np.asarray(values, '<f4').tobytes()
        header[name] = {'dtype': 'F32', 'shape': list(np.shape(values)),
                        'data_offsets': [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + data)


def check_threshold(core):
    """Alpha of just 0.1 is not mature, before the update or after it; a bit above is."""
    tenth, above = np.float32(0.1), np.nextafter(np.float32(0.1), np.float32(1))
    model = core.path('model.bin')
    for alpha, update, lives in ((tenth, tenth, False), (2 * tenth, -tenth, False),
                                 (above, above, True), (2 * above, -above, True)):
        write_model(model, plain_weights(update))
        state = np.zeros((5, 6, 4), np.float32)
        state[2:4, 2:5, 3] = alpha
        start = core.put('state', state)
        states, _ = core.states(model, (6, 5), channels=4, rate=1, before=1, start=start)
        lived = states[0][2:4, 2:5].any()
        check(lived == lives, 'alpha %r + %r: lives %s', alpha, update, lived)


def check_ring(core):
    """A mature cell falls; beside its neighbours, one out of its reach matures."""
    model, p = core.path('model.bin'), plain_weights(0.05)
    p['w1'][3], p['b1'][0], p['w2'][0, 3] = 1, -0.1, -4
    write_model(model, p)
    state = np.zeros((5, 8, 4), np.float32)
    state[2, 2, 3], state[2, 4, 3] = 0.15, 0.08
    states, _ = core.states(model, (8, 5), channels=4, rate=1, before=1,
                            start=core.put('state', state))
    want, _ = expected(state.astype(np.float64), p, 0, 0, 0, rate=1)
    off = abs(states[0] - want).max()
    check(want.any() and off <= STEP_BOUND, 'a ring cell that matures: off by %g', off)


def check_shard(core):
    """The same weights, interleaved as TensorFlow keeps them: the same states."""
    p = I.load(published('ex3_lizard'))
    w1 = p['w1'].reshape(3, 16, -1).transpose(1, 0, 2).reshape(48, -1)
    parts = [w1.ravel(), p['b1'], p['w2'].ravel(), p['b2']]
    shard = core.put('shard', np.concatenate(parts))
    a = core.states(published('ex3_lizard'), before=20)
    b = core.states(shard, before=20)
    check(np.array_equal(a[0], b[0]), 'the checkpoint shard grows something else')


# ----------------------------------------------------------------------- gradients
def reference_gradient(x, p, target, steps, edge):
    tape = []
    for time in range(steps):
        mask = fire_mask(SEED, time, *x.shape[:2], 0.5)
        x = R.step(x, p, wrap=bool(edge), mask=mask, tape=tape)
    g = np.zeros_like(x)
    g[..., :4] = 2 * (x[..., :4] - target) / target.size
    acc = {k: np.zeros_like(v) for k, v in p.items()}
    while tape:
        g = R.step_backward(g, tape.pop(), p, acc)
    return x, acc


def check_gradient(out, x, acc, target, what):
    """Norm of the difference by norm, for each tensor; state and loss beside it."""
    cuts = np.cumsum([acc[k].size for k in ('w1', 'b1', 'w2', 'b2')] + [x.size])
    w1, b1, w2, b2, state, loss = np.split(out.astype(np.float64), cuts)
    off = abs(state.reshape(x.shape) - x).max()
    check(off <= GRADIENT_BOUND, '%s: state off by %g', what, off)
    want = R.sample_loss(x, target)
    check(abs(loss[0] - want) <= 1e-4 * want, '%s: loss %g, reference %g', what, loss[0],
          want)
    worst = 0
    for name, got in (('w1', w1), ('b1', b1), ('w2', w2), ('b2', b2)):
        want = acc[name].T.ravel()
        off = np.linalg.norm(got - want) / np.linalg.norm(want)
        worst = max(worst, off)
        check(off <= GRADIENT_BOUND, '%s: d%s off by %g of its norm', what, name, off)
    return worst


def check_gradients(core, steps=12):
    worst = 0
    values = np.random.default_rng(SEED).random((HEIGHT, WIDTH, 4)).astype(np.float32)
    target = core.put('target', values)
    for name, edge in itertools.product(('ex1_smiley', 'ex2_web', 'ex3_lizard'), (0, 1)):
        grown = grow(core, name, edge, 0)
        start = core.put('grown', grown)
        x, acc = reference_gradient(grown.astype(np.float64), weights(name), values,
                                    steps, edge)
        check(x[..., 3].max() > 1, '%s: no alpha above 1 shows a clamp', name)
        for level in LEVELS:
            out = core.run('gradient', published(name), edge=edge, before=steps,
                           start=start, target=target, level=level)
            if out is not None:
                what = '%s, edge %d, %s' % (name, edge, level)
                worst = max(worst, check_gradient(out, x, acc, values, what))
    print('gradients: worst %.1e' % worst)


def main():
    if not os.path.exists(published(NAMES[0])):
        print('skipped: no models in %s' % SHARED)
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        core = Core(sys.argv[1], folder)
        check_seed(core)
        check_threshold(core)
        check_ring(core)
        check_shard(core)
        check_steps(core)
        check_gradients(core)
    sys.exit(1 if failures else 0)


main()

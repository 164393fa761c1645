#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Raw RGBA frames, measured on premultiplied values.

frames.py loss PICTURE WIDTH HEIGHT SIZE PADDING < FRAMES: each frame's mean square
    difference from the picture, which is scaled so that its longer side is SIZE, with a Lanczos
    window of three lobes, and padded, as in training.
frames.py apart A B: the greatest difference of a value, in 255ths."""
import sys

import numpy as np


def window(n, m):
    """Weights [m][n] that scale n values to m."""
    wide = max(n / m, 1)
    at = (np.arange(m) + 0.5) * n / m
    x = (np.arange(n) + 0.5 - at[:, None]) / wide
    w = np.where(abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)
    return w / w.sum(1, keepdims=True)


def premultiplied(data, height, width):
    rgba = np.frombuffer(data, np.uint8).reshape(-1, height, width, 4) / 255
    rgba[..., :3] *= rgba[..., 3:]
    return rgba


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def loss(path, width, height, size, padding):
    picture = premultiplied(read(path), int(height), int(width))[0]
    scale = int(size) / max(picture.shape[:2])
    rows, columns = (round(n * scale) for n in picture.shape[:2])
    target = np.einsum('yj,jic,xi->yxc', window(picture.shape[0], rows), picture,
                       window(picture.shape[1], columns))
    target = np.clip(target, 0, 1)
    target[..., :3] = np.minimum(target[..., :3], target[..., 3:])
    pad = int(padding), int(padding)
    target = np.pad(target, (pad, pad, (0, 0)))
    for frame in premultiplied(sys.stdin.buffer.read(), *target.shape[:2]):
        print('%.3e' % ((frame - target) ** 2).mean())


def apart(a, b):
    a, b = (premultiplied(read(path), 1, 1) for path in (a, b))
    print('%.2f' % (abs(a - b).max() * 255) if a.shape == b.shape else 'other sizes')


{'loss': loss, 'apart': apart}[sys.argv[1]](*sys.argv[2:])

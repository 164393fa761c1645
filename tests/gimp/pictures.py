# SPDX-License-Identifier: MIT
"""Pictures as numbers, for the tests beside: [row][column][channel], 0 … 1."""
import numpy as np
from PIL import Image


def picture(path):
    return Image.open(path).convert('RGBA')


def premultiplied(image):
    pixels = np.asarray(image.convert('RGBA'), dtype=float) / 255
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


def loss(one, other):
    return float(np.mean((one - other) ** 2))


def colour(pixels):
    """How far from grey, whatever grey lies below: what of a creature is seen on checks."""
    return pixels[..., :3].max(-1) - pixels[..., :3].min(-1)

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Renders what a camera would see of a glass marble in a soft light, cut out with its shadow:
marble.py OUT.png

Alpha is soft all over: at the rim, and in the shadow.  Needs python3-numpy and python3-pil."""
import sys

import numpy as np
from PIL import Image

SIDE, SAMPLES = 240, 3
LIGHT = np.array([-0.45, -0.75, 0.5]) / np.linalg.norm([-0.45, -0.75, 0.5])  # x right, y down


def smooth(low, high, x):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def swirl(x, y, z):
    """Colour of the glass at a point of the ball: three ribbons that wind about its axis."""
    angle = np.arctan2(z, x) + 2.6 * y
    ribbon = 0.5 + 0.5 * np.sin(3 * angle)
    blue, white, amber = ([0.10, 0.32, 0.62], [0.93, 0.95, 0.92], [0.95, 0.55, 0.12])
    mix = smooth(0.35, 0.6, ribbon)[..., None] * (np.array(white) - blue) + blue
    warm = smooth(0.8, 0.95, ribbon)[..., None]
    return mix + warm * (np.array(amber) - mix)


def window(direction):
    """A window with a cross bar that the glass mirrors."""
    u, v = direction[..., 0] + 0.62, direction[..., 1] + 0.72
    pane = smooth(0.3, 0.24, np.abs(u)) * smooth(0.26, 0.2, np.abs(v))
    bars = smooth(0.015, 0.04, np.abs(u)) * smooth(0.015, 0.04, np.abs(v))
    return pane * bars * (direction[..., 2] > 0)


def ball(x, y, radius):
    """Premultiplied colour and coverage of the ball, seen from the front."""
    square = (x * x + y * y) / radius ** 2
    inside = square < 1
    nz = np.sqrt(np.where(inside, 1 - square, 0))
    normal = np.stack([x / radius, y / radius, nz], -1)
    # What is seen lies behind the surface, bent towards the middle.
    bent = 0.72 * normal
    color = swirl(bent[..., 0], bent[..., 1], bent[..., 2] - 0.25)
    facing = np.clip(normal @ LIGHT, 0, 1)
    through = np.clip(-(normal[..., 0] * LIGHT[0] + normal[..., 1] * LIGHT[1]), 0, 1) ** 2
    color = color * (0.28 + 0.62 * facing + 0.55 * through)[..., None]
    reflected = 2 * nz[..., None] * normal - np.array([0, 0, 1])
    fresnel = (0.04 + 0.96 * (1 - nz) ** 5)[..., None]
    color = color * (1 - 0.5 * fresnel) + 0.5 * fresnel * [0.75, 0.82, 0.9]
    color = color + 0.9 * window(reflected)[..., None]
    return np.clip(color, 0, 1) * inside[..., None], inside.astype(float)


def shadow(x, y, radius):
    """Alpha of the shadow on the table, and the light that the glass gathers in it."""
    u, v = (x - 0.16) / (1.05 * radius), (y - 0.86 * radius) / (0.34 * radius)
    distance = np.sqrt(u * u + v * v)
    alpha = 0.62 * (1 - smooth(0.35, 1.15, distance))
    glow = np.exp(-(((x - 0.2) / 0.16) ** 2 + ((y - 0.9 * radius) / 0.07) ** 2))
    color = glow[..., None] * [0.85, 0.55, 0.25] * alpha[..., None]
    return color, alpha


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: marble.py OUT.png")
    side = SIDE * SAMPLES
    grid = (np.arange(side) + 0.5) / side * 2 - 1
    x, y = np.meshgrid(grid, grid)
    radius = 0.78
    color, cover = ball(x, y + 0.16, radius)
    below, alpha = shadow(x, y + 0.05, radius)
    color = color + below * (1 - cover)[..., None]
    alpha = cover + alpha * (1 - cover)
    rgba = np.concatenate([color, alpha[..., None]], -1)
    rgba = rgba.reshape(SIDE, SAMPLES, SIDE, SAMPLES, 4).mean((1, 3))
    rgba[..., :3] += np.random.default_rng(5).normal(0, 0.006, rgba[..., :3].shape) * rgba[..., 3:]
    straight = rgba.copy()
    straight[..., :3] = rgba[..., :3] / np.maximum(rgba[..., 3:], 1e-6)
    Image.fromarray((np.clip(straight, 0, 1) * 255 + 0.5).astype(np.uint8), "RGBA").save(
        sys.argv[1], optimize=True)


main()

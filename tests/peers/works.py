# SPDX-License-Identifier: MIT
"""The measured works, as `nca bench` lays them out, and how a peer times and reports them.

A peer is a program that prints {"peer": version, "results": [{"name", "variant", "ms"}]}.  The
first word of a variant is its kind ("eager", "compiled"): kinds are reported apart, and of each
kind the fastest variant."""
import argparse
import json
import statistics
import sys
import time

import numpy as np

CHANNELS, HIDDEN, BANDS = 16, 128, 3
SIDE, BATCH, STEPS = 72, 8, 80
# name, side, full, worlds, steps of one measurement: on the processor, and on a GPU.
CPU_WORKS = (("step-72-third", SIDE, False, 1, 50), ("step-256-full", 256, True, 1, 5))
GPU_WORKS = (("step-72-third", SIDE, False, 1, 200), ("step-72-b256", SIDE, False, 256, 20),
             ("step-256-full", 256, True, 1, 50), ("step-1024-full", 1024, True, 1, 10),
             ("step-4096-full", 4096, True, 1, 2))


def on_gpu():
    """Whether the peer is to run on a GPU."""
    return "--gpu" in sys.argv


def sobel_kernels():
    """[3, 3, 3]: identity and the Sobel pair, cross-correlated."""
    x = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    identity = np.zeros((3, 3))
    identity[1, 1] = 1
    return np.stack([identity, x, x.T]).astype(np.float32)


def weights():
    """w1 [48, 128] with inputs in the order of bands, then channels; b1, w2 [128, 16], b2.

    The second layer is zero as in `nca bench`, so that the pattern stays as it was laid out."""
    rng = np.random.default_rng(0)
    w1 = rng.uniform(-0.5, 0.5, (BANDS * CHANNELS, HIDDEN)).astype(np.float32)
    return (w1, np.zeros(HIDDEN, np.float32), np.zeros((HIDDEN, CHANNELS), np.float32),
            np.zeros(CHANNELS, np.float32))


def disc(side, full):
    """[side, side, 16]: a disc of living cells, a third of 72×72, or all of them."""
    state = np.random.default_rng(1).uniform(0, 1, (side, side, CHANNELS)).astype(np.float32)
    state[..., 3] = 1
    y, x = np.mgrid[:side, :side] - side // 2
    if not full:
        state[x * x + y * y > (np.sqrt(SIDE * SIDE / 3 / np.pi) - 1) ** 2] = 0
    return state


def median_ms(once, seconds, least):
    """Median of the times of once(), after one to warm up."""
    once()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < end:
        begin = time.perf_counter()
        once()
        times.append(time.perf_counter() - begin)
    return 1e3 * statistics.median(times)


def main(version, step_variants, train_variants):
    """Measures what works and prints it.

    step_variants: name → make(states [n, h, w, 16], steps) → once(), which makes so many steps;
    train_variants: name → make(states [8, h, w, 16]) → once(), one iteration.  Each once() returns
    when it is done, on a GPU, too."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--gpu", action="store_true")
    options = parser.parse_args()
    seconds, least = (0.2, 1) if options.quick else (3, 5)
    results = []

    def measure(name, variant, make, *arguments, steps=1):
        try:
            ms = median_ms(make(*arguments), seconds, least) / steps
        except Exception as error:  # a variant that cannot run here is left out, and said so
            line = f"{name}, {variant}: left out: {type(error).__name__}: {error}"
            print(line.split("\n")[0][:200], file=sys.stderr)
            return
        print(f"  {name:16} {variant:24} {ms:10.3f} ms", file=sys.stderr)
        results.append({"name": name, "variant": variant, "ms": ms})

    for name, side, full, worlds, steps in GPU_WORKS if options.gpu else CPU_WORKS:
        for variant, make in step_variants.items():
            states = np.repeat(disc(side, full)[None], worlds, axis=0)
            measure(name, variant, make, states, steps, steps=steps)
    for variant, make in train_variants.items():
        batch = np.repeat(disc(SIDE, False)[None], BATCH, axis=0)
        measure(f"train-{SIDE}-b{BATCH}-s{STEPS}", variant, make, batch)
    print(json.dumps({"peer": version, "results": results}))

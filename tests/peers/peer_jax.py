# SPDX-License-Identifier: MIT
"""Growing NCA in JAX: jit over a scan of steps, perception by convolution or by shifts."""
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import works

jax.config.update("jax_platforms", "cuda" if works.on_gpu() else "cpu")
jax.config.update("jax_default_prng_impl", "unsafe_rbg")  # the fastest here: in the peer's favour


def perceive_conv(x):
    kernel = np.tile(works.sobel_kernels().transpose(1, 2, 0)[:, :, None], (1, 1, 1, works.CHANNELS))
    y = lax.conv_general_dilated(x, jnp.asarray(kernel), (1, 1), "SAME",
                                 dimension_numbers=("NHWC", "HWIO", "NHWC"),
                                 feature_group_count=works.CHANNELS)
    y = y.reshape(*x.shape[:3], works.CHANNELS, works.BANDS)
    return y.swapaxes(3, 4).reshape(*x.shape[:3], -1)


def perceive_shift(x):
    p = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    smooth_y = p[:, :-2] + 2 * p[:, 1:-1] + p[:, 2:]
    smooth_x = p[:, :, :-2] + 2 * p[:, :, 1:-1] + p[:, :, 2:]
    gx = (smooth_y[:, :, 2:] - smooth_y[:, :, :-2]) / 8
    gy = (smooth_x[:, 2:] - smooth_x[:, :-2]) / 8
    return jnp.concatenate([x, gx, gy], -1)


def alive(x):
    return lax.reduce_window(x[..., 3:4], -jnp.inf, lax.max, (1, 3, 3, 1), (1, 1, 1, 1),
                             "SAME") > 0.1


def rule(perceive, weights, x, key):
    w1, b1, w2, b2 = weights
    before = alive(x)
    dx = jax.nn.relu(perceive(x) @ w1 + b1) @ w2 + b2
    fire = jax.random.uniform(key, (*x.shape[:3], 1)) <= 0.5
    x = x + dx * fire
    return x * (before & alive(x))


def roll_out(perceive, weights, x, key, count):
    step = lambda x, key: (rule(perceive, weights, x, key), None)
    return lax.scan(step, x, jax.random.split(key, count))[0]


def steps(perceive):
    def make(states, count):
        weights = tuple(map(jnp.asarray, works.weights()))
        x, key = jnp.asarray(states), jax.random.key(0)
        run = jax.jit(lambda w, x, key: roll_out(perceive, w, x, key, count))
        return lambda: run(weights, x, key).block_until_ready()
    return make


def adam(weights, gradients, m, v, t, rate):
    gradients = [g / (jnp.linalg.norm(g) + 1e-8) for g in gradients]
    m = [0.9 * a + 0.1 * g for a, g in zip(m, gradients)]
    v = [0.999 * a + 0.001 * g * g for a, g in zip(v, gradients)]
    size = rate * jnp.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)
    return [w - size * a / (jnp.sqrt(b) + 1e-7) for w, a, b in zip(weights, m, v)], m, v


def train(perceive):
    def make(batch):
        weights = list(map(jnp.asarray, works.weights()))
        zeros = [jnp.zeros_like(w) for w in weights]
        x, key = jnp.asarray(batch), jax.random.key(0)

        def loss(weights):
            return jnp.mean(roll_out(perceive, weights, x, key, works.STEPS)[..., :4] ** 2)

        @jax.jit
        def iteration(weights, m, v, t):
            return adam(weights, jax.grad(loss)(weights), m, v, t, 0.0)
        return lambda: jax.block_until_ready(iteration(weights, zeros, zeros, 1.0))
    return make


VARIANTS = {"jit convolution": perceive_conv, "jit shifts": perceive_shift}

if __name__ == "__main__":
    works.main("JAX " + jax.__version__,
               {name: steps(v) for name, v in VARIANTS.items()},
               {name: train(v) for name, v in VARIANTS.items()})

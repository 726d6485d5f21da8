"""Amortised Stein variational gradient descent: a network whose particles learn to be samples of an unnormalised density.

Sources: Liu and Wang, "Stein variational gradient descent", 2016; Feng, Wang and Liu, "Learning to draw samples with amortized Stein
variational gradient descent", 2017; Haarnoja et al., "Reinforcement learning with deep energy-based policies", 2017.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array


def stein_direction(particles: Array, scores: Array, real: Array | np.ndarray) -> Array:
    """Return where each particle should move, ``(..., M, D)``.

    With the kernel ``k(x, y) = exp(-|x - y|^2 / h)``: the mean over x of ``k(x, y) score(x) + grad_x k(x, y)`` at each particle y. The
    bandwidth h is ``median |x - y|^2 / log(M + 1)``.

    Parameters
    ----------
    particles : array, shape (..., M, D)
    scores : array, shape (..., M, D)
        Gradients of the log density there.
    real : array, shape (..., D)
        1 for coordinates that count, 0 for padding; broadcasts.

    Notes
    -----
    The median is over M / 2 of the pairs, each particle with that on the other side of the draw, as a sort of all pairs would take longer
    than the rest.
    """
    count = particles.shape[-2]
    particles, scores = particles * real[..., jnp.newaxis, :], scores * real[..., jnp.newaxis, :]
    half = count // 2
    sample = jnp.square(particles[..., :half, :] - particles[..., half : 2 * half, :]).sum(axis=-1)
    bandwidth = jnp.maximum(jnp.median(sample, axis=-1), 1e-6)[..., jnp.newaxis, jnp.newaxis] / jnp.log(count + 1.0)
    apart = particles[..., :, jnp.newaxis, :] - particles[..., jnp.newaxis, :, :]
    kernel = jnp.exp(-jnp.square(apart).sum(axis=-1) / bandwidth)
    # grad_x k(x, y) = -2 (x - y) k / h; x runs over the second particle axis, y over the first.
    drift = kernel @ scores
    repulsion = 2.0 * (kernel[..., jnp.newaxis] * apart).sum(axis=-2) / bandwidth
    return (drift + repulsion) / count


def squashing(particles: Array) -> Array:
    """Return the gradient of ``log(1 - tanh(u)^2)``, what squashing adds to the log density of u."""
    return -2.0 * jnp.tanh(particles)

"""Networks: per-agent perceptrons stacked on a leading axis, so that all agents are one batched call; drawn in numpy.

Drawing in numpy spares 5 CPU-seconds of compiling, and gives the same weights on every device. An agent's network is drawn at its true
sizes and then padded with zeros, so that it does not depend on how large the others are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._memory import require_memory


class Layer(NamedTuple):
    """One dense layer of every agent."""

    weight: Any
    """``[n, in, out]`` float32; n is 1 where agents share it"""
    bias: Any
    """``[n, out]``"""


Perceptron = tuple[Layer, ...]


def orthogonal(rng: np.random.Generator, rows: int, columns: int, gain: float) -> np.ndarray:
    """Return ``(rows, columns)`` with orthonormal rows or columns times ``gain`` (Saxe, McClelland & Ganguli 2014)."""
    tall = rng.standard_normal((max(rows, columns), min(rows, columns)))
    basis, triangle = np.linalg.qr(tall)
    basis = basis * np.where(np.diag(triangle) < 0, -1.0, 1.0)
    return gain * (basis if rows >= columns else basis.T)


def glorot(rng: np.random.Generator, rows: int, columns: int, gain: float) -> np.ndarray:
    """Return ``(rows, columns)`` uniform within ``gain sqrt(6 / (rows + columns))`` of 0 (Glorot & Bengio 2010)."""
    most = gain * np.sqrt(6 / (rows + columns))
    return rng.uniform(-most, most, (rows, columns))


def draw_mlps(
    rng: np.random.Generator,
    inputs: Sequence[int],
    hidden: Sequence[int],
    outputs: Sequence[int],
    *,
    gain: float = 2**0.5,
    last_gain: float = 1.0,
    draw: Callable[[np.random.Generator, int, int, float], np.ndarray] = orthogonal,
) -> Perceptron:
    """Return perceptrons, one an agent, numpy float32, biases 0.

    Parameters
    ----------
    rng : Generator
        Consumed agent by agent, layer by layer.
    inputs, outputs : sequence of int
        True sizes of each agent; of length 1 for a shared network.
    hidden : sequence of int
        Widths.
    gain, last_gain : float
        Of the hidden layers, and of the last.
    draw : callable
        ``draw(rng, rows, columns, gain)``.
    """
    sizes = (max(inputs), *hidden, max(outputs))
    # Four times: Adam's two moments, and the gradient.
    require_memory(
        (len(inputs), sum(a * b for a, b in pairwise(sizes))), "the networks' weights", "choose fewer hidden units", item_bytes=16
    )
    weights = [np.zeros((len(inputs), rows, columns), np.float32) for rows, columns in pairwise(sizes)]
    for agent, (first, last) in enumerate(zip(inputs, outputs, strict=True)):
        own = (first, *hidden, last)
        for k, (rows, columns) in enumerate(pairwise(own)):
            weights[k][agent, :rows, :columns] = draw(rng, rows, columns, last_gain if k == len(own) - 2 else gain)
    return tuple(Layer(weight, np.zeros((len(inputs), weight.shape[2]), np.float32)) for weight in weights)


def forward(layers: Perceptron, inputs: Array, activation: Callable[[Array], Array] = jnp.tanh) -> Array:
    """Return ``(..., out)`` of one agent's network, layers without the leading axis, for ``inputs`` ``(..., in)``."""
    hidden = inputs
    for k, (weight, bias) in enumerate(layers):
        hidden = hidden @ weight + bias
        hidden = activation(hidden) if k < len(layers) - 1 else hidden
    return hidden


def apply(layers: Perceptron, inputs: Array, activation: Callable[[Array], Array] = jnp.tanh) -> Array:
    """Return ``(..., n, out)`` of every agent's network for ``inputs`` ``(..., n, in)``; a shared network serves all agents."""
    if layers[0].weight.shape[0] == 1:
        return forward(jax.tree.map(lambda leaf: leaf[0], layers), inputs, activation)
    return jax.vmap(lambda own, seen: forward(own, seen, activation), (0, -2), -2)(layers, inputs)


def apply_in_bulk(layers: Perceptron, inputs: Array, activation: Callable[[Array], Array] = jnp.tanh) -> Array:
    """Return ``(n, B, out)`` of every agent's network for ``inputs`` ``(n, B, in)``; a shared network serves all agents.

    With the agents' axis first, and all agents' rows in one where they share weights, products and their gradients are plain ones.
    """
    if layers[0].weight.shape[0] == 1:
        shared = forward(jax.tree.map(lambda leaf: leaf[0], layers), inputs.reshape(-1, inputs.shape[-1]), activation)
        return shared.reshape(*inputs.shape[:-1], shared.shape[-1])
    return jax.vmap(lambda own, seen: forward(own, seen, activation))(layers, inputs)


def masked_logits(logits: Array, legal: Array) -> Array:
    """Return ``logits`` with what is illegal beyond reach, finite so that gradients are."""
    return jnp.where(legal, logits, -1e9)


def clip_by_agent(gradients: Any, most: float) -> Any:
    """Return gradients whose norm, of each agent over all leaves ``(n, ...)``, is at most ``most``.

    One norm over all agents would let each agent's step depend on the others' rewards.
    """
    squares = [jnp.square(leaf).reshape(leaf.shape[0], -1).sum(axis=1) for leaf in jax.tree.leaves(gradients)]
    norm = jnp.sqrt(sum(squares))
    factor = jnp.minimum(1.0, most / jnp.maximum(norm, 1e-12))
    return jax.tree.map(lambda leaf: leaf * factor.reshape((-1,) + (1,) * (leaf.ndim - 1)), gradients)


def polyak(target: Any, weights: Any, rate: float) -> Any:
    """Return ``target`` moved towards ``weights`` by the part ``rate``."""
    return jax.tree.map(lambda old, new: old + rate * (new - old), target, weights)

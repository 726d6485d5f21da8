"""Replay: a ring buffer in arrays, filled and sampled inside compiled code."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array


class Replay(NamedTuple):
    """A ring of steps."""

    steps: Any
    """A pytree whose leaves have a leading axis of the capacity."""
    next: Array
    """``[]`` int32: where the next step goes"""
    filled: Array
    """``[]`` int32: how many steps there are"""


def empty(example: Any, capacity: int) -> Replay:
    """Return a replay of ``capacity`` steps like ``example``."""
    steps = jax.tree.map(lambda leaf: jnp.zeros((capacity, *leaf.shape), leaf.dtype), example)
    return Replay(steps, jnp.int32(0), jnp.int32(0))


def put(replay: Replay, batch: Any) -> Replay:
    """Return the replay with ``batch``, leaves ``(rollout, environments, ...)``, in place of its oldest steps."""
    count = jax.tree.leaves(batch)[0].shape[0] * jax.tree.leaves(batch)[0].shape[1]
    capacity = jax.tree.leaves(replay.steps)[0].shape[0]
    where = (replay.next + jnp.arange(count)) % capacity

    def written(kept: Array, new: Array) -> Array:
        return kept.at[where].set(new.reshape(count, *kept.shape[1:]).astype(kept.dtype), unique_indices=True)

    steps = jax.tree.map(written, replay.steps, batch)
    return Replay(steps, (replay.next + count) % capacity, jnp.minimum(replay.filled + count, capacity))


def sample(replay: Replay, key: Array, count: int) -> Any:
    """Return ``count`` steps drawn uniformly, with replacement."""
    chosen = jax.random.randint(key, (count,), 0, jnp.maximum(replay.filled, 1))
    return jax.tree.map(lambda leaf: leaf[chosen], replay.steps)

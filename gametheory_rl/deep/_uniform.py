"""Random play as a method that learns nothing: what a trained one is read beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep._method import Acted, Losses, Method, Seen, Spec, Transition, Tree


@dataclass(frozen=True, kw_only=True)
class Uniform(Method):
    """Every legal action equally often; of a continuous world, numbers uniform in [-1, 1]. It plays everything, greedy or not."""

    name: ClassVar[str] = "uniform"
    actions: ClassVar[tuple[str, ...]] = ("discrete", "continuous")

    def draw(self, rng: np.random.Generator, spec: Spec) -> Tree:
        """Return one number that nothing reads."""
        del rng, spec
        return {"none": np.zeros((), np.float32)}

    def begin(self, spec: Spec, weights: Tree) -> Tree:
        """Keep nothing."""
        del spec, weights
        return ()

    def policy(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree) -> Array:
        """Return equal chances ``(n, A)`` of what is legal."""
        del spec, weights, memory
        legal = seen.legal.astype(jnp.float32)
        return legal / jnp.maximum(legal.sum(axis=-1, keepdims=True), 1.0)

    def act(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array) -> Acted:
        """Act at random."""
        if spec.continuous:
            return Acted(jax.random.uniform(key, (spec.num_agents, spec.actions), minval=-1.0), memory)
        return super().act(spec, weights, seen, memory, key)

    def play(self, spec: Spec, weights: Tree, seen: Seen, memory: Tree, key: Array, greedy: Array) -> Acted:
        """Act at random."""
        del greedy
        return self.act(spec, weights, seen, memory, key)

    def learn(self, spec: Spec, weights: Tree, training: Tree, batch: Transition, key: Array, share: Array) -> tuple[Tree, Tree, Losses]:
        """Learn nothing."""
        del spec, batch, key, share
        return weights, training, {}

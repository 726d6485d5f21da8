"""Levers: agents who are drawn anew each round must pull different levers, told by nothing but their own identities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs._world import Scene, Step, World
from gametheory_rl.families._arguments import integer


class LeversState(NamedTuple):
    """Who was drawn, and what they pulled."""

    identities: Array
    """``[m]`` int32 in [0, pool), all different."""
    pulled: Array
    """``[m]`` int32 in [0, m); -1 before the pull."""


class Levers(World):
    """One round: m agents out of a pool see their identities and pull one of m levers each; all earn distinct levers / m.

    There are two ways to count: ``distinct_share`` = distinct / m, which is the reward, and ``distinct_beyond_one`` =
    (distinct - 1) / (m - 1), which is the figure of the paper. Uniform play of 5 scores .6723 and .5904 in expectation.

    Parameters
    ----------
    levers : int
        m, the number of levers and of agents in a round; at least 2.
    pool : int
        How many identities there are; at least m.
    one_hot : bool
        True: an observation is ``pool`` numbers, 1 at the identity. False: it is one number, the identity itself (exact in float32), for
        networks that look a row up instead of multiplying by 499 zeros. The weights of a first layer on the one-hot form are the same
        table: with ``W`` ``(pool, H)``, ``one_hot @ W`` is ``W[identity]``, and ``Levers.identities`` finds the identities in
        observations of both forms.

    Raises
    ------
    GameError
        A number out of its range.

    Examples
    --------
    >>> import jax
    >>> from gametheory_rl.deep.envs import Levers
    >>> world = Levers()
    >>> state, step = world.reset(jax.random.key(0))
    >>> step.observations.shape
    (5, 500)
    >>> state, step = world.step(jax.random.key(1), state, jax.numpy.array([0, 1, 2, 3, 3]))
    >>> [round(float(value), 2) for value in world.measures(state, step).values()]
    [0.8, 0.75]

    Notes
    -----
    S. Sukhbaatar, A. Szlam and R. Fergus, "Learning multiagent communication with backpropagation", NeurIPS 2016, section 4.1.
    """

    levers: int = eqx.field(static=True, default=5)
    pool: int = eqx.field(static=True, default=500)
    one_hot: bool = eqx.field(static=True, default=True)

    def __check_init__(self) -> None:
        integer(self.levers, "levers", 2, 1000)
        integer(self.pool, "pool", self.levers, 1 << 20)
        if not isinstance(self.one_hot, bool):
            raise GameError(f"one_hot is {self.one_hot!r}, True or False was expected")

    @property
    def name(self) -> str:
        """Registered name."""
        return "levers"

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """``pool`` numbers each, or one."""
        return (self.pool if self.one_hot else 1,) * self.levers

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """One action for each lever."""
        return (self.levers,) * self.levers

    def reset(self, key: Array) -> tuple[LeversState, Step]:
        """Draw m different identities, each set alike likely."""
        state = LeversState(_draw(key, self.levers, self.pool), jnp.full(self.levers, -1, jnp.int32))
        return state, self._step(state, jnp.zeros(self.levers, jnp.float32), 1.0)

    def step(self, key: Array, state: LeversState, actions: Array) -> tuple[LeversState, Step]:
        """Pull; the round ends."""
        del key
        state = LeversState(state.identities, actions.astype(jnp.int32))
        reward = jnp.full(self.levers, self._distinct(state) / self.levers, jnp.float32)
        return state, self._step(state, reward, 0.0)

    def identities(self, observations: Array) -> Array:
        """Return the identities ``(..., m)`` int32 that observations ``(..., m, O)`` show."""
        found = jnp.argmax(observations, axis=-1) if self.one_hot else observations[..., 0]
        return found.astype(jnp.int32)

    def measures(self, state: LeversState, step: Step) -> Mapping[str, Array]:
        """Count distinct levers both ways; 0 before the pull."""
        del step
        distinct = self._distinct(state)
        return {"distinct_share": distinct / self.levers, "distinct_beyond_one": jnp.maximum(distinct - 1, 0) / (self.levers - 1)}

    def scene(self, state: LeversState) -> Scene:
        """Levers as squares, in a row; above each the agents who pull it."""
        pulled, identities = np.asarray(state.pulled), np.asarray(state.identities)
        circles, texts = [], []
        for agent, lever in enumerate(pulled):
            waits = lever < 0
            x = agent if waits else lever
            y = 2.5 if waits else 1.0 + np.sum(pulled[:agent] == lever)
            circles.append((x, y, 0.3, 1))
            texts.append((float(x), float(y), str(identities[agent])))
        squares = [(lever, 0.0, 0.6, 0) for lever in range(self.levers)]
        extent = (-1.0, float(self.levers), -0.7, max(3.2, self.levers + 0.7))
        return Scene(extent, np.array(circles, float), np.zeros((0, 5)), np.array(squares, float), tuple(texts), ("lever", "agent"))

    def _distinct(self, state: LeversState) -> Array:
        return jnp.sum(jnp.any(state.pulled[None, :] == jnp.arange(self.levers)[:, None], axis=1)).astype(jnp.float32)

    def _step(self, state: LeversState, rewards: Array, continues: float) -> Step:
        who = state.identities
        seen = jax.nn.one_hot(who, self.pool, dtype=jnp.float32) if self.one_hot else who[:, None].astype(jnp.float32)
        legal = jnp.ones((self.levers, self.levers), bool)
        return Step(seen, rewards, jnp.float32(continues), jnp.zeros((), bool), legal, self.everybody())


def _draw(key: Array, count: int, pool: int) -> Array:
    """Return ``count`` different numbers below ``pool`` in random order: Floyd's subset, then shuffled."""
    if count > 32:  # the loop below would be unrolled so often
        return jax.random.permutation(key, pool)[:count].astype(jnp.int32)
    subset, order = jax.random.split(key)
    bounds = jnp.arange(pool - count, pool)
    draws = jax.random.randint(subset, (count,), 0, bounds + 1)
    chosen = jnp.full(count, -1, draws.dtype)
    for k in range(count):
        taken = jnp.any(chosen == draws[k])
        chosen = chosen.at[k].set(jnp.where(taken, bounds[k], draws[k]))
    return jax.random.permutation(order, chosen).astype(jnp.int32)

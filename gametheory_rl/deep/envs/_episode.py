"""One episode of a world, kept whole: for pictures, and for a first look at what random play earns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep.envs._world import Step, World
from gametheory_rl.families._arguments import integer

Player = Callable[[Array, Step], Array]
"""Everybody's actions, from a key and what is seen."""

LONGEST = 2000
"""Steps of an episode that ends by itself only."""


class Episode(NamedTuple):
    """An episode as it went; T steps, T + 1 moments."""

    states: tuple[Any, ...]
    """T + 1 states, in numpy."""
    rewards: np.ndarray
    """``[T, n]``"""
    measures: Mapping[str, np.ndarray]
    """``[T]`` by name: after each step."""
    ended: bool
    """Whether the world ended or cut it; else ``steps`` did."""


class RandomPlayer(eqx.Module):
    """Who plays every legal action alike often, in continuous worlds every number in [-1, 1]."""

    world: World

    def __call__(self, key: Array, step: Step) -> Array:
        """Return everybody's actions."""
        sizes = self.world.action_sizes
        if self.world.continuous:
            return jax.random.uniform(key, (len(sizes), max(sizes)), jnp.float32, -1.0, 1.0)
        return jax.random.categorical(key, jnp.where(step.legal, 0.0, -jnp.inf)).astype(jnp.int32)


def play_episode(world: World, player: Player | None = None, *, seed: int = 0, steps: int | None = None) -> Episode:
    """Play one episode and keep every state.

    Parameters
    ----------
    world : World
    player : callable, optional
        ``player(key, step)`` returns everybody's actions; None: ``RandomPlayer(world)``.
    seed : int
        Of all chance: the same seed, the same episode.
    steps : int, optional
        Stop after so many; None: where the world ends, at the latest after 2,000.

    Returns
    -------
    Episode

    Raises
    ------
    GameError
        A number out of its range.

    Examples
    --------
    >>> from gametheory_rl.deep import load_world
    >>> from gametheory_rl.deep.envs import play_episode
    >>> episode = play_episode(load_world("spread"), seed=1)
    >>> len(episode.states), episode.rewards.shape, episode.ended
    (26, (25, 3), True)
    """
    limit = LONGEST if steps is None else integer(steps, "steps", 1, LONGEST)
    player = player or RandomPlayer(world)
    key = jax.random.key(integer(seed, "seed", 0, (1 << 32) - 1))

    state, seen = _begin(world, key)
    states, rewards, counted = [jax.device_get(state)], [], []
    ended = False
    while not ended and len(rewards) < limit:
        state, seen, measures = _advance(world, player, jax.random.fold_in(key, len(rewards) + 1), state, seen)
        states.append(jax.device_get(state))
        rewards.append(np.asarray(seen.rewards))
        counted.append(jax.device_get(measures))
        ended = bool(seen.truncated) or float(seen.continues) == 0
    return Episode(tuple(states), np.stack(rewards), {name: np.array([row[name] for row in counted]) for name in counted[0]}, ended)


# Of the module, so that another episode of an equal world compiles nothing.
@eqx.filter_jit
def _begin(world: World, key: Array) -> tuple[Any, Step]:
    return world.reset(key)


@eqx.filter_jit
def _advance(world: World, player: Player, key: Array, state: Any, seen: Step) -> tuple[Any, Step, Mapping[str, Array]]:
    act, go = jax.random.split(key)
    state, seen = world.step(go, state, player(act, seen))
    return state, seen, world.measures(state, seen)

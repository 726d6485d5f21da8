"""One episode of a world, kept whole: for pictures, and for a first look at what random play earns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep.envs._world import Step, World
from gametheory_rl.families._arguments import integer


class Player(Protocol):
    """Who acts for everybody: a ``Policy``, ``RandomPlayer``, or anything with these two."""

    def memory(self) -> Any:
        """Return what it remembers at the start, a pytree of arrays."""
        ...

    def act(self, key: Array, state: Any, step: Step, memory: Any) -> tuple[Array, Any]:
        """Return all agents' actions, and what to remember."""
        ...


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

    def memory(self) -> tuple[()]:
        """Remember nothing."""
        return ()

    def act(self, key: Array, state: Any, step: Step, memory: Any) -> tuple[Array, Any]:
        """Return everybody's actions."""
        del state
        sizes = self.world.action_sizes
        if self.world.continuous:
            return jax.random.uniform(key, (len(sizes), max(sizes)), jnp.float32, -1.0, 1.0), memory
        return jax.random.categorical(key, jnp.where(step.legal, 0.0, -jnp.inf)).astype(jnp.int32), memory


def play_episode(world: World, player: Player | None = None, *, seed: int = 0, steps: int | None = None) -> Episode:
    """Play one episode and keep every state.

    Parameters
    ----------
    world : World
    player : Player, optional
        For example what ``deep.load_policy`` returns; None: ``RandomPlayer(world)``.
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

    (state, seen), memory = _begin(world, key), player.memory()
    states, rewards, counted = [jax.device_get(state)], [], []
    ended = False
    while not ended and len(rewards) < limit:
        state, seen, memory, measures = _advance(world, player, jax.random.fold_in(key, len(rewards) + 1), state, seen, memory)
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
def _advance(world: World, player: Player, key: Array, state: Any, seen: Step, memory: Any) -> tuple[Any, Step, Any, Mapping[str, Array]]:
    act, go = jax.random.split(key)
    actions, memory = player.act(act, state, seen, memory)
    state, seen = world.step(go, state, actions)
    return state, seen, memory, world.measures(state, seen)

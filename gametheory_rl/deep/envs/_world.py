"""What a world is: two pure functions, ``reset`` and ``step``, that may be compiled, mapped over keys and scanned over time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl._support._errors import GameError

MOST_PAYOFF = 1e15
"""In size: squares of sums of larger ones leave single precision."""


def require_payoffs(largest: float) -> None:
    """Refuse payoffs of a size that networks cannot compute with."""
    if not largest <= MOST_PAYOFF:
        raise GameError(
            f"payoffs reach {largest:.3g} in size, at most {MOST_PAYOFF:g} was expected of networks in single precision: divide them"
        )


class Step(NamedTuple):
    """What everybody sees after a reset or a step; agents with less to see or to do are padded."""

    observations: Array
    """``[n, O]`` float32: agent i's are the first ``observation_sizes[i]`` numbers, the rest is 0."""
    rewards: Array
    """``[n]`` float32; 0 after a reset."""
    continues: Array
    """``[]`` float32: 0 where the episode ended for good (nothing is bootstrapped from there), else 1."""
    truncated: Array
    """``[]`` bool: a time limit cut the episode; learners bootstrap through it."""
    legal: Array
    """``[n, A]`` bool: what may be done now, A the largest number of actions; of a continuous world ``[n, 0]``."""
    alive: Array
    """``[n]`` bool: agents that are here; the others' actions do nothing."""


class Scene(NamedTuple):
    """A state as shapes, in plain numpy, for whoever draws it; units are the world's."""

    extent: tuple[float, float, float, float]
    """left, right, bottom, top"""
    circles: np.ndarray
    """``[k, 4]``: x, y, radius, kind"""
    lines: np.ndarray
    """``[l, 5]``: x, y, x', y', kind"""
    squares: np.ndarray
    """``[m, 4]``: x and y of the centre, side, kind"""
    texts: tuple[tuple[float, float, str], ...]
    """x, y, words"""
    kinds: tuple[str, ...]
    """What the kinds are, by their number: the legend."""


class World(eqx.Module):
    """Base of the worlds: a frozen module; arrays among its fields are leaves, everything else is static.

    Nothing resets by itself: who steps a world past an end resets it, and still holds the last observation.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Registered name, or what plots shall call it."""

    @property
    @abstractmethod
    def observation_sizes(self) -> tuple[int, ...]:
        """How many numbers each agent sees; its length is the number of agents."""

    @property
    @abstractmethod
    def action_sizes(self) -> tuple[int, ...]:
        """How many actions each agent has; of a continuous world, how many numbers in [-1, 1] make one action."""

    @property
    def continuous(self) -> bool:
        """Whether actions are numbers in [-1, 1], ``(n, C)`` float32, instead of choices ``(n,)`` int32."""
        return False

    @property
    def soft_actions(self) -> bool:
        """Whether ``step`` also takes weights over choices, ``(n, A)`` float32, and then does what is between those choices."""
        return False

    @property
    def discount(self) -> tuple[float, ...] | None:
        """Each agent's own discount, where the world says one, as tensor games do; None: the method's."""
        return None

    @property
    def num_agents(self) -> int:
        """How many agents there are, alive or not."""
        return len(self.observation_sizes)

    @abstractmethod
    def reset(self, key: Array) -> tuple[Any, Step]:
        """Return a first state, a tuple of arrays, and what is seen there."""

    @abstractmethod
    def step(self, key: Array, state: Any, actions: Array) -> tuple[Any, Step]:
        """Return the next state and what is seen there."""

    def global_state(self, state: Any, step: Step) -> Array:
        """Return what a central critic sees beside actions, ``(G,)``: all observations."""
        del state
        return step.observations.reshape(-1)

    def measures(self, state: Any, step: Step) -> Mapping[str, Array]:
        """Return what this world counts at a state, scalars by name, beside rewards: distances, collisions, failures."""
        del state, step
        return {}

    def scene(self, state: Any) -> Scene:
        """Return ``state`` as shapes."""
        raise NotImplementedError(f"{self.name} has no picture")

    def everybody(self) -> Array:
        """Return ``alive`` of a world whose agents stay."""
        return jnp.ones(self.num_agents, bool)

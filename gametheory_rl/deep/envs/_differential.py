"""Differential games as worlds: one shot, each agent's action is one number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import Array

from gametheory_rl.deep.envs._world import Scene, Step, World
from gametheory_rl.families._differential import DifferentialGame, differential_game


class Chosen(NamedTuple):
    """What was chosen, in the game's units."""

    actions: Array
    """``[n]``; 0 before"""


class Differential(World):
    """One round of a differential game: everybody sees a constant and chooses a number in [-1, 1], which stands for [-bound, bound].

    Rewards are the game's payoffs as they are.

    Parameters
    ----------
    game : str or DifferentialGame
        Or the name of one, for ``families.differential_game``.

    Raises
    ------
    GameError
        An unknown name.

    Examples
    --------
    >>> import jax
    >>> from gametheory_rl.deep.envs import Differential
    >>> world = Differential("two_quadratics")
    >>> state, step = world.reset(jax.random.key(0))
    >>> world.step(jax.random.key(0), state, jax.numpy.array([[0.5], [0.5]]))[1].rewards.tolist()
    [10.0, 10.0]
    """

    game: DifferentialGame = eqx.field(static=True)

    def __init__(self, game: str | DifferentialGame = "two_quadratics") -> None:
        self.game = game if isinstance(game, DifferentialGame) else differential_game(game)

    @property
    def name(self) -> str:
        """Registered name; the game has one of its own."""
        return "differential"

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """One number each, always 1."""
        return (1,) * self.game.num_players

    @property
    def action_sizes(self) -> tuple[int, ...]:
        """One number each."""
        return (1,) * self.game.num_players

    @property
    def continuous(self) -> bool:
        """True."""
        return True

    def reset(self, key: Array) -> tuple[Chosen, Step]:
        """Begin the round; there is no chance in it."""
        del key
        count = self.game.num_players
        return Chosen(jnp.zeros(count)), self._step(jnp.zeros(count), 1.0)

    def step(self, key: Array, state: Chosen, actions: Array) -> tuple[Chosen, Step]:
        """Pay everybody and end the round."""
        del key, state
        chosen = self.game.bound * jnp.clip(actions[:, 0], -1.0, 1.0)
        return Chosen(chosen), self._step(self.payoffs(chosen), 0.0)

    def payoffs(self, chosen: Array) -> Array:
        """Return the payoffs ``(n,)`` of numbers ``(n,)`` in the game's units."""
        constant, linear, quadratic = (
            jnp.asarray(part, jnp.float32) for part in (self.game.constant, self.game.linear, self.game.quadratic)
        )
        return (constant + linear @ chosen + (quadratic @ chosen) @ chosen).max(axis=-1)

    def measures(self, state: Chosen, step: Step) -> Mapping[str, Array]:
        """Return what was chosen, in the game's units."""
        del step
        return {f"action_{i}": state.actions[i] for i in range(self.game.num_players)}

    def scene(self, state: Chosen) -> Scene:
        """Every agent's number on a line of its own."""
        chosen, bound, count = np.asarray(state.actions, float), self.game.bound, self.game.num_players
        rows = np.arange(count, dtype=float)
        circles = np.stack([chosen, rows, np.full(count, 0.2), np.ones(count)], axis=1)
        lines = np.stack([np.full(count, -bound), rows, np.full(count, bound), rows, np.zeros(count)], axis=1)
        texts = tuple((float(x), float(y) + 0.3, f"{x:.2f}") for x, y in zip(chosen, rows, strict=True))
        return Scene((-bound, bound, -1.0, float(count)), circles, lines, np.zeros((0, 4)), texts, ("line", "agent"))

    def _step(self, rewards: Array, continues: float) -> Step:
        count = self.game.num_players
        legal = jnp.zeros((count, 0), bool)
        return Step(jnp.ones((count, 1)), rewards, jnp.float32(continues), jnp.zeros((), bool), legal, self.everybody())

"""What the families of random games share: payoffs, probabilities, and the memory they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from gametheory_rl._games import StochasticGame, Successors
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.families._arguments import integer, real, require_rows

MOST_STATES = 2**31 - 1

DISTRIBUTIONS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "uniform": lambda rng, shape: 2 * rng.random(shape) - 1,
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "integers": lambda rng, shape: np.floor(3 * rng.random(shape)) - 1,
}
"""Uniform on [-1, 1); standard normal; uniform on -1, 0, 1, which makes degenerate stage games."""


class Size(NamedTuple):
    """The checked size of a random game."""

    states: int
    actions: tuple[int, ...]
    branching: int

    @property
    def rows(self) -> int:
        """Number of joint actions over all states."""
        return int(np.prod((self.states, *self.actions), dtype=object))


def checked_size(states: int, actions: int | Sequence[int], branching: int, players: int, what: str) -> Size:
    """Check the size and refuse what does not fit in memory."""
    players, states = integer(players, "players", 1, 16), integer(states, "states", 1, MOST_STATES)
    menu = tuple(actions) if isinstance(actions, Sequence | np.ndarray) and not isinstance(actions, str) else (actions,) * players
    if len(menu) != players:
        raise GameError(f"actions names {len(menu)} players, {players} were expected")
    size = Size(states, tuple(integer(count, "actions", 1) for count in menu), integer(branching, "branching", 1, states))
    require_memory((players, size.rows), f"the payoffs of {what}", "choose smaller parameters", item_bytes=24)
    require_rows(size.rows, size.branching, f"{what} of {states} states")
    return size


def random_game(
    size: Size, next_states: np.ndarray, rng: np.random.Generator, *, discount: float, zero_sum: bool, payoffs: str, name: str
) -> StochasticGame:
    """Draw payoffs and probabilities for successors ``next_states`` ``(rows, branching)``, which ascend in each row."""
    discount = real(discount, "discount", 0, 1)
    players = len(size.actions)
    if zero_sum and players != 2:
        raise GameError(f"a zero-sum game has 2 players, {players} were asked for; set zero_sum to False")
    if payoffs not in DISTRIBUTIONS:
        raise UnknownNameError("distribution of payoffs", str(payoffs), DISTRIBUTIONS)
    draws = 1 if zero_sum else players
    payoff = DISTRIBUTIONS[payoffs](rng, (draws, size.states, *size.actions))
    if zero_sum:
        payoff = np.concatenate([payoff, 0.0 - payoff])
    probabilities = _cut_points(rng, *next_states.shape)
    offsets = np.arange(0, next_states.size + 1, size.branching)
    return StochasticGame(payoff, Successors(offsets, next_states.reshape(-1), probabilities.reshape(-1)), discount, name=name)


def _cut_points(rng: np.random.Generator, rows: int, width: int) -> np.ndarray:
    """Return ``(rows, width)`` probabilities: the pieces into which ``width - 1`` uniform cuts divide [0, 1]."""
    pieces = np.empty((rows, width))
    pieces[:, :-1] = rng.random((rows, width - 1))
    pieces[:, -1] = 1.0
    pieces[:, :-1].sort(axis=1)
    for column in range(width - 1, 0, -1):
        pieces[:, column] -= pieces[:, column - 1]
    return pieces

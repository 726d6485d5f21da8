"""A game as it is played, one joint action after another: what environments of both libraries share."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log
from typing import Any

import numpy as np

from gametheory_rl import _registry
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError

MODES = ("human", "ansi", "rgb_array")
"""How an environment can be looked at: a line printed, that line, a picture."""
WORTHLESS = 0.01
"""Play without a given horizon is cut where what is left counts for no more than this share."""


def checked_horizon(game: StochasticGame, horizon: Any) -> int | None:
    """Return after how many steps play is cut, None for never."""
    if horizon is None:
        discount = float(game.discount.max())
        return None if discount == 1 else 1 if discount <= WORTHLESS else ceil(log(WORTHLESS) / log(discount))
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer) or horizon < 1:
        raise GameError(f"horizon is {horizon!r}, a number of steps from 1 up was expected")
    return int(horizon)


def checked_mode(mode: Any) -> str | None:
    """Return how the environment is looked at."""
    if mode is not None and mode not in MODES:
        raise GameError(f"render_mode is {mode!r}, None or one of {', '.join(MODES)} was expected")
    return mode


class Play:
    """Where a play of a game stands. One number is drawn at the start and one a step, from the generator that is passed."""

    def __init__(self, game: StochasticGame, horizon: int | None) -> None:
        self.game, self.horizon = game, horizon
        self.state = self.age = 0
        self.last: tuple[int, ...] | None = None
        self._shape = (game.num_states, *game.num_actions)
        self._starts = np.flatnonzero(game.start)
        self._start_sums = np.cumsum(game.start[self._starts])

    def begin(self, rng: np.random.Generator) -> None:
        """Draw the first state."""
        self.age, self.last = 0, None
        self.state = int(self._starts[_drawn(self._start_sums, rng)])

    def move(self, joint: Sequence[int], rng: np.random.Generator) -> np.ndarray:
        """Take a joint action; return the players' payoffs, ``(n,)``."""
        for player, (action, mask) in enumerate(zip(joint, self.game.legal, strict=True)):
            if not (0 <= action < mask.shape[1] and mask[self.state, action]):
                legal = np.flatnonzero(mask[self.state]).tolist()
                raise GameError(
                    f"{self.game.labels.player(player)} plays {action} at state {self.game.labels.state(self.state)}, "
                    f"one of {legal} was expected; infos hold the action_mask"
                )
        offsets, states, probabilities = self.game.successors
        row = int(np.ravel_multi_index((self.state, *joint), self._shape))
        first, last = int(offsets[row]), int(offsets[row + 1])
        payoffs = self.game.payoff[(slice(None), self.state, *joint)]
        self.state = int(states[first + _drawn(np.cumsum(probabilities[first:last]), rng)])
        self.age, self.last = self.age + 1, tuple(joint)
        return payoffs

    @property
    def ended(self) -> bool:
        """Whether nothing comes after."""
        return bool(self.game.terminal[self.state])

    @property
    def cut(self) -> bool:
        """Whether the horizon is reached, before the end."""
        return not self.ended and self.horizon is not None and self.age >= self.horizon

    def mask(self, player: int) -> np.ndarray:
        """Return the player's legal actions, ``(A_i,)`` int8, the form in which ``Discrete.sample`` takes them."""
        return self.game.legal[player][self.state].astype(np.int8)

    def text(self) -> str:
        """Return one line: the step, the last joint action, the state."""
        labels = self.game.labels
        moves = ", ".join(f"{labels.player(i)} {labels.action(i, a)}" for i, a in enumerate(self.last or ()))
        said = f": {moves}" if moves else ""
        return f"step {self.age}{said} -> state {labels.state(self.state)}{' (the end)' if self.ended else ''}"

    def shown(self, mode: str | None) -> Any:
        """Return what ``render`` returns in a mode; the picture comes from the plots, by name."""
        if mode == "ansi":
            return self.text()
        if mode == "rgb_array":
            return _registry.resolve("plot", "game_image")(self.game, self.state, last=self.last, step=self.age)
        if mode == "human":
            print(self.text())
        return None


def _drawn(sums: np.ndarray, rng: np.random.Generator) -> int:
    # The sums may end just below 1, and a state of probability 0 has no place in them.
    return int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))

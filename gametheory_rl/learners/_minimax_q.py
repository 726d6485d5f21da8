"""Minimax-Q: Q-learning for zero-sum games (Littman 1994)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._kernels._simplex import workspace
from gametheory_rl.learners._checks import checked_number
from gametheory_rl.learners._learner import TabularLearner, play_of
from gametheory_rl.learners._minimax_q_kernels import MinimaxTables, Scratch
from gametheory_rl.learners._schedules import Schedule, as_schedule


@final
@dataclass(frozen=True)
class MinimaxQ(TabularLearner):
    """Q-learning over joint actions whose bootstrap is the minimax value of the next state's stage game.

    Both players learn at once and play the mixed actions that solve the stage game of their table. In zero-sum games with
    discount below 1 the tables converge to the game's values, and the policies to equilibrium, whoever plays, as long as every
    joint action goes on being tried.

    Parameters
    ----------
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the (state, joint action).
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately.
    initial : float
        Every entry and value at first, in each player's own payoffs.

    Raises
    ------
    GameError
        From ``init``: the game is not a two-player zero-sum game, or the table does not fit in memory.

    Notes
    -----
    Littman, "Markov games as a framework for multi-agent reinforcement learning", ICML 1994, figure 1. His soccer players have
    ``MinimaxQ(Schedule.exponential(1.0, 0.01, 10**6), exploration=0.2, initial=1.0)``. Deviations: the step size counts
    visits by default; his falls with time. His two learners keep a table each. Where both start at 0 and see the same
    steps, player 2's table is minus player 1's for ever, so one table, in player 1's payoffs, serves both. Elsewhere each has its
    own: with ``initial=1`` both are optimistic, which no single zero-sum table can say. His program solves the stage game after
    every update; here it is solved unless the old mixed actions are still optimal, with a gap of at most 1e-12 of the
    payoffs. With x(a) and y(b) the old weights of the updated entry: both zero, they are; one zero, they are if its owner does not
    gain by that action now; both one, if the entry is still a saddle point. Where it is to be solved, the old supports are
    tried first: the weights that make the other player indifferent, if nobody gains by any action then, to the same 1e-12.
    """

    step_size: Schedule | float = Schedule.by_visits(0.75)  # noqa: RUF009 -- frozen
    exploration: Schedule | float = 0.5
    initial: float = 0.0
    paradigm: ClassVar[str] = "joint"

    def __post_init__(self) -> None:
        as_schedule(self.step_size, "step_size")
        as_schedule(self.exploration, "exploration")
        checked_number(self.initial, "initial")

    def init(self, spec: GameSpec) -> MinimaxTables:
        """Return the tables of one seed."""
        if not spec.zero_sum:
            raise GameError(
                f"MinimaxQ needs a zero-sum game of two players with one discount; this one has {spec.num_players} "
                f"player{'s' if spec.num_players != 1 else ''}{' and is general-sum' if spec.num_players == 2 else ''}"
            )
        rows, columns = spec.num_actions
        # Player 2's beliefs are kept in player 1's payoffs, so an optimistic start has the opposite sign there.
        starts = np.array([1.0, -1.0] if self.initial else [1.0]) * float(self.initial)
        shape = (len(starts), spec.num_states, rows, columns)
        require_memory((2, *shape), "MinimaxQ's table over joint actions", "use a decentralised learner")
        tableau, basis = workspace(rows, columns)
        play = play_of(spec, self.exploration)
        return MinimaxTables(
            play=play,
            q=starts[:, None, None, None] * np.ones(shape),
            counts=np.zeros(shape[1:], np.int64),
            value=starts[:, None] * np.ones(shape[:2]),
            opponent=np.stack([play.policy[:, 1], play.policy[:, 0]])[: 2 * (len(starts) - 1)],
            discount=float(spec.discount[0]),
            step_size=as_schedule(self.step_size, "step_size").floats,
            scratch=Scratch(
                mixed=np.zeros((2, max(rows, columns))),
                packed=np.zeros((2, max(rows, columns))),
                support=np.zeros((2, max(rows, columns) + 1), np.int64),
                matrix=np.zeros((rows, columns)),
                tableau=np.zeros_like(tableau),
                basis=np.zeros_like(basis),
            ),
        )

    def values(self, tables: MinimaxTables) -> np.ndarray:
        """Return what each player believes its value to be, ``(2, S)``."""
        return np.stack([tables.value[0], -tables.value[-1]])

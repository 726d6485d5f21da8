"""Centralised Q-learning: the fully centralised baseline, a super-agent over joint actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from gametheory_rl._game_checks import checked_weights, joint_legal
from gametheory_rl._games import GameSpec
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners._centralised_q_kernels import CentralisedTables, play_joint
from gametheory_rl.learners._checks import checked_number, strides_of
from gametheory_rl.learners._learner import TabularLearner, constant, play_of
from gametheory_rl.learners._schedules import Schedule, as_schedule


@final
@dataclass(frozen=True)
class CentralisedQ(TabularLearner):
    """One super-agent sees everything, chooses all actions and maximises the team's reward, by Q-learning over joint actions.

    For the team nothing is non-stationary: this is Q-learning (Watkins 1989) on ``game.centralised(weights)``, and converges as
    that does. The price is the product of the players' action counts in memory and in exploration. What the players gain
    by leaving the team's plan is its ``nash_gap``; how far the plan is from the team's optimum is its ``team_gap``.

    Parameters
    ----------
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the (state, joint action).
    exploration : Schedule or float
        Probability of a uniformly random legal joint action: one coin for the team.
    weights : tuple of float, optional
        The team's reward is the weighted sum of the players'; None: their mean.
    initial : float
        Every entry of the table at first.

    Notes
    -----
    Any number of players with one common discount. Of equally good joint actions the first in C order is played.
    """

    step_size: Schedule | float = Schedule.by_visits(0.75)  # noqa: RUF009 -- frozen
    exploration: Schedule | float = 0.2
    weights: tuple[float, ...] | None = None
    initial: float = 0.0
    paradigm: ClassVar[str] = "centralised"

    def __post_init__(self) -> None:
        as_schedule(self.step_size, "step_size")
        as_schedule(self.exploration, "exploration")
        checked_number(self.initial, "initial")

    def init(self, spec: GameSpec) -> CentralisedTables:
        """Return the tables of one seed."""
        if (spec.discount != spec.discount[0]).any():
            raise GameError(f"CentralisedQ needs one common discount, the game's are {spec.discount.tolist()}")
        joint = int(np.prod([float(a) for a in spec.num_actions]))
        require_memory((2, spec.num_states, joint), "CentralisedQ's table over joint actions", "use a decentralised learner")
        legal = joint_legal(spec.legal).reshape(spec.num_states, joint)
        tables = CentralisedTables(
            play=play_of(spec, self.exploration),
            q=np.where(legal, float(self.initial), -np.inf),
            counts=np.zeros(legal.shape, np.int64),
            best=legal.argmax(axis=1).astype(np.int64),
            strides=constant(strides_of(spec.num_actions)),
            weights=constant(checked_weights(self.weights, spec.num_players), np.float64),
            discount=float(spec.discount[0]),
            step_size=as_schedule(self.step_size, "step_size").floats,
        )
        for state, best in enumerate(tables.best):
            play_joint(tables, state, best)
        return tables

    def values(self, tables: CentralisedTables) -> np.ndarray:
        """Return the team's value, once per player: ``(n, S)``."""
        return np.tile(tables.q.max(axis=1), (len(tables.strides), 1))

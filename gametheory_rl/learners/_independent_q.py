"""Independent Q-learning: the fully decentralised baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl.learners._checks import checked_number
from gametheory_rl.learners._independent_q_kernels import IndependentTables
from gametheory_rl.learners._learner import TabularLearner, constant, padded, play_of
from gametheory_rl.learners._schedules import Schedule, as_schedule


@final
@dataclass(frozen=True)
class IndependentQ(TabularLearner):
    """Each player runs Q-learning on its own actions and rewards and takes the others for part of the environment.

    With one player it is Q-learning (Watkins 1989), which converges. With more, each player's environment changes while the
    others learn: there is no guarantee. It settles where best replies are stable, on the prisoners' dilemma for one, and never
    on matching pennies, where a greedy policy is always exploitable.

    Parameters
    ----------
    step_size : Schedule or float
        By default ``1 / (1 + n)^(3/4)`` after n updates of the player's own (state, action).
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately.
    initial : float
        Every entry of the tables at first.

    Notes
    -----
    Any number of players, discounts in [0, 1] of each player's own. The policy is greedy, uniform over exact ties.
    """

    step_size: Schedule | float = Schedule.by_visits(0.75)  # noqa: RUF009 -- frozen
    exploration: Schedule | float = 0.1
    initial: float = 0.0
    paradigm: ClassVar[str] = "decentralised"

    def __post_init__(self) -> None:
        as_schedule(self.step_size, "step_size")
        as_schedule(self.exploration, "exploration")
        checked_number(self.initial, "initial")

    def init(self, spec: GameSpec) -> IndependentTables:
        """Return the tables of one seed."""
        return independent_tables(spec, self.step_size, self.exploration, self.initial)

    def values(self, tables: IndependentTables) -> np.ndarray:
        """Return each player's largest entry, ``(n, S)``."""
        return tables.value.T.copy()


def independent_tables(
    spec: GameSpec, step_size: Schedule | float, exploration: Schedule | float, initial: float, decrease: float = 1.0
) -> IndependentTables:
    """Return one seed's tables over own actions, every entry ``initial``."""
    legal = padded(spec)
    return IndependentTables(
        play=play_of(spec, exploration),
        q=np.where(legal, float(initial), -np.inf),
        counts=np.zeros(legal.shape, np.int64),
        value=np.full((spec.num_states, spec.num_players), float(initial)),
        discount=constant(spec.discount, np.float64),
        step_size=as_schedule(step_size, "step_size").floats,
        decrease=float(decrease),
    )

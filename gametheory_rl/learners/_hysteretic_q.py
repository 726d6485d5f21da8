"""Hysteretic Q-learning: independent players who are slow to think worse of an action (Matignon et al. 2007)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._support._errors import GameError
from gametheory_rl.learners._checks import checked_number
from gametheory_rl.learners._independent_q import independent_tables
from gametheory_rl.learners._independent_q_kernels import IndependentTables
from gametheory_rl.learners._learner import TabularLearner
from gametheory_rl.learners._schedules import Schedule, as_schedule


@final
@dataclass(frozen=True)
class HystereticQ(TabularLearner):
    """Independent Q-learning that follows good news faster than bad: in a team, a bad reward may be a teammate's exploration.

    With ``error = r_i + discount_i max q_i(s', .) - q_i(s, a_i)``, the entry moves by ``step_size * error`` where that is positive and
    by ``decrease * step_size * error`` where it is negative. The two step sizes are the paper's alpha and beta, and ``decrease`` is
    beta / alpha: 1 is ``IndependentQ``; at 0 entries never fall, as in Lauer and Riedmiller (2000).

    Parameters
    ----------
    step_size : Schedule or float
        Of positive errors. By default ``0.1 / (1 + n / 1000)^(3/4)`` after n updates of the player's own (state, action).
    decrease : float
        In [0, 1]: the step size of negative errors, as a share of that of positive ones.
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately. By default ``1 / sqrt(1 + n / 1000)`` after n
        visits of the state: optimism finds the team's optimum while all still try everything.
    initial : float
        Every entry of the tables at first.

    Raises
    ------
    GameError
        A parameter out of its range.

    Notes
    -----
    L. Matignon, G. Laurent, N. Le Fort-Piat, "Hysteretic Q-learning: an algorithm for decentralized reinforcement learning in
    cooperative multi-agent teams", IROS 2007. Theirs are ``HystereticQ(0.1, 0.1)``. Deviations: the step size falls with visits by
    default, and exploration is uniform where theirs was Boltzmann's.

    No guarantee. It is made for teams, whose players earn the same, and often finds the optimum there that independent learners miss. Where
    rewards or next states are random it is too hopeful: an entry settles not at the mean of its targets but where
    ``E[(target - q)+] = decrease * E[(q - target)+]``, also with a single player. Where interests differ it may settle anywhere.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("climbing"), gt.learners.HystereticQ(), steps=20_000, records=1)
    >>> run.profile[0].tolist(), run.profile[1].tolist()
    ([[1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]])
    """

    step_size: Schedule | float = Schedule.by_visits(0.75, start=0.1, scale=1000)  # noqa: RUF009 -- frozen
    decrease: float = 0.1
    exploration: Schedule | float = Schedule.by_visits(0.5, scale=1000)  # noqa: RUF009 -- frozen
    initial: float = 0.0
    paradigm: ClassVar[str] = "decentralised"

    def __post_init__(self) -> None:
        as_schedule(self.step_size, "step_size")
        as_schedule(self.exploration, "exploration")
        checked_number(self.initial, "initial")
        if not 0 <= checked_number(self.decrease, "decrease") <= 1:
            raise GameError(f"decrease is {self.decrease!r}, a number in [0, 1] was expected")

    def init(self, spec: GameSpec) -> IndependentTables:
        """Return the tables of one seed."""
        return independent_tables(spec, self.step_size, self.exploration, self.initial, self.decrease)

    def values(self, tables: IndependentTables) -> np.ndarray:
        """Return each player's largest entry, ``(n, S)``."""
        return tables.value.T.copy()

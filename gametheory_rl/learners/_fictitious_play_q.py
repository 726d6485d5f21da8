"""Fictitious-play Q-learning: every player answers how the others have played (Sayin, Parise & Ozdaglar 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners._checks import checked_number, strides_of
from gametheory_rl.learners._fictitious_play_q_kernels import FictitiousTables
from gametheory_rl.learners._learner import TabularLearner, constant, play_of
from gametheory_rl.learners._schedules import Schedule, as_schedule


@final
@dataclass(frozen=True)
class FictitiousPlayQ(TabularLearner):
    """Each player keeps score of how the others have played at each state, and plays the best response to that.

    Player i believes that player j plays ``m_j(s)``, and that a joint action is worth ``Q_i(s, a)`` to itself. With e the played action as
    a vector, at each visit of s

        m_j(s)    += belief_step_size * (e(a_j) - m_j(s)),
        Q_i(s, a) += step_size * (r_i + discount_i v_i(s') - Q_i(s, a)),
        v_i(s)     = max over own actions of the expectation of Q_i(s, .) where the others play m(s), each for itself,

    and the maximising action, the first of equal ones, is played next time.

    Parameters
    ----------
    step_size : Schedule or float
        Of Q, by updates of the (state, joint action); ``1 / (1 + n)^(4/5)`` by default.
    belief_step_size : Schedule or float
        Of the beliefs, by visits of the state; ``1 / (1 + n)^(7/10)`` by default. ``Schedule.by_visits(1.0)`` makes them the
        frequencies of all play so far, as in the joint-action learners of Claus and Boutilier.
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately. By default ``1 / sqrt(1 + n)``, which tries all
        joint actions of two players for ever; more players need a slower decay. The others' exploration is part of what is believed.
    initial : float
        Every entry of Q at first.

    Raises
    ------
    GameError
        A parameter out of its range; from ``init``: the tables over joint actions do not fit in memory.

    Notes
    -----
    M. Sayin, F. Parise, A. Ozdaglar, "Fictitious play in zero-sum stochastic games", SIAM J. Control Optim. 60 (2022), the
    model-free dynamics: in two-player zero-sum games, beliefs converge to an equilibrium and v to its values, if Q moves ever slower
    than the beliefs and all is tried for ever. C. Claus, C. Boutilier, "The dynamics of reinforcement learning in cooperative multiagent
    systems", AAAI 1998, has it for repeated games. Deviations: exploration falls; any number of players, each believed to play apart from
    the others.

    What converges is the belief, not play: the policy is pure, and where equilibria are mixed always exploitable. The run's average
    profile is what the players have been seen to play: look at ``average_nash_gap``. In general-sum games play may cycle, as in Shapley's.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("matching_pennies"), gt.learners.FictitiousPlayQ(), steps=100_000, records=1)
    >>> bool(run.trace["average_nash_gap"][0, -1] < 0.05), bool(run.trace["nash_gap"][0, -1] > 0.5)
    (True, True)
    """

    step_size: Schedule | float = Schedule.by_visits(0.8)  # noqa: RUF009 -- frozen
    belief_step_size: Schedule | float = Schedule.by_visits(0.7)  # noqa: RUF009 -- frozen
    exploration: Schedule | float = Schedule.by_visits(0.5)  # noqa: RUF009 -- frozen
    initial: float = 0.0
    paradigm: ClassVar[str] = "joint"

    def __post_init__(self) -> None:
        for name in ("step_size", "belief_step_size", "exploration"):
            as_schedule(getattr(self, name), name)
        checked_number(self.initial, "initial")

    def init(self, spec: GameSpec) -> FictitiousTables:
        """Return the tables of one seed."""
        joint = int(np.prod([float(count) for count in spec.num_actions]))
        shape = (spec.num_states, spec.num_players, joint)
        require_memory((2, *shape), "FictitiousPlayQ's tables over joint actions", "use a decentralised learner")
        play = play_of(spec, self.exploration)
        return FictitiousTables(
            play=play,
            q=np.full(shape, float(self.initial)),
            counts=np.zeros((spec.num_states, joint), np.int64),
            belief=play.policy.copy(),
            value=np.full(shape[:2], float(self.initial)),
            expected=np.zeros(play.policy.shape[1:]),
            digits=np.zeros(spec.num_players, np.int64),
            strides=constant(strides_of(spec.num_actions)),
            discount=constant(spec.discount, np.float64),
            step_size=as_schedule(self.step_size, "step_size").floats,
            belief_step_size=as_schedule(self.belief_step_size, "belief_step_size").floats,
        )

    def values(self, tables: FictitiousTables) -> np.ndarray:
        """Return what each player believes that its best response earns, ``(n, S)``."""
        return tables.value.T.copy()

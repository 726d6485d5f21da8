"""Policy hill-climbing, and with the rate of who wins or learns fast: PHC and WoLF-PHC (Bowling & Veloso 2002)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl.learners._checks import checked_number
from gametheory_rl.learners._learner import TabularLearner, constant, padded, play_of
from gametheory_rl.learners._schedules import Schedule, as_schedule
from gametheory_rl.learners._wolf_phc_kernels import HillTables

STEP_SIZE = Schedule.by_visits(start=0.01, scale=10**6)
WINNING = Schedule.by_visits(start=1 / 20_000, scale=20_000)
LOSING = Schedule.by_visits(start=2 / 20_000, scale=20_000)
"""The schedules of Bowling and Veloso's matrix games, 1 / (100 + t / 10^4), 1 / (20000 + t) and 2 / (20000 + t), t by visits."""
EXPLORATION = Schedule.by_visits(0.5, start=0.5, scale=100, end=0.01)


@final
@dataclass(frozen=True)
class WoLFPHC(TabularLearner):
    """Each player moves its mixed policy towards its best action: cautiously while it wins, fast while it loses.

    ``q_i`` is learned as by ``IndependentQ``. Then the weight of every action but the best, a*, falls:

        pi_i(s, a) -= min(pi_i(s, a), delta / (k - 1)),   and a* gains what the others lose, of k legal actions,

    with ``delta = delta_win`` where ``sum_a pi_i(s, a) q_i(s, a)`` exceeds the same of the average policy, ``delta_lose`` elsewhere.

    Parameters
    ----------
    step_size : Schedule or float
        Of q, by updates of the player's own (state, action). By default ``1 / (100 + n / 10^4)``.
    delta_win, delta_lose : Schedule or float
        Of the policy, by visits of the state. By default ``1 / (20000 + n)`` and twice that. Losing should be the faster.
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately.
    initial : float
        Every entry of the tables at first.

    Raises
    ------
    GameError
        A parameter out of its range.

    Notes
    -----
    M. Bowling, M. Veloso, "Multiagent learning using a variable learning rate", Artificial Intelligence 136 (2002). The
    average policy is over all visits of the state, as there. Deviations: their schedules, given for matrix games by the step t,
    count visits by default, which is the same with one state; exploration, which they leave open, falls from 1/2 to 0.01, and an
    equilibrium is approached with the others' exploration in it; of equally good actions the first gains.

    In matrix games of two players with two actions the idea, gradient ascent with two rates, converges to equilibrium, as they prove. For
    this algorithm, for more actions, players or states, there is no guarantee: it spirals in on rock-paper-scissors, and leaves the
    only equilibrium of Shapley's game for its cycle. With the default schedules a policy moves by 1 in its first 30,000 visits at the
    winning rate; where states are visited less, take larger ones.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("matching_pennies"), gt.learners.WoLFPHC(), steps=1_000_000, records=1)
    >>> bool(abs(run.profile[0][0, 0] - 0.5) < 0.02)
    True
    """

    step_size: Schedule | float = STEP_SIZE
    delta_win: Schedule | float = WINNING
    delta_lose: Schedule | float = LOSING
    exploration: Schedule | float = EXPLORATION
    initial: float = 0.0
    paradigm: ClassVar[str] = "decentralised"

    def __post_init__(self) -> None:
        for name in ("step_size", "delta_win", "delta_lose", "exploration"):
            as_schedule(getattr(self, name), name)
        checked_number(self.initial, "initial")

    def init(self, spec: GameSpec) -> HillTables:
        """Return the tables of one seed."""
        return _hill_tables(spec, self, self.delta_win, self.delta_lose)

    def values(self, tables: HillTables) -> np.ndarray:
        """Return each player's largest entry, ``(n, S)``."""
        return tables.value.T.copy()


@final
@dataclass(frozen=True)
class PHC(TabularLearner):
    """Policy hill-climbing at one rate: ``WoLFPHC`` whose ``delta_win`` and ``delta_lose`` are the same.

    It learns a best reply to players who stand still. Where all learn and equilibrium is mixed, as in matching pennies, its policy goes
    round the equilibrium.

    Parameters
    ----------
    step_size : Schedule or float
        Of q, by updates of the player's own (state, action). By default ``1 / (100 + n / 10^4)``.
    delta : Schedule or float
        Of the policy, by visits of the state. By default ``2 / (20000 + n)``, the rate at which WoLF-PHC loses.
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately.
    initial : float
        Every entry of the tables at first.

    Raises
    ------
    GameError
        A parameter out of its range.

    Notes
    -----
    M. Bowling, M. Veloso, "Multiagent learning using a variable learning rate", Artificial Intelligence 136 (2002), with the
    deviations of ``WoLFPHC``. No guarantee once others learn.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> run = gt.learn(gt.load_game("prisoners_dilemma"), gt.learners.PHC(delta=0.001), steps=20_000, records=1)
    >>> run.profile[0].tolist()
    [[0.0, 1.0]]
    """

    step_size: Schedule | float = STEP_SIZE
    delta: Schedule | float = LOSING
    exploration: Schedule | float = EXPLORATION
    initial: float = 0.0
    paradigm: ClassVar[str] = "decentralised"

    def __post_init__(self) -> None:
        for name in ("step_size", "delta", "exploration"):
            as_schedule(getattr(self, name), name)
        checked_number(self.initial, "initial")

    def init(self, spec: GameSpec) -> HillTables:
        """Return the tables of one seed."""
        return _hill_tables(spec, self, self.delta, self.delta)

    def values(self, tables: HillTables) -> np.ndarray:
        """Return each player's largest entry, ``(n, S)``."""
        return tables.value.T.copy()


def _hill_tables(spec: GameSpec, learner: WoLFPHC | PHC, winning: Schedule | float, losing: Schedule | float) -> HillTables:
    legal = padded(spec)
    return HillTables(
        play=play_of(spec, learner.exploration),
        q=np.full(legal.shape, float(learner.initial)),
        counts=np.zeros(legal.shape, np.int64),
        value=np.full(legal.shape[:2], float(learner.initial)),
        mixed=np.zeros(legal.shape[2]),
        discount=constant(spec.discount, np.float64),
        step_size=as_schedule(learner.step_size, "step_size").floats,
        winning=as_schedule(winning, "delta_win").floats,
        losing=as_schedule(losing, "delta_lose").floats,
    )

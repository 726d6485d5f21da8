"""Decentralised Q-learning: local Q-functions that find the values of zero-sum games (Sayin et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._support._errors import GameError
from gametheory_rl.learners._checks import checked_number
from gametheory_rl.learners._decentralised_q_kernels import DecentralisedTables
from gametheory_rl.learners._learner import TabularLearner, constant, padded, play_of
from gametheory_rl.learners._schedules import Schedule, as_schedule


@final
@dataclass(frozen=True)
class DecentralisedQ(TabularLearner):
    """Players who see neither each other's actions nor rewards, and find the values of zero-sum games all the same.

    At the c-th visit of s each player plays ``pi_i = softmax(q_i(s, .) / temperature_c)`` and moves, with step sizes alpha and beta,

        v_i(s)      += beta_c * (sum_a pi_i(a) q_i(s, a) - v_i(s)),
        q_i(s, a_i) += min(1, alpha_c / pi_i(a_i)) * (r_i + discount_i v_i(s') - q_i(s, a_i)).

    q follows the other's play faster than v moves the game that both play, so that each state looks like a repeated matrix game.

    Parameters
    ----------
    step_size : Schedule or float
        alpha, by visits of the state; ``c^(-3/4)`` by default.
    value_step_size : Schedule or float
        beta, the slower of the two; ``c^(-9/10)`` by default.
    temperature : float
        Positive, in payoff units: that of the first visit.
    annealing : float
        ``temperature_c = temperature / (1 + annealing * log(c))``; 0 keeps it.
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately. By default ``1 / sqrt(1 + n)`` after n visits
        of the state.
    initial : float
        Every entry of the tables at first.

    Raises
    ------
    GameError
        A parameter out of its range.

    Notes
    -----
    M. Sayin, K. Zhang, D. Leslie, T. Basar, A. Ozdaglar, "Decentralized Q-learning in zero-sum Markov games", NeurIPS 2021. Theirs have
    step sizes ``Schedule.by_visits(0.9)`` and ``Schedule.by_visits(1.0)``, no exploration, and an ``annealing`` of
    ``temperature * 0.9 * rho / (4 D)``, D bounding every value and 0 < rho < 2 - 1 / 0.9. With these, in two-player zero-sum games whose
    states are visited for ever, values converge to the minimax values; at a fixed temperature, to near them, by a
    margin in proportion to it.

    Deviations: that temperature is still a third of D after millions of visits, so it falls faster by default, beyond the theorem, and
    exploration takes care of what a cold softmax no longer tries. The update then divides by the chance of the action as
    it is played, exploration included, while v is worth what pi_i earns. An entry may move before v of the next state does, as in the
    paper. In games that are not zero-sum there is no guarantee.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> game = gt.load_game("biased_rock_paper_scissors")
    >>> run = gt.learn(game, gt.learners.DecentralisedQ(), steps=100_000, records=[1000])
    >>> error = run.trace["value_error"][0]
    >>> bool(error[-1] < 0.01), bool(error[-1] < error[0])
    (True, True)
    """

    step_size: Schedule | float = Schedule.by_visits(0.75)  # noqa: RUF009 -- frozen
    value_step_size: Schedule | float = Schedule.by_visits(0.9)  # noqa: RUF009 -- frozen
    temperature: float = 1.0
    annealing: float = 2.0
    exploration: Schedule | float = Schedule.by_visits(0.5)  # noqa: RUF009 -- frozen
    initial: float = 0.0
    paradigm: ClassVar[str] = "decentralised"
    off_policy: ClassVar[bool] = False  # the update weighs an action by how likely it was to be played

    def __post_init__(self) -> None:
        for name in ("step_size", "value_step_size", "exploration"):
            as_schedule(getattr(self, name), name)
        checked_number(self.initial, "initial")
        if checked_number(self.temperature, "temperature") <= 0:
            raise GameError(f"temperature is {self.temperature!r}, a positive number was expected")
        if checked_number(self.annealing, "annealing") < 0:
            raise GameError(f"annealing is {self.annealing!r}, a number of at least 0 was expected")

    def init(self, spec: GameSpec) -> DecentralisedTables:
        """Return the tables of one seed."""
        legal = padded(spec)
        return DecentralisedTables(
            play=play_of(spec, self.exploration),
            q=np.full(legal.shape, float(self.initial)),
            value=np.full(legal.shape[:2], float(self.initial)),
            mixed=np.zeros(legal.shape[2]),
            discount=constant(spec.discount, np.float64),
            temperature=float(self.temperature),
            annealing=float(self.annealing),
            step_size=as_schedule(self.step_size, "step_size").floats,
            value_step_size=as_schedule(self.value_step_size, "value_step_size").floats,
        )

    def values(self, tables: DecentralisedTables) -> np.ndarray:
        """Return what each player believes its value to be, ``(n, S)``."""
        return tables.value.T.copy()

"""Probabilistic recursive reasoning: every player answers how the others would answer it (Wen et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, final

import numpy as np

from gametheory_rl._games import GameSpec
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.learners._checks import checked_number, menus
from gametheory_rl.learners._learner import TabularLearner, constant, padded, play_of
from gametheory_rl.learners._pr2_q_kernels import RecursiveTables
from gametheory_rl.learners._schedules import Schedule, as_schedule

RHOS = ("counts", "soft")
WORTHS = ("mean", "soft")


@final
@dataclass(frozen=True)
class PR2Q(TabularLearner):
    """Each player reasons one level deep: if I do this, the others will do that, with probability ``rho_i(a_-i | s, a_i)``.

    Player i plays ``pi_i(s, a_i) = exp((Q_i(s, a_i) - v_i(s)) / T)`` and learns with the soft Bellman operator

    ``Q_i(s, a_i, a_-i) += step_size * (r_i + discount_i v_i(s') - Q_i(s, a_i, a_-i))``,
    ``v_i(s) = T log sum over a_i of exp(Q_i(s, a_i) / T)``,

    T being the temperature and sums over legal actions. What an own action is worth, ``Q_i(s, a_i)``, is the row's mean under rho, or its
    soft maximum ``T log sum over a_-i of exp(Q_i(s, a_i, a_-i) / T)``.

    Parameters
    ----------
    step_size : Schedule or float
        Of Q, by updates of the (state, joint action); ``1 / (1 + n)^(4/5)`` by default.
    rho : {"counts", "soft"}
        ``counts``: how often the others did ``a_-i`` when the player did ``a_i``. ``soft``: Theorem 1 of the paper,
        ``exp((Q_i(s, a_i, a_-i) - T log sum exp(Q_i(s, a_i, .) / T)) / T)``: as if the others maximised the player's own Q.
    worth : {"mean", "soft"}
        What pi is made from: the mean under rho, or the row's soft maximum, in which a counted rho has no part.
    rho_step_size : Schedule or float
        Of a counted rho, by earlier plays of a_i at s; 1 / (1 + n) by default: frequencies.
    temperature : float
        Positive, in payoff units: that of the first visit.
    annealing : float
        At the c-th visit of a state the temperature is ``temperature / (1 + annealing * log(c))``; 0 keeps it, as the paper does.
    exploration : Schedule or float
        Probability of a uniformly random legal action, for each player separately. By default ``1 / sqrt(1 + n)`` after n visits
        of the state. What the others explore is part of what is counted.
    initial : float
        Every entry of Q at first.

    Raises
    ------
    GameError
        A parameter out of its range; from ``init``: the tables over joint actions do not fit in memory.

    Notes
    -----
    Y. Wen, Y. Yang, R. Luo, J. Wang, W. Pan, "Probabilistic recursive reasoning for multi-agent reinforcement learning", ICLR 2019:
    equation 5 (the correlated joint policy), Theorem 1 (rho), Theorem 2 (the soft operator), PR2-Q. Deviations: payoffs are divided by a
    temperature, which falls by default, beyond their theorem; exploration is added to it; any number of players, whose actions
    are one answer together; before its first answer a row of counts is uniform; with ``worth="mean"`` the soft maximum is taken over own
    actions only.

    With counts and means the players are smoothed fictitious players who ask, in addition, whether the others' play goes with their own. It
    does not, as all draw independently: at a fixed temperature the rest points are logit equilibria. There is no theorem for general
    games; in Shapley's game it goes round. With ``rho="soft"`` everybody counts on the others' help, which team games
    give. Elsewhere policies settle, for nothing that the others do enters them, but not at an equilibrium.
    Values are soft: they hold ``T`` times an entropy more than is earned.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> game = gt.load_game("recursive_reasoning")
    >>> for rho, worth in (("counts", "mean"), ("soft", "soft"), ("soft", "mean")):
    ...     learner = gt.learners.PR2Q(rho=rho, worth=worth, step_size=1.0, annealing=0.0)
    ...     print(gt.learn(game, learner, steps=20_000, records=1).profile[0][0, 0].round(1))
    0.5
    0.7
    0.8
    """

    step_size: Schedule | float = Schedule.by_visits(0.8)  # noqa: RUF009 -- frozen
    rho: Literal["counts", "soft"] = "counts"
    worth: Literal["mean", "soft"] = "mean"
    rho_step_size: Schedule | float = Schedule.by_visits(1.0)  # noqa: RUF009 -- frozen
    temperature: float = 1.0
    annealing: float = 2.0
    exploration: Schedule | float = Schedule.by_visits(0.5)  # noqa: RUF009 -- frozen
    initial: float = 0.0
    paradigm: ClassVar[str] = "joint"

    def __post_init__(self) -> None:
        for name in ("step_size", "rho_step_size", "exploration"):
            as_schedule(getattr(self, name), name)
        for name, allowed in (("rho", RHOS), ("worth", WORTHS)):
            if not isinstance(getattr(self, name), str) or getattr(self, name) not in allowed:
                raise GameError(f"{name} is {getattr(self, name)!r}, one of {', '.join(allowed)} was expected")
        checked_number(self.initial, "initial")
        if checked_number(self.temperature, "temperature") <= 0:
            raise GameError(f"temperature is {self.temperature!r}, a positive number was expected")
        if checked_number(self.annealing, "annealing") < 0:
            raise GameError(f"annealing is {self.annealing!r}, a number of at least 0 was expected")

    def init(self, spec: GameSpec) -> RecursiveTables:
        """Return the tables of one seed."""
        joint = int(np.prod([float(count) for count in spec.num_actions]))
        shape = (spec.num_states, spec.num_players, joint)
        require_memory((4, *shape), "PR2Q's tables over joint actions", "use a decentralised learner")
        legal = padded(spec)
        answers, sizes = _answers(spec, shape)
        return RecursiveTables(
            play=play_of(spec, self.exploration),
            q=np.full(shape, float(self.initial)),
            counts=np.zeros(shape, np.int64),
            rho=_uniform_answers(spec, shape, answers, sizes),
            worth=np.full(legal.shape, float(self.initial)),
            value=np.full(legal.shape[:2], float(self.initial)),
            mixed=np.zeros(legal.shape[2]),
            answers=constant(answers),
            answer_sizes=constant(sizes),
            widths=constant([joint // count for count in spec.num_actions]),
            discount=constant(spec.discount, np.float64),
            temperature=float(self.temperature),
            annealing=float(self.annealing),
            by_counts=int(self.rho == "counts"),
            soft_worth=int(self.worth == "soft"),
            step_size=as_schedule(self.step_size, "step_size").floats,
            rho_step_size=as_schedule(self.rho_step_size, "rho_step_size").floats,
        )

    def values(self, tables: RecursiveTables) -> np.ndarray:
        """Return the soft value of each state to each player, ``(n, S)``."""
        return tables.value.T.copy()

    def answers(self, tables: RecursiveTables, player: int) -> np.ndarray:
        """Return ``rho_i``: ``(S, A_i, joint actions of the others in C order)``, rows of probabilities."""
        width = int(tables.widths[player])
        return tables.rho[:, player].reshape(len(tables.rho), -1, width).copy()


def _answers(spec: GameSpec, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the others' legal joint actions ``(S, n, J)``, packed to the left, and how many they are, ``(S, n)``."""
    legal = np.zeros(shape, bool)
    for i in range(spec.num_players):
        allowed = np.ones((spec.num_states, 1), bool)
        for j, mask in enumerate(spec.legal):
            if j != i:
                allowed = (allowed[:, :, np.newaxis] & mask[:, np.newaxis]).reshape(spec.num_states, -1)
        legal[:, i, : allowed.shape[1]] = allowed
    return menus(legal)


def _uniform_answers(spec: GameSpec, shape: tuple[int, int, int], answers: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the rows of rho at first: uniform over what is legal for the others."""
    rho = np.zeros(shape)
    for i, count in enumerate(spec.num_actions):
        width = shape[2] // count
        row = np.where(np.arange(width) < sizes[:, i, np.newaxis], 1.0 / sizes[:, i, np.newaxis], 0.0)
        placed = np.zeros((shape[0], width))
        np.put_along_axis(placed, answers[:, i, :width], row, axis=1)
        rho[:, i] = np.tile(placed, (1, count))
    return rho

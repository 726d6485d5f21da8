"""Zero-sum games too large to be solved exactly: two learners play each other until their guarantees meet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._progress import progress_bar
from gametheory_rl.equilibria.dynamics._arena import positive, whole
from gametheory_rl.equilibria.dynamics._matrices import Matrix, matrix_of

RELATIVE_TOLERANCE = 1e-3
"""Default gap, in spans of payoffs."""
POWER = 2
"""Round t weighs t**2 in averages: from 1 to 4 measured alike, and 0 worse."""


@dataclass(frozen=True, eq=False)
class ApproximateSolution:
    """Strategies of a zero-sum game with what each of them guarantees."""

    value: float
    """Middle of the bounds."""
    lower: float
    """What the row player's strategy earns at least: the value of the game is no less, rounding allowed for."""
    upper: float
    """What the column player's strategy pays at most: the value of the game is no more."""
    profile: tuple[np.ndarray, np.ndarray]
    """``[m]`` and ``[n]`` mixed actions."""
    gap: float
    """upper - lower, in payoff units."""
    iterations: int
    """Each reads the matrix twice."""
    status: Status


class _Learner:
    """One side of the table: regrets, play, and the strategy that has guaranteed most so far."""

    def __init__(self, actions: int, others: int, predictive: bool) -> None:
        self.play = np.full(actions, 1.0 / actions)
        self.best = self.play
        self.yields = math.inf
        """What the other earns at most against ``best``."""
        self._regrets = np.zeros(actions)
        self._played, self._met, self._weight = np.zeros(actions), np.zeros(others), 0.0
        self._predictive = predictive

    def learn(self, earned: np.ndarray) -> None:
        """Update regrets by what each action has earned, and play in proportion; predictive: as if the next round paid the same."""
        gains = earned - self.play @ earned
        np.maximum(self._regrets + gains, 0.0, out=self._regrets)
        weights = np.maximum(self._regrets + gains, 0.0) if self._predictive else self._regrets
        total = weights.sum()
        if total > 0.0:
            self.play = weights / total

    def meet(self, against: np.ndarray, share: float) -> None:
        """Take note of what the other's actions earn against the play; the average's follow without another product."""
        self._played += share * self.play
        self._met += share * against
        self._weight += share
        now, average = float(against.max()), float(self._met.max()) / self._weight
        if now < self.yields:
            self.yields, self.best = now, self.play
        if average < self.yields:
            self.yields, self.best = average, self._played / self._weight


def approximate_minimax(
    A: Any, *, tol: float | None = None, predictive: bool = True, max_iterations: int = 20_000, progress: bool | None = None
) -> ApproximateSolution:
    """Bound the value of one large zero-sum game, with strategies that guarantee the bounds.

    Predictive regret matching+ in self-play (G. Farina, C. Kroer and T. Sandholm 2021), the players in turns, averages weighed
    quadratically. It needs products of the matrix with vectors only, and no step sizes.

    Parameters
    ----------
    A : (m, n) array, or scipy sparse array
        Payoffs of the maximising row player. float64 and float32 are read where they are, in either memory order, never
        copied; other numbers are converted once.
    tol : float, optional
        Gap asked for, in payoff units; by default 1e-3 of the span of payoffs.
    predictive : bool
        Whether players expect the last round again; without, plain regret matching+, now and then faster by half on payoffs
        that are drawn at random, and slower by a multiple on those with structure.
    max_iterations : int
        Each reads the matrix twice.
    progress : bool, optional
        Show a bar; by default on a terminal. Ctrl-C ends with what is guaranteed so far.

    Returns
    -------
    ApproximateSolution
        ``lower`` and ``upper`` are computed anew in float64 from the strategies returned, rounding allowed for. ``status`` is
        ``MAX_ITERATIONS`` or ``ROUNDING`` where the gap stayed above ``tol``.

    Raises
    ------
    GameError
        Not (m, n), no actions, entries that are not finite numbers, or a tolerance that is not positive.

    Notes
    -----
    Use ``minimax`` up to about 1,000 actions, or where digits count: from here a digit more takes about three times as long.
    Rows and columns of very different stakes take longest.

    Examples
    --------
    >>> game = np.random.default_rng(0).random((300, 200))
    >>> solution = approximate_minimax(game)
    >>> solution.gap <= 1e-3, solution.lower <= solution.value <= solution.upper
    (True, True)
    """
    matrix = matrix_of(A)
    asked = RELATIVE_TOLERANCE * (matrix.span or 1.0) if tol is None else positive(tol, "tol") * matrix.unit
    rows, columns, iterations, status = _self_play(matrix, asked, predictive, whole(max_iterations, "max_iterations"), progress)
    lower, upper = matrix.guarantees(rows.best, columns.best)
    unit = matrix.unit
    value = lower / unit * 0.5 + upper / unit * 0.5
    return ApproximateSolution(value, lower / unit, upper / unit, (rows.best, columns.best), (upper - lower) / unit, iterations, status)


def _self_play(matrix: Matrix, asked: float, predictive: bool, most: int, progress: bool | None) -> tuple[_Learner, _Learner, int, Status]:
    """Let two learners play each other until the judge confirms the gap; returns both, the rounds played, and why it ended."""
    m, n = matrix.shape
    rows, columns = _Learner(m, n, predictive), _Learner(n, m, predictive)
    target, played, status = asked, 0, Status.MAX_ITERATIONS
    try:
        with progress_bar("minimax", 1.0, show=progress) as tell:
            while played < most:
                _round(matrix, rows, columns, float(played + 1) ** POWER)
                played += 1
                gap = (rows.yields + columns.yields) * matrix.span
                tell(_done(gap, asked, matrix.span), f"gap {gap / matrix.unit:.3g}")
                if gap > target:
                    continue
                lower, upper = matrix.guarantees(rows.best, columns.best)
                if upper - lower <= asked:
                    return rows, columns, played, Status.SOLVED
                if target <= matrix.noise:
                    return rows, columns, played, Status.ROUNDING
                target *= 0.5
    except KeyboardInterrupt:
        if not played:
            raise
        status = Status.INTERRUPTED
    return rows, columns, played, status


def _round(matrix: Matrix, rows: _Learner, columns: _Learner, share: float) -> None:
    """Let the row player answer the column player's last action, and the column player answer that."""
    earned = matrix.times(columns.play)
    columns.meet(earned, share)
    rows.learn(earned)
    paid = -matrix.transposed_times(rows.play)
    rows.meet(paid, share)
    columns.learn(paid)


def _done(gap: float, asked: float, span: float) -> float:
    """Return how much of the way to the gap asked for is behind us, digits counted."""
    if not 0.0 < gap < span or asked >= span:
        return 0.0
    return min(1.0, math.log(span / gap) / math.log(span / asked))

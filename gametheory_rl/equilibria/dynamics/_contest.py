"""A zero-sum game on the way to its value: the best guarantees so far, and the judge that confirms them."""

from __future__ import annotations

import math

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._progress import Advance
from gametheory_rl.equilibria.dynamics._matrices import Matrix


class Guarantee:
    """One side's best strategy so far, and what the other side earns at most against it, in spans above its lowest payoff."""

    def __init__(self, actions: int) -> None:
        self.strategy = np.full(actions, 1.0 / actions)
        self.yields = math.inf

    def offer(self, strategy: np.ndarray, yields: float) -> None:
        """Keep ``strategy`` if it yields less."""
        if yields < self.yields:
            self.strategy, self.yields = strategy, yields


class Contest:
    """What the methods share. The row player's payoffs run from 0 to 1, the column player's from -1 to 0."""

    def __init__(self, matrix: Matrix, asked: float, most: int, tell: Advance) -> None:
        self.matrix, self.asked, self.most = matrix, asked, most
        self.rows, self.columns = Guarantee(matrix.shape[0]), Guarantee(matrix.shape[1])
        self.iterations = 0
        self._target, self._tell = asked, tell

    @property
    def tolerance(self) -> float:
        """The gap asked for, in spans."""
        return self.asked / (self.matrix.span or 1.0)

    def settled(self) -> Status | None:
        """Count one iteration; return how the contest ended, or None where it goes on."""
        self.iterations += 1
        gap = (self.rows.yields + self.columns.yields) * self.matrix.span
        self._tell(self._done(gap), f"gap {gap / self.matrix.unit:.3g}")
        if gap <= self._target:
            lower, upper = self.matrix.guarantees(self.rows.strategy, self.columns.strategy)
            if upper - lower <= self.asked:
                return Status.SOLVED
            if self._target <= self.matrix.noise:
                return Status.ROUNDING
            self._target *= 0.5
        return Status.MAX_ITERATIONS if self.iterations >= self.most else None

    def _done(self, gap: float) -> float:
        """Return how much of the way to the gap asked for is behind us, digits counted."""
        span = self.matrix.span
        if not 0.0 < gap < span or self.asked >= span:
            return 0.0
        return min(1.0, math.log(span / gap) / math.log(span / self.asked))

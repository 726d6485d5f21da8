"""Regret matching+ in self-play: two learners on either side of a large matrix."""

from __future__ import annotations

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl.equilibria.dynamics._contest import Contest, Guarantee

POWER = 2
"""Round t weighs t**2 in averages: from 1 to 4 measured alike, and 0 worse."""


class _Learner:
    """One side of the table: regrets, play, and its weighted average."""

    def __init__(self, best: Guarantee, others: int, predictive: bool) -> None:
        actions = len(best.strategy)
        self.play = np.full(actions, 1.0 / actions)
        self._best, self._predictive = best, predictive
        self._regrets, self._played, self._met, self._weight = np.zeros(actions), np.zeros(actions), np.zeros(others), 0.0

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
        self._best.offer(self.play, float(against.max()))
        average = float(self._met.max()) / self._weight
        if average < self._best.yields:
            self._best.offer(self._played / self._weight, average)


def self_play(contest: Contest, *, predictive: bool) -> Status:
    """Let two learners play each other, in turns, until the contest is settled: each round reads the matrix twice.

    Predictive regret matching+ (G. Farina, C. Kroer and T. Sandholm 2021), or regret matching+ (O. Tammelin 2014).
    """
    matrix, rounds, status = contest.matrix, 0, None
    m, n = matrix.shape
    rows, columns = _Learner(contest.rows, n, predictive), _Learner(contest.columns, m, predictive)
    while status is None:
        rounds += 1
        share = float(rounds) ** POWER
        earned = matrix.times(columns.play)
        columns.meet(earned, share)
        rows.learn(earned)
        paid = -matrix.transposed_times(rows.play)
        rows.meet(paid, share)
        columns.learn(paid)
        status = contest.settled()
    return status

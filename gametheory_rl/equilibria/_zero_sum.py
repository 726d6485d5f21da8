"""Three ways to solve zero-sum games of one size: compiled simplex, interior points, linear programs by HiGHS. All are judged alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._interior_point import interior_point
from gametheory_rl.equilibria._kernels import _batch
from gametheory_rl.equilibria._kernels._certify import certify_each

DUAL_SIMPLEX_UP_TO = 600
"""Past this many actions HiGHS is faster by interior points with crossover than by dual simplex (measured on square uniform games)."""
COPIES = 6
"""Of the matrix, that the interior point method needs room for."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Strategies of K games and what the judge says of them; the arrays are filled in place."""

    x: np.ndarray
    """``[K, m]``"""
    y: np.ndarray
    """``[K, n]``"""
    value: np.ndarray
    """``[K]``"""
    gap: np.ndarray
    """``[K]`` rounding allowed for"""
    fine: np.ndarray
    """``[K]`` bool: the gap, rounding apart, is within 1e-9 of the game's span"""

    @classmethod
    def empty(cls, games: np.ndarray) -> Answers:
        """Return room for the answers to ``games`` (K, m, n): one block, which the allocator hands out faster than four."""
        count, m, n = games.shape
        room = np.empty(count * (m + n + 2))
        x, y, value, gap = np.split(room, np.cumsum((m, n, 1)) * count)
        return cls(x.reshape(count, m), y.reshape(count, n), value, gap, np.ones(count, np.bool_))

    def improve(self, which: np.ndarray, other: Answers) -> None:
        """Take over the ``other`` answers to the games numbered ``which`` where their gap is narrower."""
        better = other.gap < self.gap[which]
        for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True):
            mine[which[better]] = theirs[better]


def simplex(games: np.ndarray) -> Answers:
    """Solve ``games`` (K, m, n) by the compiled simplex method, eight at a time where there are enough of them."""
    answers = Answers.empty(games)
    spoiled = simplex_quickly(games, answers, together=len(games) >= _batch.LOCKSTEP_FROM)
    if spoiled.size:
        simplex_again(games, spoiled, answers)
    return answers


def simplex_quickly(games: np.ndarray, answers: Answers, *, together: bool) -> np.ndarray:
    """Fill ``answers`` to ``games`` (K, m, n), and return the numbers of those that ``simplex_again`` would narrow.

    Those are games that rounding spoiled where eight are solved ``together``; what is said of their gaps is true.
    """
    count, m, n = games.shape
    if not together or min(m, n) == 1 or max(m, n) > _batch.LOCKSTEP_UP_TO:
        simplex_again(games, np.arange(count), answers)
        return np.empty(0, np.int64)
    _batch.minimax_lockstep(games, answers.x, answers.y, answers.value, answers.gap)
    spoiled = np.flatnonzero(~((answers.gap >= 0.0) & (answers.gap < np.inf)))
    if spoiled.size:
        known = np.isfinite(answers.gap[spoiled])
        answers.gap[spoiled] = np.abs(answers.gap[spoiled])
        if not known.all():
            simplex_again(games, spoiled[~known], answers)
        spoiled = spoiled[known]
    return spoiled


def simplex_again(games: np.ndarray, which: np.ndarray, answers: Answers) -> None:
    """Fill ``answers`` to the games numbered ``which``, one after the other, as exactly as float64 allows."""
    _batch.minimax_each(games, which, *vars(answers).values())


def interior_points(games: np.ndarray) -> Answers:
    """Solve ``games`` (K, m, n) by an interior point method on dense matrices, one by one: the fastest for some hundred actions."""
    answers = Answers.empty(games)
    _, m, n = games.shape
    require_memory((m * n, COPIES), "the interior point method", "use equilibria.dynamics.approximate_minimax")
    for game, x, y in zip(games, answers.x, answers.y, strict=True):
        x[:], y[:] = map(distribution, interior_point(_normalised(game)))
    certify_each(games, np.arange(len(games)), *vars(answers).values())
    return answers


def linear_programs(games: np.ndarray) -> Answers:
    """Solve ``games`` (K, m, n), one linear program each; where HiGHS gives up the answer is uniform play, with its wide gap."""
    answers = Answers.empty(games)
    for game, x, y in zip(games, answers.x, answers.y, strict=True):
        x[:], y[:] = _by_highs(game)
    certify_each(games, np.arange(len(games)), *vars(answers).values())
    return answers


def _by_highs(A: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve max sum(w), B w <= 1, w >= 0 for B in [1, 2]; the dual gives the row player (G. B. Dantzig 1951)."""
    from scipy.optimize import linprog

    m, n = A.shape
    method = "highs-ds" if max(m, n) <= DUAL_SIMPLEX_UP_TO else "highs-ipm"
    found = linprog(-np.ones(n), A_ub=_normalised(A), b_ub=np.ones(m), method=method)
    if found.x is None or found.ineqlin.marginals is None:
        return distribution(np.ones(m)), distribution(np.ones(n))
    return distribution(-found.ineqlin.marginals), distribution(found.x)


def _normalised(A: np.ndarray) -> np.ndarray:
    """Return (A - min) / (max - min) + 1; a constant game becomes all ones."""
    _, exponent = np.frexp(np.abs(A).max())
    scaled = np.ldexp(A, -exponent)  # a power of two: no digit is lost, and the span cannot overflow
    span = np.ptp(scaled)
    return (scaled - scaled.min()) / (span or 1.0) + 1.0


def distribution(weights: np.ndarray) -> np.ndarray:
    """Clip negative weights and divide by the sum; uniform where nothing is left."""
    weights = np.maximum(np.nan_to_num(weights), 0.0)
    total = weights.sum()
    return weights / total if total > 0.0 else np.full(weights.size, 1.0 / weights.size)

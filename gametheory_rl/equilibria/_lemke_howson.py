"""Bimatrix games, one or a batch: one equilibrium each, by the method of Lemke and Howson, checked, and exact where it must be."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.equilibria import exact
from gametheory_rl.equilibria._bimatrix import (
    COLUMN_PAYOFFS,
    ROW_PAYOFFS,
    BimatrixSolution,
    LabelledEquilibria,
    bimatrix,
    whole_label,
)
from gametheory_rl.equilibria._checks import require_finite
from gametheory_rl.equilibria._judges import regret
from gametheory_rl.equilibria._kernels._complementary import lemke_howson_each

TIES, COARSE_TIES = 1e-12, 1e-10
"""Ratios closer than this are a tie: at first, and when a large game is tried again."""
SMALL = 2_500
"""Games of at most so many payoffs a player (50 x 50) go to rationals at once when floating point loses the path."""
LONGEST = 300_000
"""Pivots that a second attempt in floating point may take."""
EXACT_WORK = 50_000_000
"""Entries of the tableaux that may be computed in rationals for one game: 20,000 pivots at 50 x 50, 1,250 at 200 x 200."""
SAME_WITHIN = 1e-9
"""Equilibria whose probabilities differ by less are one."""


def lemke_howson(A: Any, B: Any, label: Any = 0, *, throw: bool = True) -> BimatrixSolution:
    """Find one Nash equilibrium of each bimatrix game.

    Parameters
    ----------
    A, B : (..., m, n) arrays
        Payoffs of the row and of the column player; leading axes broadcast.
    label : int, or an array of ints that broadcasts with the leading axes
        The action whose label is dropped first: 0 .. m-1 are the row player's, m .. m+n-1 the column player's. Other labels
        may lead to other equilibria.
    throw : bool
        Whether a game that could not be settled raises; otherwise its strategies, values and regret are NaN, and ``status``
        is ``Status.UNSETTLED``.

    Returns
    -------
    BimatrixSolution
        ``profile`` (..., m) and (..., n), ``values`` (2, ...), ``regret`` (...,) in payoff units, ``path_length`` (...,) and
        ``exact`` (...,): which games were settled in rationals.

    Raises
    ------
    GameError
        Not ``(..., m, n)``, no actions, ragged, entries that are not finite, matrices of different games, a label out of range.
    SolverError
        Floating point could not settle a game, and neither could rationals in 50,000,000 / (m n) pivots.

    Notes
    -----
    Complementary pivoting (C. E. Lemke & J. T. Howson 1964) with lexicographic ties (B. von Stengel 2002), on payoffs mapped to
    [1, 2], player by player, so that answers do not depend on scale or offset. Every answer is judged by its regret: at most
    1e-12 of a player's span of payoffs is accepted. What floating point leaves (degenerate games of many actions can make it
    cycle) goes to `exact.lemke_howson`, games of more than 2,500 payoffs after a second attempt in floating point with coarser ties
    and up to 300,000 pivots. In rationals a pivot costs about 1 ms at 20 x 20 and 3 ms at 50 x 50 for small integers, several times
    that for payoffs of 16 digits; most paths take some tens of pivots there, the longest allowed take minutes.
    Paths grow with the size: for uniform payoffs, 5 pivots on average at 5 x 5, 150 at 50 x 50, 1,600 at 100 x 100, and now and then
    over 100,000 at 200 x 200 (seconds). Another label is then often quicker.
    ``regret`` is computed in float64: below about (m + n) * 2e-16 of the span it is rounding.

    Examples
    --------
    >>> solution = lemke_howson([[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]], label=1)
    >>> solution.profile[0].round(12).tolist(), int(solution.path_length)
    ([0.0, 0.333333333333, 0.666666666667], 4)
    """
    A, B = bimatrix(A, B)
    m, n = A.shape[-2:]
    paths = _Paths.of(A, B, whole_label(label, m + n))
    lost = paths.solve(np.arange(paths.length.size), 1_000 + 100 * (m + n), TIES)
    if lost.size:
        require_finite(A, ROW_PAYOFFS)
        require_finite(B, COLUMN_PAYOFFS)
        if m * n > SMALL:
            lost = paths.solve(lost, LONGEST, COARSE_TIES)
        lost = np.array([k for k in lost if not paths.settle_exactly(int(k))], np.int64)
    if lost.size and throw:
        place = tuple(int(i) for i in np.unravel_index(lost[0], paths.batch))
        raise SolverError(f"{len(lost)} of {paths.length.size} games could not be settled, the first at {place}: {Status.UNSETTLED.value}")
    return paths.solution(lost)


def lemke_howson_all(A: Any, B: Any) -> LabelledEquilibria:
    """Find the equilibria of one bimatrix game to which the method of Lemke and Howson leads, dropping each label in turn.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player.

    Returns
    -------
    LabelledEquilibria
        Distinct equilibria (probabilities that differ by less than 1e-9 are the same), which labels lead to each, and how long
        every path is. There is always at least one; a game can have equilibria that no label leads to.

    Raises
    ------
    GameError, SolverError
        As `lemke_howson` does; also for more than one game.

    Examples
    --------
    >>> found = lemke_howson_all([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    >>> found.labels, [x.tolist() for x, _ in found.profiles]
    (((0, 2), (1, 3)), [[1.0, 0.0], [0.0, 1.0]])
    """
    A, B = bimatrix(A, B)
    if A.ndim != 2 or B.ndim != 2:
        raise GameError(f"the payoffs have shapes {A.shape} and {B.shape}, one game (m, n) was expected")
    every = lemke_howson(A, B, np.arange(sum(A.shape)))
    x, y = every.profile
    groups: list[list[int]] = []
    for k in range(len(x)):
        same = (g for g in groups if max(np.abs(x[g[0]] - x[k]).max(), np.abs(y[g[0]] - y[k]).max()) < SAME_WITHIN)
        group = next(same, None)
        if group is None:
            groups.append(group := [])
        group.append(k)
    first = np.array([g[0] for g in groups])
    return LabelledEquilibria(
        profiles=tuple((x[k], y[k]) for k in first),
        values=every.values[:, first],
        regret=every.regret[first],
        labels=tuple(map(tuple, groups)),
        path_length=every.path_length,
        exact=every.exact[first],
    )


@dataclass(frozen=True, eq=False)
class _Paths:
    """K paths through games of one size, and what was found at their ends; the arrays are filled in place."""

    A: np.ndarray
    B: np.ndarray
    of_a: np.ndarray
    of_b: np.ndarray
    labels: np.ndarray
    batch: tuple[int, ...]
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    regret: np.ndarray
    length: np.ndarray
    fine: np.ndarray
    exact: np.ndarray

    @classmethod
    def of(cls, A: np.ndarray, B: np.ndarray, labels: np.ndarray) -> _Paths:
        """Return room for the answers; the matrices themselves are not copied."""
        m, n = A.shape[-2:]
        many = [np.arange(prod(M.shape[:-2])).reshape(M.shape[:-2]) for M in (A, B)]
        try:
            spread = np.broadcast_arrays(*many, labels)
        except ValueError:
            shapes = f"{A.shape[:-2]} and {B.shape[:-2]} of the payoff matrices and {labels.shape} of the labels"
            raise GameError(f"the leading axes {shapes} do not broadcast") from None
        of_a, of_b, flat_labels = (np.ascontiguousarray(part.reshape(-1), np.int64) for part in spread)
        count = len(of_a)
        A, B = A.reshape(-1, m, n), B.reshape(-1, m, n)
        x, y, values, worst = np.empty((count, m)), np.empty((count, n)), np.empty((2, count)), np.empty(count)
        length, fine = np.zeros(count, np.int64), np.zeros(count, np.bool_)
        return cls(A, B, of_a, of_b, flat_labels, spread[0].shape, x, y, values, worst, length, fine, np.zeros(count, np.bool_))

    def solve(self, which: np.ndarray, budget: int, ties: float) -> np.ndarray:
        """Follow the paths numbered ``which`` in floating point; return those that were lost."""
        given, found = (self.A, self.B, self.of_a, self.of_b, self.labels), (self.x, self.y, self.values, self.regret)
        lemke_howson_each(*given, which, budget, ties, *found, self.length, self.fine)
        return which[~self.fine[which]]

    def settle_exactly(self, k: int) -> bool:
        """Follow path ``k`` in rationals; return whether that was within bounds."""
        A, B = self.A[self.of_a[k]], self.B[self.of_b[k]]
        try:
            solution = exact.lemke_howson(A, B, int(self.labels[k]), max_pivots=EXACT_WORK // A.size)
        except SolverError:
            self.x[k] = self.y[k] = self.values[:, k] = self.regret[k] = np.nan
            return False
        self.x[k], self.y[k] = solution.profile
        self.values[:, k], self.length[k] = solution.values, solution.path_length
        self.regret[k] = regret(np.stack([A, B]), (self.x[k], self.y[k]))
        self.exact[k] = True
        return True

    def solution(self, lost: np.ndarray) -> BimatrixSolution:
        """Return the answers with the leading axes of the games."""
        batch = self.batch
        profile = self.x.reshape(*batch, self.x.shape[1]), self.y.reshape(*batch, self.y.shape[1])
        worst, length, settled = (part.reshape(batch)[()] for part in (self.regret, self.length, self.exact))
        status = Status.UNSETTLED if lost.size else Status.SOLVED
        return BimatrixSolution(profile, self.values.reshape(2, *batch), worst, length, settled, status)

"""Bimatrix games, one or a batch: one equilibrium each, by the method of Lemke and Howson, checked, and exact where it must be."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError, UnknownNameError
from gametheory_rl.equilibria import exact
from gametheory_rl.equilibria._bimatrix import (
    COLUMN_PAYOFFS,
    ROW_PAYOFFS,
    BimatrixSolution,
    LabelledEquilibria,
    bimatrix,
    one_label,
    whole_label,
)
from gametheory_rl.equilibria._checks import require_finite
from gametheory_rl.equilibria._judges import regret
from gametheory_rl.equilibria._kernels._complementary import lemke_howson_each, lemke_howson_one
from gametheory_rl.equilibria._kernels._path_batch import has_lockstep, lemke_howson_lockstep

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
NOT_EXACT = np.False_


def lemke_howson(
    A: Any, B: Any, label: Any = 0, *, engine: str | None = None, time_limit: float = 60.0, throw: bool = True
) -> BimatrixSolution:
    """Find one Nash equilibrium of each bimatrix game.

    Parameters
    ----------
    A, B : (..., m, n) arrays
        Payoffs of the row and of the column player; leading axes broadcast.
    label : int, or an array of ints that broadcasts with the leading axes, or None
        The action whose label is dropped first: 0 .. m-1 are the row player's, m .. m+n-1 the column player's. Other labels
        may lead to other equilibria. None follows, in each game, the path that ends soonest: in turn, all labels for 10
        pivots, then for 20, 40, ..., 1,280; the quickest way to some equilibrium of a large game.
    engine : str, optional
        ``"nashpy"`` runs nashpy's function of this name instead, on one game, in a process of its own, and judges its answer.
    time_limit : float
        Seconds that the other engine may take.
    throw : bool
        Whether a game that could not be settled raises; otherwise its strategies, values and regret are NaN, and ``status``
        is ``Status.UNSETTLED``. A profile of another engine that is no equilibrium is returned as it is, with its regret.

    Returns
    -------
    BimatrixSolution
        ``profile`` (..., m) and (..., n), ``values`` (2, ...), ``regret`` (...,) in payoff units, ``path_length`` (...,), -1 where
        the engine does not say, ``label`` (...,), and ``exact`` (...,): which games were settled in rationals.

    Raises
    ------
    GameError
        Not ``(..., m, n)``, no actions, ragged, entries that are not finite, matrices of different games, a label out of range.
    SolverError
        Floating point could not settle a game, and neither could rationals in 50,000,000 / (m n) pivots; or the other engine was
        stopped, failed, or returned what is no equilibrium: the message says which.

    Notes
    -----
    Complementary pivoting (C. E. Lemke & J. T. Howson 1964) with lexicographic ties (B. von Stengel 2002), on payoffs mapped to
    [1, 2], player by player, so that answers do not depend on scale or offset. Every answer is judged by its regret: at most
    1e-12 of a player's span of payoffs is accepted. What floating point leaves (degenerate games of many actions can make it
    cycle) goes to `exact.lemke_howson`, games of more than 2,500 payoffs after a second attempt in floating point with coarser ties
    and up to 300,000 pivots. In rationals a pivot costs about 1 ms at 20 x 20 and 3 ms at 50 x 50 for small integers, several times
    that for payoffs of 16 digits; most paths take some tens of pivots there, the longest allowed take minutes.
    Paths grow with the size: for uniform payoffs, 5 pivots on average at 5 x 5, 150 at 50 x 50, 1,600 at 100 x 100, and now and then
    over 100,000 at 200 x 200 (a second), where ``label=None`` takes some hundreds (B. Codenotti, S. De Rossi & M. Pagan 2008, who
    try every label for 10 pivots and follow the last to its end).
    ``regret`` is computed in float64: below about (m + n) * 2e-16 of the span it is rounding.
    From 64 games of up to 6 x 6 on, eight are solved at a time, and answers may differ from those of single calls by rounding.

    Examples
    --------
    >>> solution = lemke_howson([[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]], label=1)
    >>> solution.profile[0].round(12).tolist(), int(solution.path_length)
    ([0.0, 0.333333333333, 0.666666666667], 4)
    """
    A, B = bimatrix(A, B)
    if engine is not None:
        return _by_engine(engine, A, B, label, time_limit, throw=throw)
    m, n = A.shape[-2:]
    if A.ndim == B.ndim == 2:
        dropped = -1 if label is None else one_label(label, m + n)
        if dropped is not None:
            x, y, values, worst, length, used, fine = lemke_howson_one(A, B, dropped, _budget(m, n), TIES)
            if fine:
                rest: tuple[Any, ...] = (np.float64(worst), np.int64(length), NOT_EXACT, Status.SOLVED, np.int64(used))
                return BimatrixSolution((x, y), values, *rest)
    paths = _Paths.of(A, B, np.array(-1) if label is None else whole_label(label, m + n))
    lost = paths.solve(np.arange(paths.length.size), _budget(m, n), TIES)
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


def _budget(m: int, n: int) -> int:
    """Return how many pivots a first attempt may take."""
    return 1_000 + 100 * (m + n)


def _by_engine(engine: str, A: np.ndarray, B: np.ndarray, label: Any, time_limit: float, *, throw: bool) -> BimatrixSolution:
    """Let another library answer, and judge it."""
    if engine != "nashpy":
        raise UnknownNameError("engine", str(engine), ["nashpy"])
    from gametheory_rl.equilibria._nashpy import run_nashpy  # it starts processes: few need it

    dropped = 0 if label is None else one_label(label, sum(A.shape[-2:]))
    if dropped is None:
        raise GameError(f"nashpy follows one label in one game, {np.asarray(label).shape} labels were given")
    answer = run_nashpy("lemke_howson", A, B, time_limit=time_limit, initial_dropped_label=dropped)
    if answer.failure is not None and throw:
        raise SolverError(answer.failure)
    nothing = np.full(A.shape[0], np.nan), np.full(A.shape[1], np.nan)
    profile = answer.profiles[0] if answer.profiles and np.isfinite(answer.regrets[0]) else nothing
    x, y = profile
    worst = answer.regrets[0] if answer.profiles else np.float64(np.nan)
    status = Status.SOLVED if answer.failure is None else Status.UNSETTLED
    rest: tuple[Any, ...] = (worst, np.int64(-1), NOT_EXACT, status, np.int64(dropped))
    return BimatrixSolution(profile, np.array([x @ A @ y, x @ B @ y]), *rest)


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
        of_a, of_b, flat_labels = (np.array(part.reshape(-1), np.int64) for part in spread)
        count = len(of_a)
        A, B = A.reshape(-1, m, n), B.reshape(-1, m, n)
        room = np.empty(count * (m + n + 4))  # one block: the allocator hands it out ten times faster than seven
        x, y, values, worst, length = np.split(room, np.cumsum((m, n, 2, 1)) * count)
        length = length.view(np.int64)
        found = x.reshape(count, m), y.reshape(count, n), values.reshape(2, count), worst, length
        return cls(A, B, of_a, of_b, flat_labels, spread[0].shape, *found, np.ones(count, np.bool_), np.zeros(count, np.bool_))

    def solve(self, which: np.ndarray, budget: int, ties: float) -> np.ndarray:
        """Follow the paths numbered ``which`` in floating point; return those that were lost."""
        given, found = (self.A, self.B, self.of_a, self.of_b, self.labels), (self.x, self.y, self.values, self.regret, self.length)
        if ties == TIES and has_lockstep(which.size, *self.A.shape[1:]):
            lemke_howson_lockstep(*given, ties, *found)
            which = np.flatnonzero(np.isinf(self.regret))
        if which.size:
            lemke_howson_each(*given, which, budget, ties, *found, self.fine)
        return which[~self.fine[which]]

    def settle_exactly(self, k: int) -> bool:
        """Follow path ``k`` in rationals; return whether that was within bounds."""
        A, B = self.A[self.of_a[k]], self.B[self.of_b[k]]
        try:
            self.labels[k] = max(self.labels[k], 0)
            solution = exact.lemke_howson(A, B, int(self.labels[k]), max_pivots=max(EXACT_WORK // A.size, 1))
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
        worst, length, settled, label = (part.reshape(batch)[()] for part in (self.regret, self.length, self.exact, self.labels))
        status = Status.UNSETTLED if lost.size else Status.SOLVED
        return BimatrixSolution(profile, self.values.reshape(2, *batch), worst, length, settled, status, label)

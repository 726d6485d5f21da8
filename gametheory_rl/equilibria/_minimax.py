"""Zero-sum stage games, one or a batch: value, optimal strategies, and how far they can be off."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._results import StageSolution, Status
from gametheory_rl.equilibria._checks import PAYOFFS, payoff_matrices, require_finite, tolerance
from gametheory_rl.equilibria._kernels._batch import minimax_one
from gametheory_rl.equilibria._zero_sum import Answers, interior_points, linear_programs, simplex

COMPILED_UP_TO = 160_000
"""Games with more entries go to the interior point method; below, the compiled simplex is faster (measured: 400 x 400)."""
NARROW = 64
"""So do not those with so few actions on one side, at any number on the other."""
RETRIED_UP_TO = 2_250_000
"""Games with more entries are not left to HiGHS, nor to simplex after interior points: that takes many minutes to hours."""
QUICK_ENTRIES = 4096
"""One game of at most so many entries is checked and solved by one kernel: a call costs microseconds."""

_scalar: Callable[[float], Any] = np.float64


def minimax(A: Any, *, tol: float | None = None) -> StageSolution:
    """Solve zero-sum games: the row player maximises ``A``, the column player minimises it.

    Parameters
    ----------
    A : (..., m, n) array
        Payoffs to the row player; any leading axes, also none, also of length zero.
    tol : float, optional
        Duality gap asked for, in payoff units; by default 1e-9 of each game's span of payoffs, rounding at the payoffs' own
        size (an offset of 1e9, say) apart. It decides ``status`` only: games are always solved as exactly as float64 allows.

    Returns
    -------
    StageSolution
        ``value`` (...,), ``profile`` (..., m) and (..., n), ``gap`` (...,): the true value lies within ``gap`` of ``value``,
        rounding allowed for; NumPy scalars for one game. ``status`` is ``Status.ROUNDING`` where some gap is above the tolerance.

    Raises
    ------
    GameError
        Not ``(..., m, n)``, no actions, ragged, or entries that are not finite.

    Notes
    -----
    Linear programming on payoffs mapped to [1, 2] (G. B. Dantzig 1951): answers do not depend on scale or offset. Games with
    several optimal strategies get one of them. Up to some 400 actions a compiled simplex method, beyond that an interior point
    method (S. Mehrotra 1992) on dense matrices; what one leaves with a wide gap is solved again by the other or by HiGHS, up to
    1500 x 1500 actions.
    Matrices too large for that are bounded by ``dynamics.approximate_minimax``.

    Examples
    --------
    >>> solution = minimax([[3, 0], [0, 2]])
    >>> round(float(solution.value), 12), solution.profile[0].round(12).tolist()
    (1.2, [0.4, 0.6])
    """
    tol = None if tol is None else tolerance(tol, zero=False)
    if not _one_plain_game(A):
        A = payoff_matrices(A, finite=False)
    if A.ndim == 2 and A.size <= QUICK_ENTRIES:
        x, y, value, gap, fine = minimax_one(A)
        if fine if tol is None else gap <= tol:
            return StageSolution(_scalar(value), (x, y), _scalar(gap), Status.SOLVED)
    return _minimax(A, tol)


def _one_plain_game(A: Any) -> bool:
    """Whether ``A`` can go to the kernel as it stands; whether it is finite is checked there."""
    return type(A) is np.ndarray and A.ndim == 2 and A.dtype == np.float64 and 0 < A.size <= QUICK_ENTRIES and A.flags.carray


def _minimax(A: np.ndarray, tol: float | None) -> StageSolution:
    """Solve games by the method for their size, and what that leaves wide by the other one.

    The kernels leave a game that is not finite wide, so that a batch is not read twice for the sake of a check.
    """
    batch, (m, n) = A.shape[:-2], A.shape[-2:]
    games = A.reshape(prod(batch), m, n)
    first, *others = _methods(m, n)
    if first is not simplex:
        require_finite(A, PAYOFFS)
    answers = first(games)
    wide = _wide(answers, tol)
    if wide.size:
        require_finite(A, PAYOFFS)
    for method in others:
        if wide.size:
            answers.improve(wide, method(games[wide]))
            wide = _wide(answers, tol)
    profile = answers.x.reshape(*batch, m), answers.y.reshape(*batch, n)
    status = Status.ROUNDING if wide.size else Status.SOLVED
    return StageSolution(answers.value.reshape(batch)[()], profile, answers.gap.reshape(batch)[()], status)


def _methods(m: int, n: int) -> tuple[Callable[[np.ndarray], Answers], ...]:
    """Return what solves games of a size, in the order in which it is tried."""
    small, many = m * n <= COMPILED_UP_TO or min(m, n) <= NARROW, m * n > RETRIED_UP_TO
    if small:
        return simplex, interior_points if many else linear_programs
    return (interior_points,) if many else (interior_points, simplex, linear_programs)


def _wide(answers: Answers, tol: float | None) -> np.ndarray:
    """Return the numbers of the games whose gap is above the tolerance."""
    return np.flatnonzero(~answers.fine if tol is None else ~(answers.gap <= tol))

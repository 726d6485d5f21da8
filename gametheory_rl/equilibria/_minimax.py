"""Zero-sum stage games, one or a batch: value, optimal strategies, and how far they can be off."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from gametheory_rl._results import StageSolution, Status
from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria._checks import payoff_matrices
from gametheory_rl.equilibria._zero_sum import Answers, linear_programs, simplex

COMPILED_UP_TO = 500
"""Games with more actions on a side go to HiGHS; below, the compiled simplex is faster (measured on square games)."""
RELATIVE_TOLERANCE = 1e-9
"""Default of ``tol``, in spans (max - min) of each game."""
EPS = float(np.finfo(np.float64).eps)


def minimax(A: Any, *, tol: float | None = None) -> StageSolution:
    """Solve zero-sum games: the row player maximises ``A``, the column player minimises it.

    Parameters
    ----------
    A : (..., m, n) array
        Payoffs to the row player; any leading axes, also none, also of length zero.
    tol : float, optional
        Duality gap asked for, in payoff units; by default 1e-9 of each game's span of payoffs (or what rounding at the
        payoffs' own size allows). It decides ``status`` only: games are always solved as exactly as float64 allows.

    Returns
    -------
    StageSolution
        ``value`` (...,), ``profile`` (..., m) and (..., n), ``gap`` (...,): the true value lies within ``gap`` of ``value``,
        rounding allowed for. ``status`` is ``Status.ROUNDING`` where some gap is above the tolerance.

    Raises
    ------
    GameError
        Not ``(..., m, n)``, no actions, ragged, or entries that are not finite.

    Notes
    -----
    Linear programming on payoffs mapped to [1, 2] (G. B. Dantzig 1951): answers do not depend on scale or offset. Games with
    several optimal strategies get one of them. Up to 500 actions a compiled simplex method, beyond that HiGHS; what either
    leaves with a wide gap is solved again by the other way.

    Examples
    --------
    >>> solution = minimax([[3, 0], [0, 2]])
    >>> round(float(solution.value), 12), solution.profile[0].round(12).tolist()
    (1.2, [0.4, 0.6])
    """
    A = payoff_matrices(A)
    if tol is not None and not tol > 0.0:
        raise GameError(f"tol is {tol}, a positive number was expected")
    batch, (m, n) = A.shape[:-2], A.shape[-2:]
    games = A.reshape(prod(batch), m, n)
    first, second = (simplex, linear_programs) if max(m, n) <= COMPILED_UP_TO else (linear_programs, simplex)
    answers = first(games)
    wide = np.flatnonzero(answers.gap > _wanted(answers, tol))
    if wide.size:
        answers.improve(wide, second(games[wide]))
    status = Status.ROUNDING if wide.size and np.any(answers.gap > _wanted(answers, tol)) else Status.SOLVED
    profile = answers.x.reshape(*batch, m), answers.y.reshape(*batch, n)
    return StageSolution(answers.value.reshape(batch), profile, answers.gap.reshape(batch), status)


def _wanted(answers: Answers, tol: float | None) -> np.ndarray | float:
    """Return the gap asked for, (K,); by default with room for rounding where an offset dwarfs the span."""
    return tol if tol is not None else RELATIVE_TOLERANCE * answers.span + 4.0 * EPS * np.abs(answers.value) + 1e-320

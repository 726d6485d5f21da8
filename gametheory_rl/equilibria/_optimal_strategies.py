"""All optimal strategies of a zero-sum game."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError
from gametheory_rl.equilibria import exact
from gametheory_rl.equilibria._checks import PAYOFFS, payoff_matrices

MOST_ENTRIES = 10_000
"""Payoffs of the largest game that is solved in rationals (100 x 100)."""


def optimal_strategies(A: Any) -> exact.OptimalStrategies:
    """Find all optimal strategies of one zero-sum game: the corners of both players' sets.

    Parameters
    ----------
    A : (m, n) array
        Payoffs to the row player, who maximises.

    Returns
    -------
    OptimalStrategies
        ``value``, ``x`` (p, m), ``y`` (q, n), ``unique``. Any mixture of rows of ``x`` with any mixture of rows of ``y`` is an
        equilibrium, and there are no others.

    Raises
    ------
    GameError
        Not one game (m, n), ragged, entries that are not finite, or more than 10,000 payoffs: use `minimax`, which returns
        one pair.
    SolverError
        A set has more than 50,000 corners and bases.

    Notes
    -----
    Solved in rationals, floats taken at their word, and rounded at the end: which strategies are optimal depends on ties that floats
    cannot decide. About 10 ms at 10 x 10, seconds at 50 x 50.

    Examples
    --------
    >>> found = optimal_strategies([[0, 0, 1], [1, 0, 0]])
    >>> float(found.value), found.x.tolist(), found.y.tolist()
    (0.0, [[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0, 0.0]])
    """
    A = payoff_matrices(A, PAYOFFS)
    if A.ndim != 2:
        raise GameError(f"{PAYOFFS} has shape {A.shape}, one game (m, n) was expected")
    if A.size > MOST_ENTRIES:
        raise GameError(f"{PAYOFFS} has {A.size:,} entries, at most {MOST_ENTRIES:,} were expected: use minimax, which returns one pair")
    found = exact.optimal_strategies(A)
    return exact.OptimalStrategies(np.float64(found.value), found.x.astype(np.float64), found.y.astype(np.float64))

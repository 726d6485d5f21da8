"""The method of Lemke and Howson in rational arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.equilibria._bimatrix import COLUMN_PAYOFFS, ROW_PAYOFFS, BimatrixSolution, require_same_actions, whole_label
from gametheory_rl.equilibria.exact._judges import regret
from gametheory_rl.equilibria.exact._rationals import normalised, payoff_matrix
from gametheory_rl.equilibria.exact._tableau import Tableau


def lemke_howson(A: Any, B: Any, label: int = 0, *, max_pivots: int | None = None) -> BimatrixSolution:
    """Find one Nash equilibrium of a bimatrix game, exactly.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player: integers, Fractions, or floats, which are taken at their word.
    label : int
        The action whose label is dropped first: 0 .. m-1 the row player's, m .. m+n-1 the column player's.
    max_pivots : int, optional
        Give up after so many; by default never. The method always ends, but some paths grow exponentially with the size.

    Returns
    -------
    BimatrixSolution
        ``profile`` and ``values`` are object arrays of Fractions, ``regret`` is Fraction(0), ``exact`` is True.

    Raises
    ------
    GameError
        Not two matrices of one shape with at least one action a side, entries that are no finite numbers, a label out of range,
        ``max_pivots`` below 1.
    SolverError
        ``max_pivots`` were not enough.

    Notes
    -----
    Complementary pivoting (C. E. Lemke & J. T. Howson 1964) in integers, ties broken lexicographically, so that it ends on
    degenerate games too (B. von Stengel 2002). Payoffs are normalised first: a positive affine rescaling of a player's
    payoffs changes neither the path nor the equilibrium. The answer is judged from the definition before it is returned.

    Examples
    --------
    >>> solution = lemke_howson([[3, 3], [2, 5], [0, 6]], [[3, 2], [2, 6], [3, 1]], label=1)
    >>> [str(p) for p in solution.profile[0]], [str(q) for q in solution.profile[1]]
    (['0', '1/3', '2/3'], ['1/3', '2/3'])
    """
    A, B = payoff_matrix(A, ROW_PAYOFFS), payoff_matrix(B, COLUMN_PAYOFFS)
    require_same_actions(A, B)
    m, n = A.shape
    dropped = whole_label(label, m + n)
    if dropped.ndim:
        raise GameError(f"the label has shape {dropped.shape}, one whole number was expected")
    if max_pivots is not None:
        max_pivots = whole_pivots(max_pivots)
    profile, length = _equilibrium(A, B, int(dropped), max_pivots)
    worst = regret(np.stack([A, B]), profile)
    if worst != 0:
        raise SolverError(f"the path ended at a profile of regret {worst}, which is a fault of this package: please report the game")
    x, y = profile
    values = np.array([x @ A @ y, x @ B @ y], object)
    settled = np.asarray(True)[()]
    return BimatrixSolution(profile, values, np.array(worst, object)[()], np.asarray(length)[()], settled, Status.SOLVED, dropped[()])


def whole_pivots(max_pivots: Any) -> int:
    """Return ``max_pivots``, a whole number of at least 1."""
    if isinstance(max_pivots, bool) or not isinstance(max_pivots, int | np.integer) or max_pivots < 1:
        raise GameError(f"max_pivots is {max_pivots!r}, a whole number of at least 1 was expected")
    return int(max_pivots)


def _equilibrium(A: np.ndarray, B: np.ndarray, label: int, max_pivots: int | None) -> tuple[tuple[np.ndarray, np.ndarray], int]:
    """Follow the path of ``label``; return its end and its length."""
    m, n = A.shape
    rows, columns = range(m), range(m, m + n)
    tableaux = Tableau(normalised(B.T), columns, rows), Tableau(normalised(A), rows, columns)
    here, entering, length = int(label >= m), label, 0
    while True:
        if max_pivots is not None and length >= max_pivots:
            raise SolverError(f"the path of label {label} is longer than max_pivots = {max_pivots}: allow more, or try another label")
        entering = tableaux[here].pivot(entering)
        here, length = 1 - here, length + 1
        if entering == label:
            return (strategy(tableaux[0], rows), strategy(tableaux[1], columns)), length


def strategy(tableau: Tableau, labels: range) -> np.ndarray:
    """Return the mixed action whose weights the ``labels`` carry."""
    basic = tableau.basic()
    weights = np.array([basic.get(label, Fraction(0)) for label in labels], object)
    return weights / weights.sum()

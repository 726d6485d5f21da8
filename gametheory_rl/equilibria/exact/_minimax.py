"""Zero-sum games in rational arithmetic: the value, one pair of optimal strategies, or the corners of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory_rl._results import StageSolution, Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria._checks import PAYOFFS
from gametheory_rl.equilibria.exact._polytope import walk
from gametheory_rl.equilibria.exact._rationals import normalised, payoff_matrix
from gametheory_rl.equilibria.exact._tableau import Tableau

MOST_BASES = 50_000
"""Bases of a set of optimal strategies that are visited at most."""


@dataclass(frozen=True, eq=False)
class OptimalStrategies:
    """All optimal strategies of a zero-sum game: mixtures of the corners given, and nothing else, are optimal."""

    value: Any
    """What the row player can guarantee."""
    x: np.ndarray
    """``[p, m]`` the corners of the row player's set, in the order of an `EquilibriumSet`."""
    y: np.ndarray
    """``[q, n]`` the corners of the column player's set."""

    @property
    def unique(self) -> bool:
        """Whether each player has one optimal strategy only."""
        return len(self.x) == len(self.y) == 1


def minimax(A: Any) -> StageSolution:
    """Solve one zero-sum game exactly: the row player maximises ``A``, the column player minimises it.

    Parameters
    ----------
    A : (m, n) array
        Payoffs to the row player: integers, Fractions, or floats, which are taken at their word.

    Returns
    -------
    StageSolution
        ``value`` a Fraction, ``profile`` object arrays of Fractions, ``gap`` Fraction(0).

    Raises
    ------
    GameError
        Not one matrix with at least one action a side, entries that are no finite numbers.

    Notes
    -----
    The simplex method in integers, ties broken lexicographically (G. B. Dantzig 1951): it always ends. The answer is judged from the
    definition. About 10 ms at 10 x 10; payoffs of many digits cost more.

    Examples
    --------
    >>> solution = minimax([[3, 0], [0, 2]])
    >>> print(solution.value, *solution.profile[0])
    6/5 2/5 3/5
    """
    A = payoff_matrix(A, PAYOFFS)
    tableau = _optimal(normalised(A), *A.shape)
    m, n = A.shape
    y = _distribution([tableau.basic().get(m + j, Fraction(0)) for j in range(n)])
    prices = dict(zip(tableau.column_labels, map(_price(tableau, m), range(n)), strict=True))
    x = _distribution([Fraction(-prices.get(i, 0)) for i in range(m)])
    value = _judged(A, x, y)
    return StageSolution(np.array(value, object)[()], (x, y), np.array(Fraction(0), object)[()], Status.SOLVED)


def optimal_strategies(A: Any) -> OptimalStrategies:
    """Find all optimal strategies of one zero-sum game, exactly: the corners of both players' sets.

    Parameters
    ----------
    A : (m, n) array
        Payoffs to the row player: integers, Fractions, or floats, which are taken at their word.

    Returns
    -------
    OptimalStrategies
        ``value``, ``x`` (p, m), ``y`` (q, n): Fractions. Any mixture of rows of ``x`` with any mixture of rows of ``y`` is an equilibrium.

    Raises
    ------
    GameError
        Not one matrix with at least one action a side, entries that are no finite numbers.
    SolverError
        A set of optimal strategies has more than 50,000 corners and bases.

    Notes
    -----
    From one optimal basis along the edges whose reduced cost is zero; ties perturbed, which leaves no corner out: the optimal
    face depends on the right-hand side without jumps (A. Hoffman 1952).

    Examples
    --------
    >>> found = optimal_strategies([[1, 0, 1], [0, 1, 1]])
    >>> print(found.value, found.unique, [[str(p) for p in y] for y in found.y])
    1/2 True [['1/2', '1/2', '0']]
    """
    A = payoff_matrix(A, PAYOFFS)
    y = _corners(A)
    x = _corners(-A.T)
    return OptimalStrategies(_judged(A, x[0], y[0]), x, y)


def _corners(A: np.ndarray) -> np.ndarray:
    """Return the corners of the set of strategies that minimise the best reply of the player who maximises ``A``."""
    m, n = A.shape
    tableau = _optimal(normalised(A), m, n)
    price = _price(tableau, m)
    found: dict[tuple[Fraction, ...], None] = {}
    for basic in walk(tableau, MOST_BASES, along=lambda q: price(q) == 0):
        found[tuple(_distribution([basic.get(m + j, Fraction(0)) for j in range(n)]))] = None
    order = sorted(found, key=lambda y: (sum(map(bool, y)), [-weight for weight in y]))
    return np.array(order, object)


def _optimal(matrix: list[list[int]], m: int, n: int) -> Tableau:
    """Return the tableau of max sum(w), matrix w <= 1, w >= 0 at an optimum; labels 0 .. m-1 are slacks, m .. m+n-1 are w."""
    tableau = Tableau(matrix, range(m), range(m, m + n))
    price = _price(tableau, m)
    while True:
        prices = list(map(price, range(n)))
        best = max(range(n), key=prices.__getitem__)
        if prices[best] <= 0:
            return tableau
        tableau.pivot(tableau.column_labels[best])


def _price(tableau: Tableau, m: int) -> Callable[[int], int]:
    """Return the function q -> reduced cost of column q, times the divisor: what sum(w) gains as that variable grows."""

    def price(q: int) -> int:
        own = tableau.divisor if tableau.column_labels[q] >= m else 0
        return own - sum(row[q] for row, label in zip(tableau.entries, tableau.row_labels, strict=True) if label >= m)

    return price


def _distribution(weights: list[Fraction]) -> np.ndarray:
    total = sum(weights)
    return np.array([weight / total for weight in weights], object)


def _judged(A: np.ndarray, x: np.ndarray, y: np.ndarray) -> Fraction:
    """Return the value; from the definition: what x guarantees is what y concedes."""
    lower, upper = min(x @ A), max(A @ y)
    if lower != upper:
        raise SolverError(f"strategies with a gap of {upper - lower} were found, which is a fault of this package: please report the game")
    return lower

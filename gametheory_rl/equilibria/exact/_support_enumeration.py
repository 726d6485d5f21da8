"""All equilibria of a bimatrix game from its pairs of supports, in rational arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import Any

from gametheory_rl.equilibria._equilibrium_set import EquilibriumSet
from gametheory_rl.equilibria.exact._polytope import fully_labelled, solve
from gametheory_rl.equilibria.exact._rationals import normalised
from gametheory_rl.equilibria.exact._vertex_enumeration import exact_set, is_degenerate, one_game, polytopes, require_support_pairs

MOST_PAIRS = 50_000
"""Pairs of supports that are looked at: about half a minute."""


def support_enumeration(A: Any, B: Any) -> EquilibriumSet:
    """Find all equilibria of one bimatrix game from its pairs of supports of equal size, exactly.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player: integers, Fractions, or floats, which are taken at their word.

    Returns
    -------
    EquilibriumSet
        ``x``, ``y``, ``values`` and ``regret`` are object arrays of Fractions. In a degenerate game equilibria can have supports
        of unequal size: there the answer is that of `vertex_enumeration`, and ``method`` says so.

    Raises
    ------
    GameError
        Not two matrices of one shape with at least one action a side, entries that are no finite numbers, more than 50,000 pairs
        of supports (10 x 10 has 184,755).
    SolverError
        As `vertex_enumeration` does, which decides whether the game is degenerate.

    Examples
    --------
    >>> found = support_enumeration([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    >>> [str(p) for p in found.x[2]], [str(v) for v in found.values[:, 2]], found.method
    (['2/3', '1/3'], ['2/3', '2/3'], 'supports')
    """
    A, B = one_game(A, B)
    m, n = A.shape
    require_support_pairs(comb(m + n, m) - 1, MOST_PAIRS, "exact.vertex_enumeration")
    first, second = polytopes(A, B)
    if is_degenerate(A, first, second):
        return exact_set(A, B, first[0], second[0], fully_labelled(first[1], second[1], m + n), degenerate=True, method="vertices")
    found = list(_equilibria(normalised(A), normalised(B.T)))
    pairs = [(k, k) for k in range(len(found))]
    return exact_set(A, B, [x for x, _ in found], [y for _, y in found], pairs, degenerate=False, method="supports")


def _equilibria(rows_pay: list[list[int]], columns_pay: list[list[int]]) -> Iterator[tuple[list[Fraction], list[Fraction]]]:
    """Yield what makes both indifferent within a pair of supports, and gives nobody a reason to leave it."""
    m, n = len(rows_pay), len(columns_pay)
    for size in range(1, min(m, n) + 1):
        for rows in combinations(range(m), size):
            for columns in combinations(range(n), size):
                y = _indifferent(rows_pay, rows, columns)
                x = None if y is None else _indifferent(columns_pay, columns, rows)
                if x is not None and y is not None:
                    yield x, y


def _indifferent(pays: list[list[int]], actions: Sequence[int], support: Sequence[int]) -> list[Fraction] | None:
    """Return positive weights on ``support`` against which all ``actions`` pay 1, and no other action more; None without them."""
    weights = solve([[pays[r][c] for c in support] for r in actions], [1] * len(actions))
    if weights is None or min(weights) <= 0:
        return None
    if any(sum(row[c] * w for c, w in zip(support, weights, strict=True)) > 1 for row in pays):
        return None
    placed = dict(zip(support, weights, strict=True))
    return [placed.get(c, Fraction(0)) for c in range(len(pays[0]))]

"""All extreme equilibria of a bimatrix game in rational arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.equilibria._bimatrix import COLUMN_PAYOFFS, ROW_PAYOFFS, require_same_actions
from gametheory_rl.equilibria._equilibrium_set import EquilibriumSet
from gametheory_rl.equilibria._sizes import require_listable
from gametheory_rl.equilibria.exact._polytope import Vertices, fully_labelled, vertices
from gametheory_rl.equilibria.exact._rationals import normalised, payoff_matrix

MOST_BASES = 50_000
"""Bases of a best-response polytope that are visited at most: tens of seconds for payoffs of many digits."""


def vertex_enumeration(A: Any, B: Any) -> EquilibriumSet:
    """Find all extreme equilibria of one bimatrix game, exactly.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player: integers, Fractions, or floats, which are taken at their word.

    Returns
    -------
    EquilibriumSet
        ``x``, ``y``, ``values`` and ``regret`` are object arrays of Fractions, every regret 0; ``complete`` is True.

    Raises
    ------
    GameError
        Not two matrices of one shape with at least one action a side, entries that are no finite numbers; or sizes at
        which a polytope can have more than 1e9 vertices (24 x 24).
    SolverError
        A best-response polytope has more than 50,000 bases: `equilibria.vertex_enumeration` goes further.

    Notes
    -----
    As `equilibria.vertex_enumeration`, all of it in integers, and by another walk: depth first over the edges of both polytopes,
    perturbed where they are degenerate. About 0.1 ms a vertex at 5 x 5, 0.3 ms at 10 x 10 for small integers.

    Examples
    --------
    >>> found = vertex_enumeration([[0, 3, 0], [2, 2, 0], [3, 0, 1]], [[0, 2, 3], [3, 2, 0], [0, 0, 1]])
    >>> [str(p) for p in found.x[1]], [str(v) for v in found.values[:, 1]], found.degenerate
    (['1/3', '2/3', '0'], ['2', '2'], False)
    """
    A, B = one_game(A, B)
    first, second = polytopes(A, B)
    pairs = fully_labelled(first[1], second[1], sum(A.shape))
    return exact_set(A, B, first[0], second[0], pairs, degenerate=is_degenerate(A, first, second), method="vertices")


def one_game(A: Any, B: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return both payoff matrices as Fractions."""
    A, B = payoff_matrix(A, ROW_PAYOFFS), payoff_matrix(B, COLUMN_PAYOFFS)
    require_same_actions(A, B)
    require_listable(*A.shape)
    return A, B


def polytopes(A: np.ndarray, B: np.ndarray) -> tuple[Vertices, Vertices]:
    """Return the vertices of {x >= 0, B'x <= 1} and {y >= 0, A y <= 1}, on normalised payoffs."""
    m = len(A)
    return vertices(normalised(B.T), 0, m, MOST_BASES), vertices(normalised(A), m, 0, MOST_BASES)


def is_degenerate(A: np.ndarray, first: Vertices, second: Vertices) -> bool:
    """Whether a vertex has more tight labels than its polytope has dimensions."""
    return any(tight.bit_count() > dimension for (_, sets), dimension in zip((first, second), A.shape, strict=True) for tight in sets)


def exact_set(
    A: np.ndarray,
    B: np.ndarray,
    x: Sequence[Sequence[Fraction]],
    y: Sequence[Sequence[Fraction]],
    pairs: Sequence[tuple[int, int]],
    *,
    degenerate: bool,
    method: str,
) -> EquilibriumSet:
    """Return the profiles x[i], y[j], (i, j) in ``pairs``, each x and y once, in order and judged; weights need not add up to 1."""
    some_x, place_x = _each_once(x, [i for i, _ in pairs])
    some_y, place_y = _each_once(y, [j for _, j in pairs])
    numbers = sorted((place_x[i], place_y[j]) for i, j in pairs)
    # What each action earns against each strategy of the other player: products are shared by all equilibria.
    rows_earn, columns_earn = some_y @ A.T, some_x @ B
    values, regret = np.empty((2, len(numbers)), object), np.empty(len(numbers), object)
    for k, (i, j) in enumerate(numbers):
        values[0, k], values[1, k] = some_x[i] @ rows_earn[j], columns_earn[i] @ some_y[j]
        regret[k] = max(max(rows_earn[j]) - values[0, k], max(columns_earn[i]) - values[1, k])
    if any(regret):
        raise SolverError(f"a profile of regret {max(regret)} was found, which is a fault of this package: please report the game")
    return EquilibriumSet(some_x, some_y, np.array(numbers, np.int64).reshape(-1, 2), values, regret, True, degenerate, method, True)


def _each_once(strategies: Sequence[Sequence[Fraction]], which: Sequence[int]) -> tuple[np.ndarray, dict[int, int]]:
    """Return the strategies numbered in ``which``, once each and in order, as distributions; and the place of each number."""
    distributions = {k: [weight / sum(strategies[k]) for weight in strategies[k]] for k in dict.fromkeys(which)}
    order = sorted(distributions, key=lambda k: (sum(map(bool, distributions[k])), [-weight for weight in distributions[k]]))
    return np.array([distributions[k] for k in order], object), {k: place for place, k in enumerate(order)}


def require_support_pairs(count: int, most: int, instead: str) -> None:
    """Refuse games with more pairs of supports than can be looked at."""
    if count > most:
        raise GameError(f"the game has {count:,} pairs of supports of equal size, at most {most:,} were expected: use {instead}")

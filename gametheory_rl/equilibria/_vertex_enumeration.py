"""All extreme equilibria of a bimatrix game, from the vertices of both best-response polytopes."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl.equilibria._best_response_polytopes import LEVELS, Polytope, pairs_of, room
from gametheory_rl.equilibria._enumeration import equilibrium_set, one_game, payoff_integers, transposed, with_engine
from gametheory_rl.equilibria._equilibrium_set import EquilibriumSet
from gametheory_rl.equilibria._kernels import _pairs as kernels
from gametheory_rl.equilibria._kernels._vertices import DONE
from gametheory_rl.equilibria._sizes import most_vertices

TIME_LIMIT = 60.0
LARGE = 200_000
"""Games of which a polytope can have more vertices are searched with care for memory and for actions that are no best replies."""


def vertex_enumeration(A: Any, B: Any, *, engine: str | None = None, time_limit: float = TIME_LIMIT) -> EquilibriumSet:
    """Find all extreme equilibria of one bimatrix game.

    Parameters
    ----------
    A, B : (m, n) arrays
        Payoffs of the row and of the column player.
    engine : None or "nashpy"
        Whose enumeration: ours, or nashpy's beside it, bounded in time and judged.
    time_limit : float
        Seconds that nashpy may take.

    Returns
    -------
    EquilibriumSet
        ``profiles``, ``values`` (2, K), ``regret`` (K,), ``components``. ``complete`` is True: every extreme equilibrium is there.
        ``degenerate`` is decided exactly, floats taken at their word.

    Raises
    ------
    GameError
        Not one game (m, n), ragged, entries that are not finite, matrices of different games, an unknown engine; or sizes at
        which the polytope of the player with fewer actions can have more than 1e9 vertices (24 x 24).
    SolverError
        More than 4,000,000 vertices were met (random games have about 4,000 a player at 12 x 12, 100,000 at 16 x 16); or ties
        between payoffs of many digits that only rationals decide, on more than 50,000 bases.

    Notes
    -----
    An equilibrium is a pair of vertices of the polytopes {x >= 0, B'x <= 1} and {y >= 0, A y <= 1}, payoffs mapped to [1, 2], that
    together have every label: an action is not played, or it is a best reply (O. L. Mangasarian 1964; B. von Stengel 2002). The vertices
    come by reverse search (D. Avis & K. Fukuda 1992; lrsnash of D. Avis, G. Rosenberg, R. Savani & B. von Stengel 2010), in
    floats while the sign of every slack is beyond doubt, else in integers or rationals.
    Regrets are at the level of rounding; where payoffs nearly tie, probabilities can be off by rounding over the size of the differences
    (1e-8 for differences of 1e-8 spans), which `exact.vertex_enumeration` avoids.
    Where sizes are unequal and a polytope can have more than 200,000 vertices (5 x 48), actions of the player
    with more of them that are best replies to nothing are left out, also from the question whether the game is degenerate.

    Examples
    --------
    >>> found = vertex_enumeration([[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]])
    >>> len(found), found.degenerate, [subset.x for component in found.components for subset in component.subsets]
    (3, True, [(0,), (1,)])
    """
    A, B = one_game(A, B)
    if engine is not None:
        return with_engine(engine, "vertex_enumeration", A, B, vertex_enumeration(A, B), time_limit)
    found = generic(A, B)
    return with_ties(A, B) if found is None else equilibrium_set(A, B, *found, degenerate=False, method="vertices")


def generic(A: np.ndarray, B: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return the vertices x and y of a game without ties, and the pairs of them (K, 2) that are its equilibria.

    None where floats leave open whether there are ties, and for large games.
    """
    m, n = A.shape
    most_x, most_y = most_vertices(m, n), most_vertices(n, m)
    if max(most_x, most_y) > LARGE:
        return None
    (x, tight_x), (y, tight_y) = room(m, m + n, most_x), room(n, m + n, most_y)
    pairs = np.empty((min(most_x, most_y), 2), np.int64)
    *_, count, end = kernels.generic_equilibria(A, B, LEVELS, x, tight_x, y, tight_y, pairs)
    return (x, y, pairs[:count]) if end == DONE else None


def with_ties(A: np.ndarray, B: np.ndarray) -> EquilibriumSet:
    """Return the extreme equilibria of any game."""
    rows, columns = _best_replies(A, B)
    m, n = len(rows), len(columns)
    rows_pay, columns_pay = payoff_integers(A[np.ix_(rows, columns)], B[np.ix_(rows, columns)])
    first, second = Polytope.of(transposed(columns_pay), 0, m), Polytope.of(rows_pay, m, 0)
    pairs = pairs_of(first, second, m + n)
    x, y = np.zeros((len(first.points), A.shape[0])), np.zeros((len(second.points), A.shape[1]))
    x[:, rows], y[:, columns] = first.points, second.points
    degenerate, exact = first.degenerate or second.degenerate, first.exact or second.exact
    return equilibrium_set(A, B, x, y, pairs, degenerate=degenerate, method="vertices", exact=exact)


def _best_replies(A: np.ndarray, B: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the actions to look at: all, or in a large game of unequal sizes, for the player with more, the best replies to anything."""
    m, n = A.shape
    rows, columns = np.arange(m), np.arange(n)
    if m != n and max(most_vertices(m, n), most_vertices(n, m)) > LARGE:
        rows_pay, columns_pay = payoff_integers(A, B)
        if m < n:
            columns = np.flatnonzero(Polytope.of(transposed(columns_pay), 0, m).binding)
        else:
            rows = np.flatnonzero(Polytope.of(rows_pay, m, 0).binding)
    return rows, columns

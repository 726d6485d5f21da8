"""All equilibria of a bimatrix game from its pairs of supports."""

from __future__ import annotations

from dataclasses import replace
from math import comb
from typing import Any

import numpy as np

from gametheory_rl.equilibria._enumeration import equilibrium_set, one_game, with_engine
from gametheory_rl.equilibria._equilibrium_set import EquilibriumSet
from gametheory_rl.equilibria._kernels._supports import support_equilibria
from gametheory_rl.equilibria._vertex_enumeration import TIME_LIMIT, generic, with_ties
from gametheory_rl.equilibria.exact._vertex_enumeration import require_support_pairs

MOST_PAIRS = 50_000_000
"""Pairs of supports that are looked at: 14 x 14 has 40 million, which takes seconds."""


def support_enumeration(A: Any, B: Any, *, engine: str | None = None, time_limit: float = TIME_LIMIT) -> EquilibriumSet:
    """Find all equilibria of one bimatrix game from its pairs of supports of equal size.

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
        ``profiles``, ``values`` (2, K), ``regret`` (K,). ``complete`` is True. In a degenerate game equilibria can have supports of
        unequal size, which this method cannot see: there the answer is that of `vertex_enumeration`, all extreme equilibria,
        and ``method`` says so.

    Raises
    ------
    GameError
        Not one game (m, n), ragged, entries that are not finite, matrices of different games, an unknown engine; or more than
        50,000,000 pairs of supports (15 x 15 has 155,117,519): `vertex_enumeration` goes further.
    SolverError
        As `vertex_enumeration` does.

    Notes
    -----
    Pairs of supports with an action that is beaten by another against every action of the other's support are left out (R. Porter,
    E. Nudelman & Y. Shoham 2008); for the others both systems of indifference are solved. Whether the game is degenerate is
    found by `vertex_enumeration`, which also has the last word where a system is too ill-conditioned for floats to decide.

    Examples
    --------
    >>> found = support_enumeration([[2, 0], [0, 1]], [[1, 0], [0, 2]])
    >>> [(x.round(6).tolist(), y.round(6).tolist()) for x, y in found.profiles]
    [([1.0, 0.0], [1.0, 0.0]), ([0.0, 1.0], [0.0, 1.0]), ([0.666667, 0.333333], [0.333333, 0.666667])]
    """
    A, B = one_game(A, B)
    m, n = A.shape
    require_support_pairs(comb(m + n, m) - 1, MOST_PAIRS, "vertex_enumeration")
    if engine is not None:
        return with_engine(engine, "support_enumeration", A, B, support_enumeration(A, B), time_limit)
    found = generic(A, B)
    if found is None:
        return _with_ties(A, B)
    return _by_supports(A, B, len(found[2])) or equilibrium_set(A, B, *found, degenerate=False, method="vertices")


def _with_ties(A: np.ndarray, B: np.ndarray) -> EquilibriumSet:
    """Return the answer where only integers or rationals decide whether the game is degenerate."""
    by_vertices = with_ties(A, B)
    found = None if by_vertices.degenerate else _by_supports(A, B, len(by_vertices))
    return by_vertices if found is None else replace(found, exact=by_vertices.exact)


def _by_supports(A: np.ndarray, B: np.ndarray, count: int) -> EquilibriumSet | None:
    """Return the ``count`` equilibria that a game without ties is known to have; None where floats miss one."""
    x, y = np.empty((count, A.shape[0])), np.empty((count, A.shape[1]))
    if support_equilibria(A, B, x, y) != count:
        return None
    pairs = np.arange(count)[:, None] + np.zeros(2, np.int64)
    return equilibrium_set(A, B, x, y, pairs, degenerate=False, method="supports")

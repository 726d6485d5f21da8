"""How many vertices a best-response polytope can have, and which sizes of games are refused for it."""

from __future__ import annotations

from functools import cache
from math import comb

from gametheory_rl._support._errors import GameError

REFUSED_FROM = 10**9
"""Sizes at which a best-response polytope can have so many vertices are refused."""


@cache
def most_vertices(columns: int, rows: int) -> int:
    """Return how many vertices {v >= 0, M v <= 1} can have at most, for M of ``rows`` x ``columns`` (P. McMullen 1970)."""
    facets = rows + columns
    return comb(facets - (columns + 1) // 2, rows) + comb(facets - (columns + 2) // 2, rows)


def require_listable(m: int, n: int) -> None:
    """Refuse a game of ``m`` x ``n`` actions whose equilibria can be too many to be listed."""
    count = most_vertices(min(m, n), max(m, n))
    if count >= REFUSED_FROM:
        raise GameError(
            f"a best-response polytope of a {m} x {n} game can have {count:.2g} vertices, fewer than {REFUSED_FROM:.0e} were expected: "
            "use lemke_howson_all, which finds some equilibria, or pure, which finds all pure ones"
        )

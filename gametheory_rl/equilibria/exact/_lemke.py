"""Lemke's method for linear complementarity in integers: exact, and with lexicographic ties it never cycles."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cmp_to_key

from gametheory_rl._support._errors import SolverError


def lemke(M: Sequence[Sequence[int]], q: Sequence[int], max_pivots: int) -> list[Fraction]:
    """Return z >= 0 with w = q + M z >= 0 and w'z = 0, starting from the artificial column of ones.

    Pivots are Edmonds's: the true tableau is ``rows / divisor``, and every division leaves no remainder. Labels: w is 0 .. N-1,
    z is N .. 2N-1, the artificial variable is 2N; the last column is the right-hand side.

    Raises
    ------
    SolverError
        More than ``max_pivots``, or a path that ends on a ray.
    """
    size = len(q)
    rows = [[*(int(r == k) for k in range(size)), *(-a for a in M[r]), -1, q[r]] for r in range(size)]
    if min(q) >= 0:
        return [Fraction(0)] * size
    basis, artificial = list(range(size)), 2 * size
    place = max(range(size), key=lambda r: (-q[r], r))  # the last of equals: its perturbation is the smallest
    first = rows[place]
    rows = [[-a for a in row] if r == place else [a - b for a, b in zip(row, first, strict=True)] for r, row in enumerate(rows)]
    basis[place], entering, divisor = artificial, place + size, 1
    for _ in range(max_pivots):
        place = _leaving(rows, basis, entering, artificial)
        divisor = _pivot(rows, place, entering, divisor)
        left, basis[place] = basis[place], entering
        if left == artificial:
            values = {label: Fraction(row[-1], divisor) for label, row in zip(basis, rows, strict=True)}
            return [values.get(size + k, Fraction(0)) for k in range(size)]
        entering = left + size if left < size else left - size
    raise SolverError(f"Lemke's method was not done after {max_pivots} exact pivots")


def _pivot(rows: list[list[int]], place: int, column: int, divisor: int) -> int:
    """Pivot in place and return the new divisor."""
    pivot_row = rows[place]
    pivot = pivot_row[column]
    for r, row in enumerate(rows):
        if r != place:
            factor = row[column]
            row[:] = [(a * pivot - factor * b) // divisor for a, b in zip(row, pivot_row, strict=True)]
    return pivot


def _leaving(rows: list[list[int]], basis: list[int], column: int, artificial: int) -> int:
    """Return the row of the lexicographic ratio test; the artificial variable goes first among equal ratios."""
    able = [r for r, row in enumerate(rows) if row[column] > 0]
    if not able:
        raise SolverError("Lemke's method ended on a ray")
    best = min(able, key=cmp_to_key(lambda r, s: _compare(rows[r], rows[s], column)))
    return next((r for r in able if basis[r] == artificial and _ratio(rows[r], rows[best], column) == 0), best)


def _ratio(row: list[int], other: list[int], column: int) -> int:
    """Return a number with the sign of row[-1] / row[column] - other[-1] / other[column]."""
    return row[-1] * other[column] - other[-1] * row[column]


def _compare(row: list[int], other: list[int], column: int) -> int:
    """Return a number with the sign of the lexicographic difference of two rows, each divided by its entry in ``column``."""
    difference = _ratio(row, other, column)
    places = iter(range(len(row) // 2 - 1))
    while difference == 0 and (k := next(places, None)) is not None:
        difference = row[k] * other[column] - other[k] * row[column]
    return difference

"""Curves of solutions: from a known point, step along the tangent and return to the curve by Newton's method.

The last unknown is the homotopy parameter. Arc length, not the parameter, measures progress, so that the curve may turn back
(E. L. Allgower & K. Georg 1990, "Numerical Continuation Methods"). One elimination a step serves the corrector, as a chord
method, and the next tangent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

DENSE = 700
"""Systems of at most so many unknowns are eliminated densely, larger ones sparsely."""
SMALLEST_STEP = 1e-11
CORRECTIONS = 6
DRIFT = 0.3
"""The predictor may miss the curve by so much of the step."""
TURN = 0.9
"""Least cosine of the angle between two tangents."""


class Curve(Protocol):
    """Equations ``F(x) = 0`` of one unknown more than there are equations."""

    def residual(self, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return F ``(N,)`` at ``x`` ``(N + 1,)``, and whatever ``derivatives`` wants to use again."""
        ...

    def derivatives(self, x: np.ndarray, kept: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, columns and entries of dF/dx ``(N, N + 1)``; entries at one place add up."""
        ...


@dataclass(frozen=True, eq=False)
class Point:
    """A point of the curve, where the curve is heading, and the step that is tried next."""

    x: np.ndarray
    tangent: np.ndarray
    step: float


class Elimination:
    """A square sparse matrix, factored once and solved with often."""

    def __init__(self, rows: np.ndarray, columns: np.ndarray, entries: np.ndarray, size: int) -> None:
        """Factor; raises ``ArithmeticError`` where the matrix is singular or not finite."""
        if not np.isfinite(entries).all():
            raise ArithmeticError("a matrix with entries that are not finite")
        if size <= DENSE:
            from scipy.linalg import get_lapack_funcs

            dense = np.bincount(columns * size + rows, entries, minlength=size * size).reshape(size, size).T
            factor, solve = get_lapack_funcs(("getrf", "getrs"), (dense,))
            lu, pivots, info = factor(dense, overwrite_a=True)
            self._solve: Callable[[np.ndarray], np.ndarray] = lambda right: solve(lu, pivots, right)[0]
            if info:
                raise ArithmeticError("a singular matrix")
        else:
            from scipy.sparse import coo_array
            from scipy.sparse.linalg import splu

            try:
                self._solve = splu(coo_array((entries, (rows, columns)), shape=(size, size)).tocsc()).solve
            except RuntimeError as error:
                raise ArithmeticError("a singular matrix") from error

    def __call__(self, right: np.ndarray) -> np.ndarray:
        """Return the solution for one right side."""
        return self._solve(right)


def first_point(curve: Curve, x: np.ndarray, direction: float, step: float) -> Point:
    """Return the curve's first point, heading where the parameter has the sign of ``direction``."""
    unit = np.zeros(len(x))
    unit[-1] = direction
    tangent = _tangent(_bordered(curve, x, curve.residual(x)[1], unit), unit)
    return Point(x, tangent, step)


def advance(curve: Curve, point: Point, longest: float) -> Point | None:
    """Return the next point of the curve, or None where even the smallest step loses it.

    A try is given up where the predictor misses the curve by more than a third of the step, where corrections do not shrink
    to half each, or where the curve turns by more than 25 degrees.
    """
    step = min(point.step, longest)
    while step > SMALLEST_STEP:
        found = _try(curve, point, step)
        if found is not None:
            x, tangent, corrections = found
            growth = 2.0 if corrections <= 2 else 1.4 if corrections == 3 else 1.0
            return Point(x, tangent, step * growth)
        step *= 0.5
    return None


def _try(curve: Curve, point: Point, step: float) -> tuple[np.ndarray, np.ndarray, int] | None:
    x = point.x + step * point.tangent
    residual, kept = curve.residual(x)
    try:
        solve = _bordered(curve, x, kept, point.tangent)
    except ArithmeticError:
        return None
    enough = min(1e-9 * (1.0 + float(np.abs(x).max())), 1e-2 * step)
    first = last = np.inf
    for correction in range(1, CORRECTIONS + 1):
        change = solve(np.append(residual, 0.0))
        size = float(np.linalg.norm(change))
        if not size <= (DRIFT * step if correction == 1 else 0.5 * last):
            return None
        first, last = (size if correction == 1 else first), size
        x = x - change
        residual, _ = curve.residual(x)
        if size <= enough:
            tangent = _tangent(solve, point.tangent)
            return (x, tangent, correction) if tangent @ point.tangent > TURN else None
    return None


def _bordered(curve: Curve, x: np.ndarray, kept: Any, tangent: np.ndarray) -> Elimination:
    rows, columns, entries = curve.derivatives(x, kept)
    size = len(x)
    last = np.full(size, size - 1)
    return Elimination(np.concatenate([rows, last]), np.concatenate([columns, np.arange(size)]), np.concatenate([entries, tangent]), size)


def _tangent(solve: Elimination, along: np.ndarray) -> np.ndarray:
    """Return the unit tangent that does not turn back against ``along``."""
    right = np.zeros(len(along))
    right[-1] = 1.0
    tangent = solve(right)
    return tangent / np.linalg.norm(tangent)

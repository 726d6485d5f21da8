"""Curves of solutions: from known points, step ahead and return to the curve by Newton's method.

The last unknown is the homotopy parameter. Arc length, not the parameter, measures progress, so that the curve may turn back
(E. L. Allgower & K. Georg 1990, "Numerical Continuation Methods", chapter 6 for the length of steps). One elimination a step
serves the corrector, as a chord method, and the next tangent. The predictor is the cubic through the last two points with their
tangents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

DENSE = 300
"""Systems of at most so many unknowns are eliminated densely, larger ones sparsely."""
SMALLEST_STEP = 1e-11
CURVED = 0.2
"""A step that must be so much shorter than the last one goes along the tangent: the curve behind says nothing of what lies ahead."""
CORRECTIONS = 6
ENOUGH, EXACT = 1e-8, 1e-13
"""Corrections end at a change of the first size, relative to the largest unknown, or earlier after a short step: from a point
beside the curve only long steps lead back to it. Below the second all is rounding."""
DRIFT, GOOD_DRIFT = 0.3, 0.15
"""The predictor may, and should, miss the curve by so much of the step."""
SHRINK, GOOD_SHRINK = 0.5, 0.15
"""Each correction must shrink to so much of the last one, and the second should."""
TURN, GOOD_TURN = float(np.arccos(0.9)), 0.3
"""The angle between two tangents may, and should, be so large."""


class Curve(Protocol):
    """Equations ``F(x) = 0`` of one unknown more than there are equations."""

    def residual(self, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Return F ``(N,)`` at ``x`` ``(N + 1,)``, and whatever ``derivatives`` wants to use again."""
        ...

    @property
    def units(self) -> np.ndarray:
        """``[N + 1]`` the unit in which arc length measures each unknown."""
        ...

    def derivatives(self, x: np.ndarray, kept: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, columns and entries of dF/dx ``(N, N + 1)``; entries at one place add up."""
        ...


class Passed(NamedTuple):
    """The point before, and how far back it lies."""

    x: np.ndarray
    tangent: np.ndarray
    distance: float


@dataclass(frozen=True, eq=False)
class Point:
    """A point of the curve, where the curve is heading, and the step that is tried next."""

    x: np.ndarray
    tangent: np.ndarray
    step: float
    before: Passed | None = None


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
    tangent = _tangent(curve, _bordered(curve, x, curve.residual(x)[1], unit))
    return Point(x, tangent, step)


def advance(curve: Curve, point: Point, longest: float) -> Point | None:
    """Return the next point of the curve, or None where even the smallest step loses it.

    A try is given up where the predictor misses the curve by more than a third of the step, where corrections do not shrink
    to half each, or where the curve turns by more than 25 degrees.
    """
    step = min(point.step, longest)
    while step > SMALLEST_STEP:
        try:
            found = _try(curve, point, step)
        except ArithmeticError:
            found = None
        if found is not None:
            return found
        step *= 0.5
        if step < CURVED * point.step:
            point = Point(point.x, point.tangent, point.step)
    return None


def _predicted(point: Point, step: float) -> np.ndarray:
    """Return the cubic through the last two points, with their tangents, one step ahead."""
    if point.before is None:
        return point.x + step * point.tangent
    before, length = point.before, point.before.distance
    chord, slope, last_slope = point.x - before.x, length * point.tangent, length * before.tangent
    ahead = step / length
    square, cube = 2.0 * slope + last_slope - 3.0 * chord, slope + last_slope - 2.0 * chord
    return point.x + ahead * (slope + ahead * (square + ahead * cube))


def _try(curve: Curve, point: Point, step: float) -> Point | None:
    x, units = _predicted(point, step), curve.units
    residual, kept = curve.residual(x)
    solve = _bordered(curve, x, kept, point.tangent)
    size = 1.0 + float(np.abs(x / units).max())
    enough = max(EXACT * size, min(ENOUGH * size, 1e-4 * step))
    sizes: list[float] = []
    while len(sizes) < CORRECTIONS:
        change = solve(np.append(residual, 0.0))
        sizes.append(float(np.linalg.norm(change / units)))
        if not sizes[-1] <= (DRIFT * step if len(sizes) == 1 else SHRINK * sizes[-2]):
            return None
        x = x - change
        if sizes[-1] <= enough:
            tangent = _tangent(curve, solve)
            turn = float(np.arccos(np.clip(np.sum(tangent * point.tangent / units**2), -1.0, 1.0)))
            following = step * _growth(sizes, step, turn)
            passed = Passed(point.x, point.tangent, float(np.linalg.norm((x - point.x) / units)))
            return Point(x, tangent, following, passed) if turn < TURN else None
        residual, _ = curve.residual(x)
    return None


def _growth(sizes: list[float], step: float, turn: float) -> float:
    """Return how much longer the next step should be: drift and shrinkage grow with its square, the angle with the step itself."""
    shrinkage = sizes[1] / sizes[0] if len(sizes) > 1 else 0.0
    worst = max(float(np.sqrt(shrinkage / GOOD_SHRINK)), float(np.sqrt(sizes[0] / (GOOD_DRIFT * step))), turn / GOOD_TURN, 0.5)
    return max(1.0, 1.0 / worst)


def _bordered(curve: Curve, x: np.ndarray, kept: Any, tangent: np.ndarray) -> Elimination:
    rows, columns, entries = curve.derivatives(x, kept)
    size = len(x)
    last = np.full(size, size - 1)
    places = np.concatenate([rows, last]), np.concatenate([columns, np.arange(size)])
    return Elimination(*places, np.concatenate([entries, tangent / curve.units**2]), size)


def _tangent(curve: Curve, solve: Elimination) -> np.ndarray:
    """Return the unit tangent that does not turn back against the one that borders the matrix."""
    right = np.zeros(len(curve.units))
    right[-1] = 1.0
    tangent = solve(right)
    return tangent / np.linalg.norm(tangent / curve.units)

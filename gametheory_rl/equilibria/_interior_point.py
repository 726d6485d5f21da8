"""One large zero-sum game by a primal-dual interior point method on dense matrices, and a polish on the supports it finds.

With B = (A - min) / (max - min) + 1 in [1, 2] the players' linear programs are max sum(w), B w <= 1, w >= 0 and its dual,
min sum(v), B'v >= 1, v >= 0 (G. B. Dantzig 1951). Both have interior points at hand, so there is no infeasible start. Steps are
S. Mehrotra's (1992): predictor and corrector from one Cholesky factorisation of B W B' + V on the smaller side. The iterates near
strictly complementary strategies, whose supports are all that can be played; on these the strategies solve linear equations,
which returns the digits that the factorisation loses near the end.

Memory: four copies of the matrix at most. Work: some twenty times m^2 n for m <= n, in BLAS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

MAX_STEPS = 80
CLOSE = 1e-15
"""Duality gap, in spans, at which the method stops."""
NEAR = 1e-7
"""Relative distance of the two programs from which on a gap that does not shrink ends the method: rounding has taken over."""
PATIENCE = 3
"""How many such steps are made."""
KEPT = 0.9995
"""Part of the way to the boundary that a step goes."""
RAISED = 0.0, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11
"""Added to the diagonal, in units of its largest entry, until the factorisation succeeds."""


class _Point(NamedTuple):
    """Where the method stands, or a step from there."""

    w: np.ndarray
    """``[n]`` the column player's weights"""
    slack: np.ndarray
    """``[m]`` 1 - B w"""
    v: np.ndarray
    """``[m]`` the row player's weights"""
    surplus: np.ndarray
    """``[n]`` B'v - 1"""

    def products(self) -> float:
        """Return the mean of w surplus and v slack, which is zero at the optimum."""
        return float(self.w @ self.surplus + self.v @ self.slack) / (self.w.size + self.v.size)

    def after(self, step: _Point, most: float = 1.0) -> _Point:
        """Return the point ``most`` of the way along a step to where the first weight, or the first rest, would be zero."""
        w, slack, v, surplus = (_room(here, change) for here, change in zip(self, step, strict=True))
        primal, dual = min(1.0, most * min(w, slack)), min(1.0, most * min(v, surplus))
        far = primal, primal, dual, dual
        return _Point(*(here + part * change for here, change, part in zip(self, step, far, strict=True)))


def interior_point(B: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (m,), (n,) of both players in the game ``B`` (m, n) with payoffs in [1, 2]: not negative, not normalised."""
    if len(B) > B.shape[1]:
        y, x = interior_point(3.0 - B.T)
        return x, y
    with np.errstate(all="ignore"):  # what is not a number is never the best
        best = _follow(B)
        polished = _polish(B, best)
    return min(((best.v, best.w), polished), key=lambda pair: _gap(B @ pair[1], pair[0] @ B, *pair))


def _follow(B: np.ndarray) -> _Point:
    """Return the iterate with the smallest duality gap."""
    m, n = B.shape
    w, v = np.full(n, 0.25 / n), np.full(m, 2.0 / m)
    point = best = _Point(w, 1.0 - B @ w, v, v @ B - 1.0)
    smallest, waited = np.inf, 0
    for _ in range(MAX_STEPS):
        pays, costs = B @ point.w, point.v @ B
        gap = _gap(pays, costs, point.v, point.w)
        waited = waited + 1 if gap >= smallest and point.v.sum() - point.w.sum() < NEAR * point.v.sum() else 0
        if gap < smallest:
            smallest, best = gap, point
        direction = _directions(B, point, pays, costs) if gap > CLOSE and waited < PATIENCE else None
        if direction is None:
            break
        mean = point.products()
        predicted = direction(-point.w * point.surplus, -point.v * point.slack)
        centre = (point.after(predicted).products() / mean) ** 3 * mean
        corrected = direction(
            centre - point.w * point.surplus - predicted.w * predicted.surplus,
            centre - point.v * point.slack - predicted.v * predicted.slack,
        )
        point = point.after(corrected, KEPT)
    return best


def _directions(B: np.ndarray, point: _Point, pays: np.ndarray, costs: np.ndarray) -> Callable[[np.ndarray, np.ndarray], _Point] | None:
    """Return what solves Newton's equations for changes of the products, or None where the factorisation fails.

    w dz + z dw and v ds + s dv are given; B dw + ds and B'dv - dz make up for what rounding has left of the constraints.
    """
    from scipy.linalg import cho_solve

    w, s, v, z = point
    factor = _factor(B, w / z, s / v)
    if factor is None:
        return None
    short, over = 1.0 - s - pays, 1.0 + z - costs

    def direction(columns: np.ndarray, rows: np.ndarray) -> _Point:
        dv = cho_solve(factor, B @ ((columns + w * over) / z) + rows / v - short, check_finite=False)
        dz = dv @ B - over
        return _Point((columns - w * dz) / z, (rows - s * dv) / v, dv, dz)

    return direction


def _factor(B: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> Any:
    """Return a Cholesky factorisation of B diag(columns) B' + diag(rows), the diagonal raised where it needs to be, or None."""
    from scipy.linalg import LinAlgError, cho_factor

    halves = B * np.sqrt(columns)
    normal = halves @ halves.T
    del halves
    diagonal = normal.diagonal().copy()
    for raised in RAISED:
        np.fill_diagonal(normal, diagonal + rows + raised * diagonal.max())
        try:
            return cho_factor(normal, lower=True, check_finite=False)
        except LinAlgError:
            continue
    return None


def _polish(B: np.ndarray, point: _Point) -> tuple[np.ndarray, np.ndarray]:
    """Return weights v, w that solve the equations of the supports, or the nearest ones that do best."""
    rows, columns = np.flatnonzero(point.v > point.slack), np.flatnonzero(point.w > point.surplus)
    if not (rows.size and columns.size):
        return point.v, point.w
    block, v, w = B[np.ix_(rows, columns)], np.zeros(point.v.size), np.zeros(point.w.size)
    v[rows], w[columns] = _solved(block.T, point.v[rows]), _solved(block, point.w[columns])
    return np.maximum(v, 0.0), np.maximum(w, 0.0)


def _solved(block: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the solution of ``block`` @ x = 1 that is nearest to ``weights``."""
    from scipy.linalg import lstsq

    if len(block) == block.shape[1]:
        try:
            exact = np.linalg.solve(block, np.ones(len(block)))
        except np.linalg.LinAlgError:
            exact = weights - 1.0
        if exact.min() >= 0.0:
            return exact
    correction: Any = lstsq(block, 1.0 - block @ weights, cond=1e-11, lapack_driver="gelsy", check_finite=False)
    return weights + correction[0]


def _room(here: np.ndarray, change: np.ndarray) -> float:
    """Return which part of a change, at most all of it, keeps everything at zero or above."""
    falls = change < 0.0
    return min(1.0, float(np.min(-here[falls] / change[falls], initial=1.0)))


def _gap(pays: np.ndarray, costs: np.ndarray, v: np.ndarray, w: np.ndarray) -> float:
    """Return the duality gap of weights in spans of the payoffs; infinite where they are none."""
    rows, columns = v.sum(), w.sum()
    gap = pays.max() / columns - costs.min() / rows if rows > 0.0 and columns > 0.0 else np.inf
    return float(gap) if np.isfinite(gap) else np.inf

"""The end of a path: from a point near an equilibrium to the equilibrium, to the last digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gametheory_rl.stochastic._continuation import Elimination
from gametheory_rl.stochastic._tracing import Tracing

EXACT = 1e-13
"""Residual, relative to the size of the values, at which Newton's method stops."""
SHRINK = 0.3
"""The parameter's first try of a ratio in `press`."""
DEEPEST = 1e-7
"""Below this the barrier costs less than rounding."""
LARGEST = 1_500
"""Unknowns up to which `nearest` decomposes the matrix of derivatives: the time grows with their cube."""
RANK = 1e-10
"""Directions in which the equations change by less, relative to the most, are free."""


def settle(curve: Tracing, x: np.ndarray, q: float) -> np.ndarray | None:
    """Return the solution at parameter ``q`` to which Newton's method leads from ``x``, or None."""
    return _solution(curve, x, q, 12, _newton_step)


def press(curve: Tracing, x: np.ndarray) -> np.ndarray:
    """Lower the parameter towards 0 by Newton's method as far as it goes; return the last point.

    Where equilibria are not isolated the equations at 0 are singular, and stepping along the tangent drowns in rounding; the
    barrier's own solution is still well defined for every small parameter, and its regret falls with the square of it.
    """
    before, here, ratio = None, x, SHRINK
    while here[-1] > DEEPEST and ratio < 0.99:
        q = ratio * here[-1]
        guess = here if before is None else here + (here - before) * ((here[-1] - q) / (before[-1] - here[-1]))
        found = settle(curve, guess, q)
        if found is None and before is not None:
            found = settle(curve, here, q)
        if found is None:
            ratio = np.sqrt(ratio)
        else:
            before, here, ratio = here, found, max(SHRINK, ratio * ratio)
    return here


def nearest(curve: Tracing, x: np.ndarray) -> np.ndarray | None:
    """Return the solution at parameter 0 to which shortest corrections lead from ``x``, or None.

    Where equilibria are not isolated, the derivatives have no inverse, and the barrier's solution lies somewhere else among them;
    corrections of least norm (A. Ben-Israel 1966) stay where the path is.
    """
    return _solution(curve, x, 0.0, 40, _shortest_step) if len(x) <= LARGEST else None


def _solution(curve: Tracing, x: np.ndarray, q: float, attempts: int, step: Callable[..., np.ndarray]) -> np.ndarray | None:
    y = x.copy()
    y[-1] = q
    last = np.inf
    for _ in range(attempts):
        residual, kept = curve.residual(y)
        size = float(np.abs(residual).max())
        if size <= EXACT * (1.0 + float(np.abs(y).max())):
            return y
        if not size < 1e2 * last:
            return None
        last = min(size, last)
        rows, columns, entries = curve.derivatives(y, kept)
        inner = columns < len(y) - 1
        try:
            y[:-1] -= step(rows[inner], columns[inner], entries[inner], residual)
        except (ArithmeticError, np.linalg.LinAlgError):
            return None
    return None


def _newton_step(rows: np.ndarray, columns: np.ndarray, entries: np.ndarray, residual: np.ndarray) -> np.ndarray:
    return Elimination(rows, columns, entries, len(residual))(residual)


def _shortest_step(rows: np.ndarray, columns: np.ndarray, entries: np.ndarray, residual: np.ndarray) -> np.ndarray:
    size = len(residual)
    dense = np.bincount(rows * size + columns, entries, minlength=size * size).reshape(size, size)
    return np.linalg.lstsq(dense, residual, rcond=RANK)[0]

"""The equilibrium that randomises most, over the convex sets of equilibria of a degenerate game."""

from __future__ import annotations

import warnings
from math import log
from typing import Any

import numpy as np

from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria._equilibrium_set import EquilibriumSet
from gametheory_rl.equilibria._zero_sum import distribution

EQUALLY_MIXED = 1e-9
"""Entropies that differ by less, in nats, tie."""


def entropies(strategies: np.ndarray) -> np.ndarray:
    """Return the entropy of each row, in nats."""
    logs = np.log(np.where(strategies > 0.0, strategies, 1.0))
    return -(strategies * logs).sum(axis=-1)


def most_mixed(found: EquilibriumSet) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the mixed actions of the largest sum of entropies among all equilibria, and how many maximal subsets tie.

    On a maximal Nash subset conv(U) x conv(V) the sum is largest where each term is: two concave maximisations.
    """
    subsets = [subset for component in found.components for subset in component.subsets]
    hulls = [(found.x[list(subset.x)], found.y[list(subset.y)]) for subset in subsets]
    # Nobody mixes more than uniformly over the actions that some corner plays.
    bounds = [sum(log(np.count_nonzero(hull.max(axis=0))) for hull in pair) for pair in hulls]
    points: dict[int, tuple[float, np.ndarray, np.ndarray]] = {}
    best = -np.inf
    for k in sorted(range(len(subsets)), key=lambda k: (-bounds[k], k)):
        if bounds[k] < best - EQUALLY_MIXED:
            break
        x, y = map(most_mixed_in, hulls[k])
        points[k] = float(entropies(x) + entropies(y)), x, y
        best = max(best, points[k][0])
    tied = sorted(k for k, point in points.items() if point[0] >= best - EQUALLY_MIXED)
    return points[tied[0]][1], points[tied[0]][2], len(tied)


def most_mixed_in(corners: np.ndarray) -> np.ndarray:
    """Return the point of largest entropy in the convex hull of the rows of ``corners`` (k, actions)."""
    if len(corners) == 1:
        return corners[0]
    import cvxpy as cp

    played = corners[:, corners.max(axis=0) > 0.0]
    weights = cp.Variable(len(corners))
    mixture: list[Any] = [cp.sum(weights) == 1, weights >= 0]
    problem = cp.Problem(cp.Maximize(cp.sum(cp.entr(played.T @ weights))), mixture)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an answer may be inaccurate: any weights give an equilibrium
        problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-12, tol_gap_rel=1e-12, tol_feas=1e-12)
    if weights.value is None:
        raise SolverError(f"cvxpy ended with {problem.status!r} and no mixture; choose another rule than 'max_entropy'")
    return distribution(distribution(np.asarray(weights.value)) @ corners)

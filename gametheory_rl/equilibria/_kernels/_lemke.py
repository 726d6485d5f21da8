"""Linear complementarity by Lemke's method: w = q + M z, w, z >= 0, w'z = 0, on a full tableau with lexicographic ties.

An artificial column makes the start feasible: w = q + M z + d t. Pivots then bring in the complement of what left, until t leaves
(C. E. Lemke 1965). The columns of w in the tableau are the inverse of the basis, which is what breaks ties (R. W. Cottle,
J.-S. Pang & R. E. Stone, "The linear complementarity problem", 1992, section 4.9).
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel

SMALLEST_PIVOT = 1e-10
"""Entries of the entering column below this are taken for zero (entries of M are of order 1)."""
TIES = 1e-12
"""Ratios closer than this are a tie."""


@kernel
def lemke(M, q, d, budget, basis):
    """Follow the path; fills ``basis`` (N,) int64 and returns the pivots made, or -1 where the path was lost.

    M (N, N), q (N,), d (N,) positive: float64, C-contiguous. Labels: w is 0 .. N-1, z is N .. 2N-1. At the end ``basis`` says
    which variable is positive in each row; its values solve a linear system, which the caller does.
    """
    size = len(q)
    width = 2 * size + 2
    tableau = np.zeros((size, width))
    for r in range(size):
        tableau[r, r] = 1.0
        for k in range(size):
            tableau[r, size + k] = -M[r, k]
        tableau[r, width - 2] = -d[r]
        tableau[r, width - 1] = q[r]
        basis[r] = r
    row = 0
    for r in range(1, size):  # the last of equals: its perturbation is the smallest
        if q[r] / d[r] <= q[row] / d[row]:
            row = r
    if q[row] >= 0.0:
        return 0
    entering = width - 2
    for pivots in range(budget):
        _pivot(tableau, row, entering)
        left = basis[row]
        basis[row] = entering
        if left == width - 2:
            return pivots + 1
        entering = left + size if left < size else left - size
        row = _leaving(tableau, basis, entering)
        if row < 0:
            return -1
    return -1


@inline_kernel
def _pivot(tableau, row, column):
    """Make ``column`` the unit vector of ``row``."""
    size, width = tableau.shape
    inverse = 1.0 / tableau[row, column]
    pivot_row = tableau[row]
    for k in range(width):
        pivot_row[k] *= inverse
    pivot_row[column] = 1.0
    for r in range(size):
        factor = tableau[r, column]
        if r != row and factor != 0.0:
            other = tableau[r]
            for k in range(width):
                other[k] -= factor * pivot_row[k]
            other[column] = 0.0


@inline_kernel
def _leaving(tableau, basis, column):
    """Return the row of the lexicographic ratio test, -1 where there is none; the artificial variable goes first among equals."""
    size, width = tableau.shape
    best, least = -1, np.inf
    for r in range(size):
        if tableau[r, column] > SMALLEST_PIVOT:
            ratio = tableau[r, width - 1] / tableau[r, column]
            tie = abs(ratio - least) <= TIES * max(1.0, abs(ratio))
            if tie and best >= 0:
                if basis[best] != width - 2 and (basis[r] == width - 2 or _before(tableau, r, best, column)):
                    best, least = r, min(ratio, least)
            elif ratio < least:
                best, least = r, ratio
    return best


@inline_kernel
def _before(tableau, r, s, column):
    """Whether row r comes before row s in the order of the columns of w, each divided by its entry in ``column``."""
    for k in range(tableau.shape[0]):
        difference = tableau[r, k] / tableau[r, column] - tableau[s, k] / tableau[s, column]
        if abs(difference) > TIES:
            return difference < 0.0
    return False

"""Linear complementarity by Lemke's method: w = q + M z, w, z >= 0, w'z = 0, on a full tableau with lexicographic ties.

An artificial column makes the start feasible: w = q + M z + d t. Pivots then bring in the complement of what left, until t leaves
(C. E. Lemke 1965). The columns of w in the tableau are the inverse of the basis, which is what breaks ties (R. W. Cottle,
J.-S. Pang & R. E. Stone, "The linear complementarity problem", 1992, section 4.9).
"""

from gametheory_rl._support._compile import inline_kernel, kernel

SMALLEST_PIVOT = 1e-9
"""Entries of the entering column below this are taken for zero (entries of M are of order 1)."""
TIES = 1e-12
"""Ratios are a tie if their difference, times both denominators, is below this: zeros are many, and rounding blurs them."""


DONE, LOST = -1, -2


@kernel
def lemke(tableau, basis, entering, budget):
    """Make up to ``budget`` pivots; return the label to enter next, ``DONE`` at a solution, ``LOST`` where no row can leave.

    tableau (N, 2N + 2) float64, C-contiguous: the columns of w, z, t and the right-hand side in terms of ``basis`` (N,) int64, the
    labels of the rows; both change in place. Labels: w is 0 .. N-1, z is N .. 2N-1, t is 2N, which enters first.
    """
    size, width = tableau.shape
    for _ in range(budget):
        row = _first(tableau) if entering == width - 2 else _leaving(tableau, basis, entering)
        if row < 0:
            return LOST
        _pivot(tableau, row, entering)
        left = basis[row]
        basis[row] = entering
        if left == width - 2:
            return DONE
        entering = left + size if left < size else left - size
    return entering


@inline_kernel
def _first(tableau):
    """Return the row that t makes feasible last, and with it all; the last of equals, for its perturbation is the smallest."""
    size, width = tableau.shape
    row = 0
    for r in range(1, size):
        if tableau[r, width - 1] / tableau[r, width - 2] >= tableau[row, width - 1] / tableau[row, width - 2]:
            row = r
    return row


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
    best = -1
    for r in range(size):
        if tableau[r, column] > SMALLEST_PIVOT:
            if best < 0:
                best = r
                continue
            order = _difference(tableau, r, best, column, width - 1)
            if abs(order) > TIES:
                if order < 0.0:
                    best = r
            elif basis[best] != width - 2 and (basis[r] == width - 2 or _before(tableau, r, best, column)):
                best = r
    return best


@inline_kernel
def _before(tableau, r, s, column):
    """Whether row r comes before row s in the order of the columns of w, each divided by its entry in ``column``."""
    for k in range(tableau.shape[0]):
        order = _difference(tableau, r, s, column, k)
        if abs(order) > TIES:
            return order < 0.0
    return False


@inline_kernel
def _difference(tableau, r, s, column, k):
    """Return a number with the sign of the difference of entries k of rows r and s, each divided by its entry in ``column``."""
    return tableau[r, k] * tableau[s, column] - tableau[s, k] * tableau[r, column]

"""The distribution with the greatest least worth among those that obey, by the dual simplex method on a condensed tableau.

Maximise min_k worth[k] @ p over p >= 0, sum(p) = 1, rows @ p >= 0. With worth moved above 0 the sum may be below 1 as well: what
obeys is a cone, so that the best p has the sum 1, or is 0 where nothing else obeys. The tableau holds, for s the least worth,

    s - worth[k] @ p <= 0,   -rows @ p <= 0,   sum(p) <= 1,   maximise s,   s and p >= 0,

as its columns that are not basic (A. W. Tucker's exchange form). Two exchanges make it dual feasible whatever the numbers: s for
the goal whose largest worth is smallest, and that joint action for the sum. So there is no phase one: the dual simplex method
(C. E. Lemke 1954) starts from the best joint action of that goal and ends when nobody disobeys, at once where nobody does there.

Ties of the ratio test go to the largest pivot, which is stable but may cycle; a step budget hands over to Bland's rule (1977), and
what that does not end is left to other methods. Answers are judged by whoever asked, from ``worth`` and ``rows`` alone.
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl.equilibria._kernels._simplex import exchange

BEST, NOTHING, LOST = 0, 1, 2
"""How it ended: at the optimum, at p = 0 because no distribution obeys, or without a pivot or a step left."""
ABOVE = 2.0
"""Added to worth, which lies in [-1, 1]."""
PIVOT_TOLERANCE = 1e-10
"""Entries of the leaving row above minus this are taken for zero; ``worth`` and ``rows`` have entries up to 1 in size."""
OBEYED = 1e-13
"""Right-hand sides above minus this are not negative."""
CLEAR = 1e-9
"""A right-hand side below minus this in a row without a pivot is no rounding: digits were lost."""
TIE_TOLERANCE = 1e-12
"""Ratios closer than this are a tie."""


@kernel
def greatest_least(worth, rows):
    """Solve one program: worth (K, cells), rows (R, cells), float64, C-contiguous, entries in [-1, 1].

    Returns drawn (cells,), multipliers (K + R,) of the goals and of the rows, and how it ended.
    """
    goals, cells = worth.shape
    count = goals + len(rows)
    drawn, multipliers = np.empty(cells), np.empty(count)
    tableau, basis = np.empty((count + 2, cells + 2)), np.empty(count + cells + 2, np.int64)
    ended = greatest_least_into(worth, goals, rows, len(rows), drawn, multipliers, tableau, basis)
    return drawn, multipliers, ended


@inline_kernel
def greatest_least_into(worth, goals, rows, told, drawn, multipliers, tableau, basis):
    """Solve for the leading ``goals`` and ``told`` rows; fills drawn (cells,) and multipliers (>= goals + told,).

    ``tableau`` (>= goals + told + 2, >= cells + 2) and ``basis`` (>= goals + told + cells + 2,) int64 are scratch.
    """
    height, width = goals + told + 1, drawn.size + 1
    goal, cell = _fill(worth, goals, rows, told, tableau, basis, width)
    _pivot(tableau, basis, height, width, goal, 0)
    _pivot(tableau, basis, height, width, height - 1, cell + 1)
    ended = _until_obeyed(tableau, basis, height, width)
    drawn[:] = 0.0
    multipliers[: height - 1], total = 0.0, 0.0
    for i in range(height):
        j = basis[i] - height - 1  # label ``height`` is s
        if j >= 0:
            drawn[j] = max(tableau[i, width], 0.0)
            total += drawn[j]
    for j in range(width):
        i = basis[height + j]
        if i < height - 1:
            multipliers[i] = max(tableau[height, j], 0.0)
    return NOTHING if ended == BEST and total < 0.5 else ended


@inline_kernel
def _fill(worth, goals, rows, told, tableau, basis, width):
    """Write the tableau with every slack basic; returns the goal whose largest worth is smallest, and where that is."""
    height = goals + told + 1
    goal, cell, least = 0, 0, np.inf
    for k in range(goals):
        entries, worths = tableau[k], worth[k]
        entries[0], entries[width] = 1.0, 0.0
        best, place = -np.inf, 0
        for j in range(width - 1):
            entries[j + 1] = -worths[j] - ABOVE
            if worths[j] > best:
                best, place = worths[j], j
        if best < least:
            least, goal, cell = best, k, place
    for i in range(told):
        entries, obeys = tableau[goals + i], rows[i]
        entries[0], entries[width] = 0.0, 0.0
        for j in range(width - 1):
            entries[j + 1] = -obeys[j]
    total, costs = tableau[height - 1], tableau[height]
    for j in range(width + 1):
        total[j], costs[j] = 1.0, 0.0
    total[0], costs[0] = 0.0, -1.0
    for k in range(height + width):
        basis[k] = k
    return goal, cell


@inline_kernel
def _pivot(tableau, basis, height, width, p, q):
    exchange(tableau, height, width, p, q)
    basis[p], basis[height + q] = basis[height + q], basis[p]


@inline_kernel
def _until_obeyed(tableau, basis, height, width):
    """Exchange until no right-hand side is negative; returns how it ended."""
    budget = 4 * (height + width) + 20
    for step in range(3 * budget):
        bland = step >= budget
        p = _leaving(tableau, basis, height, width, bland)
        if p < 0:
            return BEST
        q = _entering(tableau, basis, height, width, p, bland)
        if q >= 0:
            _pivot(tableau, basis, height, width, p, q)
        elif tableau[p, width] < -CLEAR:
            return LOST
        else:
            tableau[p, width] = 0.0
    return LOST


@inline_kernel
def _leaving(tableau, basis, height, width, bland):
    """Return the row to leave, or -1 at the optimum: most negative right-hand side, or Bland's least label."""
    p, least, label = -1, -OBEYED, height + width
    for i in range(height):
        value = tableau[i, width]
        if bland:
            if value < -OBEYED and basis[i] < label:
                label, p = basis[i], i
        else:
            p = i if value < least else p
            least = value if value < least else least
    return p


@inline_kernel
def _entering(tableau, basis, height, width, p, bland):
    """Return the column of the dual ratio test, or -1 where row p has no negative entry."""
    row, costs = tableau[p, :width], tableau[height, :width]
    least = np.inf
    for j in range(row.size):
        size, cost = -row[j], costs[j]
        ratio = (cost if cost > 0.0 else 0.0) / (size if size > PIVOT_TOLERANCE else 1.0)
        ratio = ratio if size > PIVOT_TOLERANCE else np.inf
        least = ratio if ratio < least else least
    q, largest, label = -1, 0.0, height + width
    for j in range(row.size):
        size = -row[j]
        if size > PIVOT_TOLERANCE and costs[j] <= (least + TIE_TOLERANCE) * size:
            if bland and basis[height + j] < label:
                label, q = basis[height + j], j
            if not bland and size > largest:
                largest, q = size, j
    return q

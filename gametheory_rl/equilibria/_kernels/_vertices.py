"""Every vertex of {v >= 0, M v <= 1} by reverse search.

The simplex method with R. Bland's rule (1977), minimising a cost that is positive on every variable, leads from each vertex to
v = 0 along one path. Followed backwards from v = 0, these paths are a tree that holds every vertex once, so nothing need be
remembered but the way back to the root (D. Avis & K. Fukuda 1992). The tableau is condensed: only the columns that are not basic
are kept (A. W. Tucker's exchange form). Each step down the tree is computed from the tableau above it, so that errors do not add
up beyond the depth of the tree, and a step back costs nothing.

Variables and constraints have labels; a variable's is tight where it is 0, a constraint's where it binds.

Arithmetic. ``whole`` False: payoffs are floats, and a vertex is accepted only if the signs of all its slacks are beyond what
the residuals of its binding constraints leave open; whatever is closer to a tie ends the search with ``SUSPECT``. ``whole``
True: the entries of M are integers, so every entry of a tableau times the determinant of its basis is one too. That product is
rounded after each pivot: numbers are exact, ties are decided, and broken lexicographically (degenerate vertices are then
met once for each of their bases in the perturbed polytope). Where a product is not close to an integer the search ends with ``LOST``.
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel

DONE, SUSPECT, LOST, MANY, DEEP = 0, 1, 2, 3, 4
"""How a search ends: all found, a tie that floats cannot decide, integers too large, no room for more vertices or for more depth."""
RESIDUAL = 2e-14
"""What rounding can leave of a residual that is computed as zero (entries of M lie in [1, 2])."""
NEAR = 1e-11
"""Differences of reduced costs or ratios below this, relative to their terms, are not trusted."""
NEAR_INTEGER = 0.02
"""How far from an integer a numerator may be computed."""
LARGEST_NUMERATOR = 1e13
"""Numerators beyond this lose their last digits in float64."""
GOLDEN = 0.6180339887498949
"""Multiples of it, modulo 1, make costs that no polytope has a reason to know."""


@kernel
def polytope_vertices(matrix, costs, variable, slack, whole, levels, points, tight):
    """Fill points (V, columns) and tight (V, words) uint64, bit sets of labels; returns how many, and how the search ended.

    matrix (rows, columns), costs (columns,): float64, C-contiguous, positive, ``costs`` integers where ``whole``. The variables'
    labels start at ``variable``, the constraints' at ``slack``. ``levels`` is the depth allowed; v = 0 is left out.
    """
    rows, columns = matrix.shape
    tableaux, labels = np.empty((levels, rows + 1, columns + 1)), np.empty((levels, rows + columns), np.int64)
    determinants, nexts, left = np.ones(levels), np.zeros(levels, np.int64), np.empty(rows)
    _root(matrix, costs, variable, slack, tableaux[0], labels[0])
    depth, count = 0, 0
    while depth >= 0:
        q = nexts[depth]
        if q == columns:
            depth -= 1
            continue
        nexts[depth] = q + 1
        tableau = tableaux[depth]
        if not tableau[rows, q] > 0.0:
            continue
        p, near = _leaving(tableau, labels[depth], q, slack, determinants[depth], whole)
        determinant = determinants[depth] * tableau[p, q]
        child, close = _is_child(tableau, labels[depth], p, q, determinant, whole)
        if near or close:
            return count, SUSPECT
        if not child:
            continue
        if count == points.shape[0]:
            return count, MANY
        if depth + 1 == levels:
            return count, DEEP
        depth += 1
        _exchange(tableau, tableaux[depth], p, q)
        _relabel(labels[depth - 1], labels[depth], p, rows + q)
        nexts[depth], determinants[depth] = 0, np.rint(determinant)
        if whole and not _round(tableaux[depth], determinants[depth]):
            return count, LOST
        _record(tableaux[depth], labels[depth], variable, points[count], tight[count], whole)
        if not whole and not _certain(matrix, tableaux[depth], labels[depth], variable, slack, points[count], left):
            return count, SUSPECT
        count += 1
    return count, DONE


@inline_kernel
def _root(matrix, costs, variable, slack, tableau, labels):
    rows, columns = matrix.shape
    for r in range(rows):
        for c in range(columns):
            tableau[r, c] = matrix[r, c]
        tableau[r, columns] = 1.0
        labels[r] = slack + r
    for c in range(columns):
        tableau[rows, c] = costs[c]
        labels[rows + c] = variable + c
    tableau[rows, columns] = 0.0


@inline_kernel
def _leaving(tableau, labels, q, slack, determinant, whole):
    """Return the row of the ratio test for column q, and whether floats leave it open."""
    rows, last = tableau.shape[0] - 1, tableau.shape[1] - 1
    least, second, p, tiny = np.inf, np.inf, 0, 0.0 if whole else 1e-13
    for r in range(rows):
        u = tableau[r, q]
        ratio = tableau[r, last] / u if u > tiny else np.inf
        larger = least if ratio < least else ratio
        second = larger if larger < second else second
        p = r if ratio < least else p
        least = ratio if ratio < least else least
    if second - least > 1e-7 * least:
        return p, False
    if not whole:
        return p, _near_tie(tableau, p, q)
    for r in range(rows):
        if r != p and tableau[r, q] > 0.0 and _comes_before(tableau, labels, r, p, q, slack, determinant):
            p = r
    return p, False


@inline_kernel
def _near_tie(tableau, p, q):
    """Whether after the exchange some basic variable would be nearer to zero than rounding allows to tell."""
    rows, last = tableau.shape[0] - 1, tableau.shape[1] - 1
    for r in range(rows):
        factor = tableau[r, q] / tableau[p, q]
        if r != p and abs(tableau[r, last] - factor * tableau[p, last]) <= NEAR * (tableau[r, last] + abs(factor) * tableau[p, last]):
            return True
    return False


@inline_kernel
def _comes_before(tableau, labels, r, p, q, slack, determinant):
    """Whether row r leaves rather than row p: least ratio, then for constraints perturbed to 1 + e, 1 + e^2, ..."""
    rows, columns = tableau.shape[0] - 1, tableau.shape[1] - 1
    of_r, of_p = tableau[r, q], tableau[p, q]
    # Differences of products of entries, times the determinant, are integers.
    difference = (tableau[r, columns] * of_p - tableau[p, columns] * of_r) * determinant
    if abs(difference) > 0.5:
        return difference < 0.0
    for label in range(slack, slack + rows):
        place = 0
        while labels[place] != label:
            place += 1
        if place < rows:
            first_r, first_p = 1.0 if place == r else 0.0, 1.0 if place == p else 0.0
        else:
            first_r, first_p = tableau[r, place - rows], tableau[p, place - rows]
        difference = (first_r * of_p - first_p * of_r) * determinant
        if abs(difference) > 0.5:
            return difference < 0.0
    return r < p


@inline_kernel
def _is_child(tableau, labels, p, q, determinant, whole):
    """Whether Bland's rule at the vertex beyond column q leads back here, and whether floats leave that open."""
    rows, columns = tableau.shape[0] - 1, tableau.shape[1] - 1
    back = labels[p]
    cost = tableau[rows, q] / tableau[p, q]
    for c in range(columns):
        if c == q or labels[rows + c] > back:
            continue
        here, change = tableau[rows, c], cost * tableau[p, c]
        reduced = here - change
        margin = 0.5 / determinant if whole else NEAR * (abs(here) + abs(change))
        if reduced < -margin:
            return False, False
        if reduced <= margin and not whole:
            return False, True
    return True, False


@inline_kernel
def _exchange(above, below, p, q):
    """Write the tableau after a pivot at (p, q) of the one ``above``."""
    p, q = np.uint64(p), np.uint64(q)
    pivot_row, inverse = above[p], 1.0 / above[p, q]
    for r in range(above.shape[0]):
        row, new = above[r], below[r]
        factor = row[q] * inverse
        for c in range(new.size):
            new[c] = row[c] - factor * pivot_row[c]
        new[q] = -factor
    new = below[p]
    for c in range(new.size):
        new[c] = pivot_row[c] * inverse
    new[q] = inverse


@inline_kernel
def _relabel(above, below, p, q):
    for k in range(above.size):
        below[k] = above[k]
    below[p], below[q] = above[q], above[p]


@inline_kernel
def _round(tableau, determinant):
    """Round every entry to a multiple of 1 / determinant; returns whether each was close to one."""
    worst, largest = 0.0, abs(determinant)
    for r in range(tableau.shape[0]):
        row = tableau[r]
        for c in range(row.size):
            numerator = row[c] * determinant
            rounded = np.rint(numerator)
            worst = max(worst, abs(numerator - rounded))
            largest = max(largest, abs(rounded))
            row[c] = rounded / determinant
    return worst <= NEAR_INTEGER and largest <= LARGEST_NUMERATOR


@inline_kernel
def _record(tableau, labels, variable, point, tight, whole):
    """Write a vertex and its tight labels; exact zeros of basic variables are tight as well."""
    rows, columns = tableau.shape[0] - 1, tableau.shape[1] - 1
    for c in range(columns):
        point[c] = 0.0
    for w in range(tight.size):
        tight[w] = np.uint64(0)
    for k in range(rows + columns):
        label = labels[k]
        if k < rows:
            value = tableau[k, columns]
            if 0 <= label - variable < columns:
                point[label - variable] = value
            if not whole or value != 0.0:
                continue
        tight[label >> 6] |= np.uint64(1) << np.uint64(label & 63)


@inline_kernel
def _certain(matrix, tableau, labels, variable, slack, point, left):
    """Whether rounding leaves no sign open at this vertex: of no basic variable and of no reduced cost."""
    rows, columns = tableau.shape[0] - 1, tableau.shape[1] - 1
    for r in range(rows):
        constraint, total = matrix[r], 1.0
        for c in range(columns):
            total -= constraint[c] * point[c]
        left[r] = total
    residual, largest = RESIDUAL, 0.0
    for c in range(columns):
        r = labels[rows + c] - slack
        if 0 <= r < rows:
            residual = max(residual, abs(left[r]))
    for r in range(rows):
        row, action, spread = tableau[r], labels[r] - variable, 1.0
        for c in range(columns):
            spread += abs(row[c])
        value = point[action] if 0 <= action < columns else left[labels[r] - slack]
        if not value > 4.0 * residual * spread:
            return False
        largest = max(largest, spread)
    smallest = np.inf
    for c in range(columns):
        smallest = min(smallest, abs(tableau[rows, c]))
    return smallest > 10.0 * residual * largest

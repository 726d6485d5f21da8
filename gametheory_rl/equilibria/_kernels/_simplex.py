"""One zero-sum stage game by the simplex method on a condensed (Tucker) tableau.

The payoffs are mapped to B = (A - min) / (max - min) + 1, which lies in [1, 2], so that no answer depends on the scale or the
offset of A. Then max sum(w), B w <= 1, w >= 0 has value 1 / value(B), the slacks are a feasible start (no phase one), w is the
column player's strategy up to scale and the dual is the row player's. Only the (m+1) x (n+1) block of non-basic columns is kept
(A. W. Tucker's exchange form; G. B. Dantzig, "A proof of the equivalence of the programming problem and the game problem", 1951).

Ties of the ratio test are broken lexicographically (Dantzig, Orden & Wolfe 1955). In floating point that too can cycle, so a
step budget hands over to Bland's rule (1977), and the answer is judged on the original matrix whatever happened before.
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl.equilibria._kernels._certify import safe_scale, value_bounds

PIVOT_TOLERANCE = 1e-10
"""Entries of the entering column below this are taken for zero (B lies in [1, 2])."""
COST_TOLERANCE = 2e-14
"""A reduced cost above minus this is optimal; what it leaves in the gap is at most twice this, in spans."""
TIE_TOLERANCE = 1e-13
"""Ratios closer than this are a tie."""
GAP_WANTED = 2e-15
"""Gaps above this, in spans, are worth a step of iterative refinement."""


def workspace(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the scratch that ``minimax_into`` needs for games up to ``rows`` x ``columns``: tableau, basis."""
    return np.empty((rows + 1, columns + 1)), np.empty(rows + columns, np.int64)


@kernel
def minimax_into(matrix, rows, columns, x, y, tableau, basis):
    """Solve the leading ``rows`` x ``columns`` block of ``matrix`` for the maximising row player.

    Parameters
    ----------
    matrix : (>= rows, >= columns) float64, C-contiguous, finite
    x, y : (>= rows,), (>= columns,) float64
        Filled with the optimal mixed actions in their leading entries.
    tableau, basis : scratch, see ``workspace``; contents are lost.

    Returns
    -------
    lower, upper : float
        min_j (x'A)_j and max_i (A y)_i on the original matrix: the value lies between them, up to rounding.
    """
    low, high, maximin, minimax, column = _pure(matrix, rows, columns, x, y, tableau)
    if maximin == minimax:
        return minimax, minimax
    scale = safe_scale(low, high)
    base = low * scale
    inverse = 1.0 / (high * scale - base)
    lower, upper = low, high
    # The second attempt uses Bland's rule from the start; it is reached by badly rounded games only.
    for attempt in range(2):
        _fill(matrix, rows, columns, scale, base, inverse, tableau, basis)
        _pivot_to_optimum(tableau, basis, rows, columns, column, attempt == 1)
        total = _read(tableau, basis, rows, columns, x, y)
        lower, upper = value_bounds(matrix, rows, columns, scale, base, x, y, tableau[rows, :columns])
        gap = (upper - lower) * inverse
        for _ in range(3):
            if gap <= GAP_WANTED:
                break
            _refine(matrix, rows, columns, scale, base, inverse, total, x, y, tableau, basis)
            lower, upper = value_bounds(matrix, rows, columns, scale, base, x, y, tableau[rows, :columns])
            if (upper - lower) * inverse >= gap:
                break
            gap = (upper - lower) * inverse
        if gap <= 1e-12:
            break
    lower, upper = (base + lower) / scale, (base + upper) / scale
    # A convex combination leaves [low, high] by rounding only, which matters where it would overflow.
    return min(max(lower, low), high), min(max(upper, low), high)


@inline_kernel
def _pure(matrix, rows, columns, x, y, tableau):
    """Return min, max, pure maximin, pure minimax and its column; fills x, y where the last two agree, at a saddle point."""
    low, maximin, best_row = np.inf, -np.inf, 0
    tops = tableau[rows, :columns]
    for j in range(tops.size):
        tops[j] = -np.inf
    for i in range(rows):
        payoffs = matrix[i, :columns]
        smallest = np.inf
        for j in range(tops.size):
            a = payoffs[j]
            smallest = a if a < smallest else smallest
            tops[j] = a if a > tops[j] else tops[j]
        low = smallest if smallest < low else low
        best_row = i if smallest > maximin else best_row
        maximin = smallest if smallest > maximin else maximin
    high, minimax, best_column = -np.inf, np.inf, 0
    for j in range(tops.size):
        top = tops[j]
        high = top if top > high else high
        best_column = j if top < minimax else best_column
        minimax = top if top < minimax else minimax
    if maximin == minimax:
        for i in range(rows):
            x[i] = 1.0 if i == best_row else 0.0
        for j in range(columns):
            y[j] = 1.0 if j == best_column else 0.0
    return low, high, maximin, minimax, best_column


@inline_kernel
def _fill(matrix, rows, columns, scale, base, inverse, tableau, basis):
    """Write the first tableau: slacks basic (label i), strategies of the column player not (label rows + j)."""
    for i in range(rows):
        payoffs, entries = matrix[i, :columns], tableau[i]
        for j in range(payoffs.size):
            entries[j] = (payoffs[j] * scale - base) * inverse + 1.0
        entries[columns] = 1.0
    costs = tableau[rows]
    for j in range(columns):
        costs[j] = -1.0
    costs[columns] = 0.0
    for k in range(rows + columns):
        basis[k] = k


@inline_kernel
def _pivot_to_optimum(tableau, basis, rows, columns, q, bland):
    """Exchange until no reduced cost is negative, column ``q`` first; True unless the step budget ran out."""
    budget = 8 * (rows + columns) + 40
    for step in range(4 * budget):
        slow = bland or step >= budget
        p = _leaving(tableau, basis, rows, columns, q, slow)
        if p < 0:
            tableau[rows, q] = 0.0  # unbounded cannot happen here: the column is noise
        else:
            exchange(tableau, rows, columns, p, q)
            basis[p], basis[rows + q] = basis[rows + q], basis[p]
        q = _entering(tableau, basis, rows, columns, slow)
        if q < 0:
            return True
    return False


@inline_kernel
def _entering(tableau, basis, rows, columns, bland):
    """Return the column to enter, or -1 at the optimum: most negative cost, or Bland's least label."""
    costs = tableau[rows, :columns]
    q, best = -1, -COST_TOLERANCE
    if not bland:
        for j in range(costs.size):
            cost = costs[j]
            q = j if cost < best else q
            best = cost if cost < best else best
        return q
    label = rows + columns
    for j in range(columns):
        if costs[j] < best and basis[rows + j] < label:
            label, q = basis[rows + j], j
    return q


@inline_kernel
def _leaving(tableau, basis, rows, columns, q, bland):
    """Return the row of the ratio test, or -1 where the column has no positive entry.

    Written with selects instead of branches: which row wins is anyone's guess, the processor's too.
    """
    least, second, p = np.inf, np.inf, -1
    for i in range(rows):
        ratio = _ratio(tableau, columns, i, q)
        larger = least if ratio < least else ratio
        second = larger if larger < second else second
        p = i if ratio < least else p
        least = ratio if ratio < least else least
    if second > least + TIE_TOLERANCE or p < 0:
        return p
    for i in range(rows):
        if i != p and _ratio(tableau, columns, i, q) <= least + TIE_TOLERANCE:
            better = basis[i] < basis[p] if bland else _lexicographically_less(tableau, basis, rows, columns, q, i, p)
            p = i if better else p
    return p


@inline_kernel
def _ratio(tableau, columns, i, q):
    u, b = tableau[i, q], tableau[i, columns]
    ratio = (b if b > 0.0 else 0.0) / (u if u > PIVOT_TOLERANCE else 1.0)
    return ratio if u > PIVOT_TOLERANCE else np.inf


@inline_kernel
def _lexicographically_less(tableau, basis, rows, columns, q, i, k):
    """Compare rows i and k of [basis inverse] divided by their entries in column q, last slack first.

    Last first agrees with the first exchange, which takes the first of the tied rows.
    """
    for s in range(rows - 1, -1, -1):
        place = 0
        while basis[place] != s:
            place += 1
        if place < rows:
            of_i, of_k = 1.0 if place == i else 0.0, 1.0 if place == k else 0.0
        else:
            of_i, of_k = tableau[i, place - rows], tableau[k, place - rows]
        difference = of_i / tableau[i, q] - of_k / tableau[k, q]
        if abs(difference) > TIE_TOLERANCE:
            return difference < 0.0
    return i < k


@inline_kernel
def exchange(tableau, rows, columns, p, q):
    """Make the column's variable basic in row p: one Tucker pivot over the whole tableau.

    Rows are taken as slices and p, q as unsigned, so that the inner loop has no index checks and is vectorised.
    """
    p, q = np.uint64(p), np.uint64(q)
    inverse = 1.0 / tableau[p, q]
    row = tableau[p, : columns + 1]
    for i in range(np.uint64(rows + 1)):
        if i != p:
            other = tableau[i, : columns + 1]
            factor = other[q] * inverse
            for j in range(row.size):
                other[j] -= factor * row[j]
            other[q] = -factor
    for j in range(row.size):
        row[j] *= inverse
    row[q] = inverse


@inline_kernel
def _read(tableau, basis, rows, columns, x, y):
    """Read both strategies off the tableau; returns the optimal sum of weights, 1 / value(B)."""
    for i in range(rows):
        label = basis[i]
        if label < rows:
            x[label] = 0.0
        else:
            y[label - rows] = tableau[i, columns]
    for j in range(columns):
        label = basis[rows + j]
        if label < rows:
            x[label] = tableau[rows, j]
        else:
            y[label - rows] = 0.0
    _normalise(x, rows)
    _normalise(y, columns)
    return tableau[rows, columns]


@inline_kernel
def _normalise(weights, count):
    """Clip negative weights and divide by the sum, in place."""
    total = 0.0
    for k in range(count):
        weights[k] = max(weights[k], 0.0)
        total += weights[k]
    if not total > 0.0:
        total = 0.0
        for k in range(count):
            weights[k] = 1.0
            total += 1.0
    for k in range(count):
        weights[k] /= total


@inline_kernel
def _refine(matrix, rows, columns, scale, base, inverse, total, x, y, tableau, basis):
    """Correct both strategies by one step of iterative refinement.

    The tableau holds the inverse of the basis: row of a basic strategy, column of a non-basic slack. Residuals
    of B w = 1 come from the original matrix and go to the cost row and the last column, which are no longer needed.
    """
    for c in range(columns):
        i = basis[rows + c]
        residual = 0.0
        if i < rows:
            residual = 1.0
            for j in range(columns):
                residual -= total * y[j] * ((matrix[i, j] * scale - base) * inverse + 1.0)
        tableau[rows, c] = residual
    for r in range(rows):
        j = basis[r] - rows
        residual = 0.0
        if j >= 0:
            residual = 1.0
            for i in range(rows):
                residual -= total * x[i] * ((matrix[i, j] * scale - base) * inverse + 1.0)
        tableau[r, columns] = residual
    for r in range(rows):
        if basis[r] >= rows:
            for c in range(columns):
                i = basis[rows + c]
                if i < rows:
                    y[basis[r] - rows] += tableau[r, c] * tableau[rows, c] / total
                    x[i] += tableau[r, c] * tableau[r, columns] / total
    _normalise(x, rows)
    _normalise(y, columns)

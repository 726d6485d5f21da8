"""The Lemke-Howson path of bimatrix games on two condensed tableaux, one game after the other.

Labels 0 .. m-1 are the row player's actions, m .. m+n-1 the column player's. With payoffs mapped to A, B in [1, 2] the first
tableau holds B'x <= 1 (columns: x, labels 0 .. m-1; rows: slacks, labels m ..), the second A y <= 1 (columns: y; rows: slacks).
So each tableau holds every label once, as a row or as a column; only the columns that are not basic are kept (A. W. Tucker's
exchange form). The path drops one label and pivots in turn: the label that left one tableau enters the other, until the
dropped label leaves (C. E. Lemke & J. T. Howson 1964; B. von Stengel, "Computing equilibria for two-person games", 2002).

Ties of the ratio test are broken lexicographically (von Stengel 2002, section 2.6). In floating point that can still cycle or
go astray, so the path has a budget, and every answer is judged on the payoffs themselves.
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel, linked_kernel
from gametheory_rl.equilibria._kernels._certify import extremes
from gametheory_rl.equilibria._kernels._replies import earnings, units
from gametheory_rl.equilibria._kernels._simplex import exchange

PIVOT_TOLERANCE = 1e-10
"""Entries of the entering column below this are taken for zero (payoffs lie in [1, 2])."""
REGRET_ACCEPTED = 1e-12
"""Largest regret, in spans of the player's payoffs, of an answer that is returned."""
REGRET_WANTED = 4e-15
"""A regret above this, in spans, is worth a step of iterative refinement."""
FIRST_CAP, LAST_CAP = 10, 1280
"""Pivots that a path may take at first, and at last, where the shortest is wanted (10: B. Codenotti, S. De Rossi & M. Pagan 2008)."""


@linked_kernel
def lemke_howson_each(A, B, of_a, of_b, labels, which, budget, ties, x, y, values, regret, length, fine):
    """Solve the games numbered in ``which`` (int64); fills their entries of labels, x, y, values, regret, length, fine.

    A (G, m, n), B (H, m, n), x (K, m), y (K, n), values (2, K), regret (K,): float64, C-contiguous; of_a, of_b (K,): which
    matrices are game k's; labels, length (K,): the label dropped first and the pivots made; all int64. A negative label asks for
    whichever path ends soonest: all labels are tried in turn for ``FIRST_CAP`` pivots, then for twice as many, and so on, and the
    one that ended is written. Paths of more pivots than ``budget`` are lost; ratios that differ by less than ``ties``, relative to
    their size where that is above 1, are a tie. fine (K,) bool: the answer is an equilibrium within ``REGRET_ACCEPTED``. A game
    with an entry that is not finite is not fine.
    """
    rows, columns = A.shape[1], A.shape[2]
    flat_a, flat_b = A.reshape(-1), B.reshape(-1)
    first, second = np.empty((columns, rows + 1)), np.empty((rows, columns + 1))
    first_rows, second_rows = np.empty(columns, np.int64), np.empty(rows, np.int64)
    first_places, second_places = np.empty(rows + columns, np.int64), np.empty(rows + columns, np.int64)
    spare = np.empty(first.size + second.size if which.size and labels[which[0]] < 0 else 0)
    for k in which:
        a, b = of_a[k], of_b[k]
        low_a, high_a, finite_a = extremes(A[a], rows, columns)
        low_b, high_b, finite_b = extremes(B[b], rows, columns)
        fine[k] = False
        if not (finite_a and finite_b):
            continue
        start_a, start_b = a * rows * columns, b * rows * columns
        scale_a, base_a, inverse_a = units(low_a, high_a)
        scale_b, base_b, inverse_b = units(low_b, high_b)
        _fill(flat_b, start_b, 1, columns, scale_b, base_b, inverse_b, first)
        _fill(flat_a, start_a, columns, 1, scale_a, base_a, inverse_a, second)
        free = labels[k] < 0
        label, cap = (0, min(FIRST_CAP, budget)) if free else (labels[k], budget)
        if free:
            _keep(first, second, spare)
        while True:
            _label(first_rows, first_places, rows)
            _label(second_rows, second_places, 0)
            length[k] = _follow(first, first_rows, first_places, second, second_rows, second_places, label, cap, ties)
            for attempt in range(3 if length[k] <= cap else 0):
                if attempt > 0:
                    _refine(flat_b, start_b, 1, columns, scale_b, base_b, inverse_b, first, first_rows, first_places, rows)
                    _refine(flat_a, start_a, columns, 1, scale_a, base_a, inverse_a, second, second_rows, second_places, 0)
                _read(first, first_rows, 0, x[k])
                _read(second, second_rows, rows, y[k])
                earned_a, best_a = earnings(flat_a, start_a, columns, 1, scale_a, base_a, x[k], y[k])
                earned_b, best_b = earnings(flat_b, start_b, 1, columns, scale_b, base_b, y[k], x[k])
                gain_a, gain_b = max(best_a - earned_a, 0.0), max(best_b - earned_b, 0.0)
                values[0, k] = min(max((base_a + earned_a) / scale_a, low_a), high_a)
                values[1, k] = min(max((base_b + earned_b) / scale_b, low_b), high_b)
                regret[k] = max(gain_a / scale_a, gain_b / scale_b)
                worst = max(gain_a * inverse_a, gain_b * inverse_b)
                fine[k] = worst <= REGRET_ACCEPTED
                if not worst > REGRET_WANTED:
                    break
            if fine[k] or not free:
                break
            label, cap = (label + 1, cap) if label + 1 < rows + columns else (0, 2 * cap)
            if cap > min(LAST_CAP, budget):
                break
            _restore(spare, first, second)
        if fine[k]:
            labels[k] = label


@kernel
def lemke_howson_one(A, B, label, budget, ties):
    """Solve one game (m, n); returns x, y, values (2,), regret, length, label, fine, see ``lemke_howson_each``."""
    rows, columns = A.shape
    only, labels, length, fine = np.zeros(1, np.int64), np.full(1, label), np.zeros(1, np.int64), np.zeros(1, np.bool_)
    x, y, values, regret = np.empty((1, rows)), np.empty((1, columns)), np.empty((2, 1)), np.empty(1)
    A, B = A.reshape((1, rows, columns)), B.reshape((1, rows, columns))
    lemke_howson_each(A, B, only, only, labels, only, budget, ties, x, y, values, regret, length, fine)
    return x[0], y[0], values[:, 0].copy(), regret[0], length[0], labels[0], fine[0]


@inline_kernel
def _fill(flat, start, own, other, scale, base, inverse, tableau):
    """Write the entries of the first tableau."""
    rows, columns = tableau.shape[0], tableau.shape[1] - 1
    for r in range(rows):
        entries, place = tableau[r], start + r * own
        for v in range(columns):
            entries[v] = (flat[place + v * other] * scale - base) * inverse + 1.0
        entries[columns] = 1.0


@inline_kernel
def _label(row_labels, places, slack):
    """Write the labels of the first tableau: its slacks, labels ``slack`` and up, are basic."""
    rows = row_labels.size
    for r in range(rows):
        row_labels[r] = slack + r
        places[slack + r] = r
    variable = rows if slack == 0 else 0
    for v in range(places.size - rows):
        places[variable + v] = rows + v


@inline_kernel
def _keep(first, second, spare):
    one, two = first.reshape(-1), second.reshape(-1)
    for k in range(one.size):
        spare[k] = one[k]
    for k in range(two.size):
        spare[one.size + k] = two[k]


@inline_kernel
def _restore(spare, first, second):
    one, two = first.reshape(-1), second.reshape(-1)
    for k in range(one.size):
        one[k] = spare[k]
    for k in range(two.size):
        two[k] = spare[one.size + k]


@inline_kernel
def _follow(first, first_rows, first_places, second, second_rows, second_places, label, budget, ties):
    """Pivot until ``label`` is back; returns the number of pivots, more than ``budget`` where the path was lost."""
    here = label < second.shape[0]
    entering, length = label, 0
    while length < budget:
        length += 1
        if here:
            entering = _pivot(first, first_rows, first_places, second.shape[0], entering, ties)
        else:
            entering = _pivot(second, second_rows, second_places, 0, entering, ties)
        if entering == label:
            return length
        if entering < 0:
            break
        here = not here
    return budget + 1


@inline_kernel
def _pivot(tableau, row_labels, places, slack, entering, ties):
    """Let ``entering`` become basic; returns the label that leaves, or -1 where the column has no positive entry."""
    rows = tableau.shape[0]
    q = places[entering] - rows
    p = _leaving(tableau, places, slack, q, ties)
    if p < 0:
        return p
    exchange(tableau, tableau.shape[0] - 1, tableau.shape[1] - 1, p, q)
    leaving = row_labels[p]
    row_labels[p] = entering
    places[entering], places[leaving] = p, rows + q
    return leaving


@inline_kernel
def _leaving(tableau, places, slack, q, ties):
    """Return the row of the lexicographic ratio test, or -1."""
    least, second, p = np.inf, np.inf, -1
    for i in range(tableau.shape[0]):
        ratio = _ratio(tableau, i, q)
        larger = least if ratio < least else ratio
        second = larger if larger < second else second
        p = i if ratio < least else p
        least = ratio if ratio < least else least
    limit = least + ties * max(1.0, least)
    if second > limit or p < 0:
        return p
    for i in range(tableau.shape[0]):
        if i != p and _ratio(tableau, i, q) <= limit and _lexicographically_less(tableau, places, slack, q, i, p, ties):
            p = i
    return p


@inline_kernel
def _ratio(tableau, i, q):
    q = np.uint64(q)
    row = tableau[i]
    u, b = row[q], row[row.size - 1]
    ratio = (b if b > 0.0 else 0.0) / (u if u > PIVOT_TOLERANCE else 1.0)
    return ratio if u > PIVOT_TOLERANCE else np.inf


@inline_kernel
def _lexicographically_less(tableau, places, slack, q, i, k, ties):
    """Compare rows i and k of [basis inverse] divided by their entries in column q, first slack first."""
    rows = tableau.shape[0]
    for s in range(slack, slack + rows):
        place = places[s]
        if place < rows:
            of_i, of_k = 1.0 if place == i else 0.0, 1.0 if place == k else 0.0
        else:
            of_i, of_k = tableau[i, place - rows], tableau[k, place - rows]
        of_i, of_k = of_i / tableau[i, q], of_k / tableau[k, q]
        if abs(of_i - of_k) > ties * max(1.0, abs(of_i), abs(of_k)):
            return of_i < of_k
    return i < k


@inline_kernel
def _read(tableau, row_labels, first, strategy):
    """Read a mixed action off the basic variables labelled ``first`` and up; negative weights are clipped."""
    last = tableau.shape[1] - 1
    strategy[:] = 0.0
    total = 0.0
    for r in range(row_labels.size):
        label = row_labels[r] - first
        if 0 <= label < strategy.size:
            strategy[label] = max(tableau[r, last], 0.0)
            total += strategy[label]
    for action in range(strategy.size):
        strategy[action] = strategy[action] / total if total > 0.0 else 1.0 / strategy.size


@inline_kernel
def _refine(flat, start, own, other, scale, base, inverse, tableau, row_labels, places, slack):
    """Correct the basic variables by one step of iterative refinement: the tableau holds the inverse of the basis.

    The residuals of the binding constraints come from the payoffs themselves.
    """
    rows, last = tableau.shape[0], tableau.shape[1] - 1
    variable = rows if slack == 0 else 0
    residuals = np.zeros(last)
    for r in range(rows):
        column = places[slack + r] - rows
        if column < 0:
            continue
        residual = 1.0
        for i in range(rows):
            v = row_labels[i] - variable
            if 0 <= v < last:
                residual -= ((flat[start + r * own + v * other] * scale - base) * inverse + 1.0) * tableau[i, last]
        residuals[column] = residual
    for i in range(rows):
        for c in range(last):
            tableau[i, last] += tableau[i, c] * residuals[c]

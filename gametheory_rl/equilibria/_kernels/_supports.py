"""All equilibria of a game without ties, by looking at every pair of supports of equal size that conditional dominance leaves.

An action that another beats against every action of the other player's support is in no equilibrium with that support (R. Porter,
E. Nudelman & Y. Shoham 2008). For the pairs left, the mixed action that makes the other player indifferent is one linear system.
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl.equilibria._kernels._pairs import map_to_unit

NO, YES, TIE = 0, 1, 2
MARGIN = 1e-9
"""Weights and payoff differences nearer to zero than this, and pivots, are ties that floats do not decide (payoffs lie in [1, 2])."""


@kernel
def support_equilibria(A, B, x, y):
    """Fill x (K, m), y (K, n) with the equilibria; returns how many, also beyond the room for them, or -1 where a tie was met.

    A, B (m, n): float64, C-contiguous, finite. Supports come by size, then in lexicographic order, the row player's first.
    """
    m, n = A.shape
    rows_pay, columns_pay = np.empty((m, n)), np.empty((n, m))
    map_to_unit(A.reshape(-1), n, 1, rows_pay)
    map_to_unit(B.reshape(-1), 1, n, columns_pay)
    most = min(m, n)
    rows, places, columns = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    candidates, system = np.empty(n, np.int64), np.empty((most, most + 1))
    mine, theirs = np.empty(most), np.empty(most)
    count = 0
    for size in range(1, most + 1):
        _first(rows, size)
        more_rows = True
        while more_rows:
            left = 0
            for j in range(n):
                if not _dominated(columns_pay, j, rows, size):
                    candidates[left] = j
                    left += 1
            _first(places, size)
            more_columns = left >= size
            while more_columns:
                for k in range(size):
                    columns[k] = candidates[places[k]]
                if not _any_dominated(rows_pay, rows, columns, size):
                    found = _indifferent(rows_pay, rows, columns, size, system, theirs)
                    if found != NO:
                        also = _indifferent(columns_pay, columns, rows, size, system, mine)
                        if also == TIE or (also == YES and found == TIE):
                            return -1
                        if also == YES:
                            if count < x.shape[0]:
                                _write(mine, rows, size, x[count])
                                _write(theirs, columns, size, y[count])
                            count += 1
                more_columns = _next(places, size, left)
            more_rows = _next(rows, size, m)
    return count


@inline_kernel
def _first(chosen, size):
    for k in range(size):
        chosen[k] = k


@inline_kernel
def _next(chosen, size, count):
    """Go on to the next ``size`` of ``count`` numbers in lexicographic order; returns whether there was one."""
    for k in range(size - 1, -1, -1):
        if chosen[k] < count - size + k:
            chosen[k] += 1
            for after in range(k + 1, size):
                chosen[after] = chosen[after - 1] + 1
            return True
    return False


@inline_kernel
def _dominated(pays, action, support, size):
    """Whether another action pays more against each action of the other's support."""
    for other in range(pays.shape[0]):
        k = 0
        while k < size and pays[other, support[k]] > pays[action, support[k]]:
            k += 1
        if k == size:
            return True
    return False


@inline_kernel
def _any_dominated(pays, actions, support, size):
    k = 0
    while k < size and not _dominated(pays, actions[k], support, size):
        k += 1
    return k < size


@inline_kernel
def _indifferent(pays, actions, support, size, system, weights):
    """Solve for the weights on ``support`` against which all ``actions`` pay 1, and no other action more.

    Returns NO where a weight is negative or another action pays more, TIE where floats leave that open.
    """
    for r in range(size):
        for c in range(size):
            system[r, c] = pays[actions[r], support[c]]
        system[r, size] = 1.0
    for k in range(size):
        p = k
        for r in range(k + 1, size):
            p = r if abs(system[r, k]) > abs(system[p, k]) else p
        if abs(system[p, k]) < MARGIN:
            return TIE
        for c in range(k, size + 1):
            system[k, c], system[p, c] = system[p, c], system[k, c]
        for r in range(k + 1, size):
            factor = system[r, k] / system[k, k]
            for c in range(k + 1, size + 1):
                system[r, c] -= factor * system[k, c]
    answer = YES
    for k in range(size - 1, -1, -1):
        weight = system[k, size]
        for c in range(k + 1, size):
            weight -= system[k, c] * weights[c]
        weights[k] = weight / system[k, k]
        if weights[k] < -MARGIN:
            return NO
        answer = TIE if weights[k] < MARGIN else answer
    chosen = 0
    for r in range(pays.shape[0]):
        if chosen < size and actions[chosen] == r:
            chosen += 1
            continue
        paid = 0.0
        for c in range(size):
            paid += pays[r, support[c]] * weights[c]
        if paid > 1.0 + MARGIN:
            return NO
        answer = TIE if paid > 1.0 - MARGIN else answer
    return answer


@inline_kernel
def _write(weights, support, size, strategy):
    total = 0.0
    strategy[:] = 0.0
    for k in range(size):
        total += weights[k]
    for k in range(size):
        strategy[support[k]] = weights[k] / total

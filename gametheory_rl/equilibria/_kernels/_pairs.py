"""Equilibria from the vertices of both best-response polytopes: pairs that have every label, and what they pay."""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl.equilibria._kernels._certify import extremes
from gametheory_rl.equilibria._kernels._replies import earnings, units
from gametheory_rl.equilibria._kernels._vertices import DONE, GOLDEN, polytope_vertices

DIGITS = 1e10
"""Weights are put in order to so many digits, so that rounding does not decide about it."""


@kernel
def generic_equilibria(A, B, levels, x, tight_x, y, tight_y, pairs):
    """Find all equilibria of a game without ties; returns the number of x, of y, of pairs, and how the search ended.

    A, B (m, n): float64, C-contiguous, finite. Fills x (X, m), y (Y, n): all vertices as mixed actions; tight_x (X, words),
    tight_y (Y, words) uint64: their labels; pairs (K, 2) int64: which of them are equilibria together.
    """
    m, n = A.shape
    first, second = np.empty((n, m)), np.empty((m, n))
    map_to_unit(B.reshape(-1), 1, n, first)
    map_to_unit(A.reshape(-1), n, 1, second)
    count_x, end = polytope_vertices(first, _costs(m), 0, m, False, levels, x, tight_x)
    if end != DONE:
        return count_x, 0, 0, end
    count_y, end = polytope_vertices(second, _costs(n), m, 0, False, levels, y, tight_y)
    if end != DONE:
        return count_x, count_y, 0, end
    return count_x, count_y, fully_labelled(tight_x[:count_x], tight_y[:count_y], m + n, pairs), DONE


@inline_kernel
def map_to_unit(flat, own, other, matrix):
    """Write a player's payoffs, mapped to [1, 2], as constraints: one row for each of the player's actions."""
    low, high = flat.min(), flat.max()
    scale, base, inverse = units(low, high)
    for r in range(matrix.shape[0]):
        for c in range(matrix.shape[1]):
            matrix[r, c] = (flat[r * own + c * other] * scale - base) * inverse + 1.0


@inline_kernel
def _costs(count):
    """Return costs in [1, 2) that no polytope has a reason to know."""
    costs = np.empty(count)
    for c in range(count):
        costs[c] = 1.0 + (c + 1) * GOLDEN % 1.0
    return costs


@kernel
def fully_labelled(tight_x, tight_y, labels, pairs):
    """Write the pairs (K, 2) whose bit sets together hold all ``labels``; returns how many there are, also beyond the room for them."""
    words = (tight_y.shape[0] + 63) // 64
    one, none = np.uint64(1), np.uint64(0)
    holders = np.zeros((labels, words), np.uint64)
    for v in range(tight_y.shape[0]):
        for label in range(labels):
            holders[label, v >> 6] |= (tight_y[v, label >> 6] >> np.uint64(label & 63) & one) << np.uint64(v & 63)
    count, missing, lacking = 0, np.empty(labels, np.int64), 0
    for u in range(tight_x.shape[0]):
        lacking = 0
        for label in range(labels):
            if tight_x[u, label >> 6] >> np.uint64(label & 63) & one == none:
                missing[lacking] = label
                lacking += 1
        for w in range(words):
            left = holders[missing[0], w] if lacking > 0 else ~none
            k = 1
            while left != none and k < lacking:
                left &= holders[missing[k], w]
                k += 1
            for bit in range(64):
                if left == none:
                    break
                v = 64 * w + bit
                if left & one != none and v < tight_y.shape[0]:
                    if count < pairs.shape[0]:
                        pairs[count, 0], pairs[count, 1] = u, v
                    count += 1
                left >>= one
    return count


@kernel
def put_in_order(x, y, pairs, some_x, some_y, numbers):
    """Write the strategies of ``pairs`` (K, 2), all different, as distributions and in order; for few of them: time grows with K squared.

    Fills some_x (K, m), some_y (K, n), and numbers (K, 2): the pairs in terms of these, in order.
    """
    count = pairs.shape[0]
    place_x, place_y = np.empty(count, np.int64), np.empty(count, np.int64)
    _order(x, pairs[:, 0], some_x, place_x)
    _order(y, pairs[:, 1], some_y, place_y)
    for k in range(count):
        numbers[place_x[k], 0], numbers[place_x[k], 1] = place_x[k], place_y[k]


@inline_kernel
def _order(strategies, which, ordered, places):
    """Insert each strategy among those before it: fewer actions first, then more weight on the first action, on the second, ..."""
    for k in range(which.size):
        strategy, total = strategies[which[k]], 0.0
        for a in range(strategy.size):
            total += strategy[a]
        place = k
        while place > 0 and _comes_first(strategy, total, ordered[place - 1]):
            place -= 1
        for other in range(k):
            places[other] += 1 if places[other] >= place else 0
        for row in range(k, place, -1):
            ordered[row] = ordered[row - 1]
        for a in range(strategy.size):
            ordered[place, a] = strategy[a] / total
        places[k] = place


@inline_kernel
def _comes_first(strategy, total, other):
    mine, theirs = 0, 0
    for a in range(strategy.size):
        mine += 1 if strategy[a] > 0.0 else 0
        theirs += 1 if other[a] > 0.0 else 0
    if mine != theirs:
        return mine < theirs
    for a in range(strategy.size):
        difference = np.rint(strategy[a] / total * DIGITS) - np.rint(other[a] * DIGITS)
        if difference != 0.0:
            return difference > 0.0
    return False


@kernel
def judge_pairs(A, B, x, y, pairs, values, regret):
    """Fill values (2, K) and regret (K,) of the profiles x[i], y[j], (i, j) in pairs (K, 2); returns the worst regret in spans.

    From the definition, each player's payoffs on their own scale. A, B (m, n), x (X, m), y (Y, n): float64, C-contiguous.
    """
    m, n = A.shape
    low_a, high_a, _ = extremes(A, m, n)
    low_b, high_b, _ = extremes(B, m, n)
    scale_a, base_a, inverse_a = units(low_a, high_a)
    scale_b, base_b, inverse_b = units(low_b, high_b)
    flat_a, flat_b, worst = A.reshape(-1), B.reshape(-1), 0.0
    for k in range(pairs.shape[0]):
        mine, theirs = x[pairs[k, 0]], y[pairs[k, 1]]
        earned_a, best_a = earnings(flat_a, 0, n, 1, scale_a, base_a, mine, theirs)
        earned_b, best_b = earnings(flat_b, 0, 1, n, scale_b, base_b, theirs, mine)
        loss_a, loss_b = max(best_a - earned_a, 0.0), max(best_b - earned_b, 0.0)
        values[0, k] = min(max((base_a + earned_a) / scale_a, low_a), high_a)
        values[1, k] = min(max((base_b + earned_b) / scale_b, low_b), high_b)
        regret[k] = max(loss_a / scale_a, loss_b / scale_b)
        worst = max(worst, loss_a * inverse_a, loss_b * inverse_b)
    return worst

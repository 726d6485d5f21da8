"""All extreme equilibria of a small bimatrix game, degenerate or not, by every basis of both best-response polytopes; and the best.

The other enumerations hand a tie on to exact arithmetic. This one takes what is within ``TIE`` of one for a tie, which a stage game
that is learned from samples cannot tell from one: its answers are equilibria up to that. Vertices have the bit sets of their labels
for names: a degenerate vertex has several bases, and one name. The number of bases limits it to some 6 x 6 actions.
"""

import math

import numpy as np

from gametheory_rl._support._compile import inline_kernel, linked_kernel
from gametheory_rl.equilibria._kernels._certify import extremes
from gametheory_rl.equilibria._kernels._pairs import map_to_unit
from gametheory_rl.equilibria._kernels._replies import earnings, units

TIE = 1e-9
"""Weights and slacks nearer to zero are zero, and pivots are none (payoffs lie in [1, 2])."""
EQUALLY_GOOD = 1e-9
"""Scores that differ by less, in spans of payoffs, in probability or in nats, tie."""
ULPS = 8.0 * 2.220446049250313e-16
CHOSEN, UNTOLD = 0, 1
"""How a choice ends: made, or left to other solvers."""
BEST_FOR_1, BEST_FOR_2, WELFARE, EGALITARIAN, RISK_DOMINANT, MAX_ENTROPY = 1, 2, 3, 4, 5, 6


@linked_kernel
def extreme_equilibria(A, B, x, y, pairs):
    """Find all extreme equilibria; returns how many (0: no room for all), and whether some vertex has more labels than it needs.

    A, B (m, n): float64, C-contiguous, finite, m + n < 63. Fills x (X, m), y (Y, n): vertices as mixed actions, fewer actions first,
    then lower ones; pairs (K, 2) int64: which of them are equilibria together.
    """
    m, n = A.shape
    first, second = np.empty((n, m)), np.empty((m, n))
    map_to_unit(B.reshape(-1), 1, n, first)
    map_to_unit(A.reshape(-1), n, 1, second)
    tight_x, tight_y = np.empty(len(x), np.int64), np.empty(len(y), np.int64)
    count_x, degenerate_x = _vertices(first, 0, m, x, tight_x)
    count_y, degenerate_y = _vertices(second, m, 0, y, tight_y)
    if count_x > len(x) or count_y > len(y):
        return 0, True
    every, count = (1 << (m + n)) - 1, 0
    for u in range(count_x):
        for v in range(count_y):
            if tight_x[u] | tight_y[v] == every:
                if count == len(pairs):
                    return 0, True
                pairs[count, 0], pairs[count, 1] = u, v
                count += 1
    return count, degenerate_x or degenerate_y


@inline_kernel
def _vertices(matrix, variable, slack, points, tight):
    """Fill the vertices but 0 of {w >= 0, matrix w <= 1}, as distributions, and their labels; returns how many, and if one is degenerate.

    Label ``variable`` + i: w_i is 0; ``slack`` + r: row r binds. One more than there is room for: there may be more of them.
    """
    rows, columns = matrix.shape
    actions, binding = np.empty(columns, np.int64), np.empty(rows, np.int64)
    system, weights = np.empty((rows, rows + 1)), np.empty(columns)
    count, degenerate = 0, False
    for size in range(1, min(rows, columns) + 1):
        for support in range(1, 1 << columns):
            if _members(support, columns, actions) != size:
                continue
            for bound in range(1, 1 << rows):
                if _members(bound, rows, binding) != size or not _solve(matrix, binding, actions, size, system, weights):
                    continue
                labels, number = _labels(matrix, variable, slack, actions, size, weights)
                known = labels < 0
                for v in range(count):
                    known |= tight[v] == labels
                if known:
                    continue
                if count == len(points):
                    return count + 1, True
                _write(actions, size, weights, points[count])
                tight[count] = labels
                degenerate |= number > columns
                count += 1
    return count, degenerate


@inline_kernel
def _members(subset, count, members):
    """Write the elements of a bit set; returns how many there are."""
    size = 0
    for k in range(count):
        if subset >> k & 1:
            members[size] = k
            size += 1
    return size


@inline_kernel
def _solve(matrix, binding, actions, size, system, weights):
    """Solve for weights on ``actions`` that make the ``binding`` rows 1; whether there is one solution, and none is negative."""
    for r in range(size):
        for c in range(size):
            system[r, c] = matrix[binding[r], actions[c]]
        system[r, size] = 1.0
    for k in range(size):
        p = k
        for r in range(k + 1, size):
            p = r if abs(system[r, k]) > abs(system[p, k]) else p
        if not abs(system[p, k]) > TIE:
            return False
        for c in range(k, size + 1):
            system[k, c], system[p, c] = system[p, c], system[k, c]
        for r in range(k + 1, size):
            factor = system[r, k] / system[k, k]
            for c in range(k + 1, size + 1):
                system[r, c] -= factor * system[k, c]
    for k in range(size - 1, -1, -1):
        weight = system[k, size]
        for c in range(k + 1, size):
            weight -= system[k, c] * weights[c]
        weights[k] = weight / system[k, k]
        if not weights[k] > -TIE:
            return False
    return True


@inline_kernel
def _labels(matrix, variable, slack, actions, size, weights):
    """Return the labels of a point as a bit set, -1 where it breaks a constraint, and how many they are."""
    rows, columns = matrix.shape
    labels, number, chosen = 0, 0, 0
    for c in range(columns):
        positive = False
        if chosen < size and actions[chosen] == c:
            positive = weights[chosen] > TIE
            chosen += 1
        if not positive:
            labels |= 1 << (variable + c)
            number += 1
    for r in range(rows):
        total = 0.0
        for k in range(size):
            total += matrix[r, actions[k]] * weights[k]
        if not total <= 1.0 + TIE:
            return -1, 0
        if total >= 1.0 - TIE:
            labels |= 1 << (slack + r)
            number += 1
    return labels, number


@inline_kernel
def _write(actions, size, weights, point):
    """Write weights as a distribution over all actions."""
    total = 0.0
    point[:] = 0.0
    for k in range(size):
        total += max(weights[k], 0.0)
    for k in range(size):
        point[actions[k]] = max(weights[k], 0.0) / total


@linked_kernel
def choose_equilibrium(rule, A, B, x, y, pairs, degenerate, mine, theirs, values):
    """Write the equilibrium that is best by ``rule`` to ``mine`` (m,), ``theirs`` (n,) and ``values`` (2,); returns how that ended.

    The rules of `select`: the first of the pairs (K, 2) that are best by a first score and then by a second. ``UNTOLD``: there is
    no pair, the rule is not one of these, its answer need not be extreme, or somebody gains by leaving the answer.
    """
    m, n = A.shape
    if not BEST_FOR_1 <= rule <= MAX_ENTROPY or len(pairs) == 0 or (rule == MAX_ENTROPY and degenerate):
        return UNTOLD
    flat_a, flat_b = A.reshape(-1), B.reshape(-1)
    low_a, high_a, _ = extremes(A, m, n)
    low_b, high_b, _ = extremes(B, m, n)
    scale_a, base_a, inverse_a = units(low_a, high_a)
    scale_b, base_b, inverse_b = units(low_b, high_b)
    tie_a = EQUALLY_GOOD * (high_a - low_a) + ULPS * max(-low_a, high_a)
    tie_b = EQUALLY_GOOD * (high_b - low_b) + ULPS * max(-low_b, high_b)
    scores, top, second, best = np.empty((len(pairs), 2)), -np.inf, -np.inf, 0
    tie, second_tie = _ties(rule, tie_a, tie_b)
    for k in range(len(pairs)):
        u, v = x[pairs[k, 0]], y[pairs[k, 1]]
        earned_a, _ = earnings(flat_a, 0, n, 1, scale_a, base_a, u, v)
        earned_b, _ = earnings(flat_b, 0, 1, n, scale_b, base_b, v, u)
        one, two = (base_a + earned_a) / scale_a, (base_b + earned_b) / scale_b
        scores[k, 0], scores[k, 1] = _score(rule, one, two)
        if rule == RISK_DOMINANT:
            scores[k, 0] = -_needed(flat_a, n, 1, scale_a * inverse_a, u, v) - _needed(flat_b, 1, n, scale_b * inverse_b, v, u)
        if rule == MAX_ENTROPY:
            scores[k, 0] = _entropy(u) + _entropy(v)
        top = max(top, scores[k, 0])
    for k in range(len(pairs)):
        if scores[k, 0] >= top - tie:
            second = max(second, scores[k, 1])
    while scores[best, 0] < top - tie or scores[best, 1] < second - second_tie:
        best += 1
    for i in range(m):
        mine[i] = x[pairs[best, 0], i]
    for j in range(n):
        theirs[j] = y[pairs[best, 1], j]
    earned_a, best_a = earnings(flat_a, 0, n, 1, scale_a, base_a, mine, theirs)
    earned_b, best_b = earnings(flat_b, 0, 1, n, scale_b, base_b, theirs, mine)
    values[0] = min(max((base_a + earned_a) / scale_a, low_a), high_a)
    values[1] = min(max((base_b + earned_b) / scale_b, low_b), high_b)
    worst = max((best_a - earned_a) * inverse_a, (best_b - earned_b) * inverse_b)
    return CHOSEN if worst <= 10.0 * TIE else UNTOLD


@inline_kernel
def _ties(rule, tie_a, tie_b):
    """Return up to which difference first and second scores tie."""
    if rule == BEST_FOR_1:
        return tie_a, tie_b
    if rule == BEST_FOR_2:
        return tie_b, tie_a
    if rule == WELFARE:
        return tie_a + tie_b, max(tie_a, tie_b)
    if rule == EGALITARIAN:
        return max(tie_a, tie_b), tie_a + tie_b
    return EQUALLY_GOOD, tie_a + tie_b


@inline_kernel
def _score(rule, one, two):
    """Return the first and the second score of an equilibrium that pays ``one`` and ``two``."""
    if rule == BEST_FOR_1:
        return one, two
    if rule == BEST_FOR_2:
        return two, one
    if rule == WELFARE:
        return one + two, min(one, two)
    if rule == EGALITARIAN:
        return min(one, two), one + two
    return 0.0, one + two if rule == RISK_DOMINANT else 0.0


@inline_kernel
def _needed(flat, own, other, scale, mine, theirs):
    """Return the least weight on ``theirs`` from which on ``mine`` is a best reply to whatever the rest of the belief is."""
    needed = 0.0
    for r in range(mine.size):
        loss = 0.0
        for v in range(theirs.size):
            loss += _behind(flat, own, other, scale, mine, r, v) * theirs[v]
        for v in range(theirs.size):
            gain = -_behind(flat, own, other, scale, mine, r, v)
            if gain > EQUALLY_GOOD:
                needed = max(needed, gain / (max(loss, 0.0) + gain))
    return needed


@inline_kernel
def _behind(flat, own, other, scale, mine, r, v):
    """Return how much more ``mine`` earns than action r against the other's action v, in spans."""
    ahead = 0.0
    for k in range(mine.size):
        ahead += mine[k] * (flat[k * own + v * other] - flat[r * own + v * other]) * scale
    return ahead


@inline_kernel
def _entropy(mixed):
    total = 0.0
    for k in range(mixed.size):
        if mixed[k] > 0.0:
            total -= mixed[k] * math.log(mixed[k])
    return total

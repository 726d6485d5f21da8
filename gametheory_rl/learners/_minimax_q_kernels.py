"""The rule of Minimax-Q: a state's stage game is solved when an update may have changed its solution."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, kernel
from gametheory_rl.equilibria._kernels._simplex import minimax_into
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._play_kernels import Play, play_mixed
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate

SLACK = 1e-12
"""What an action gains by leaving the old solution does not count below this, relative to its payoffs and the value."""


class Scratch(NamedTuple):
    """Where one stage game is solved; A is the larger action count."""

    mixed: np.ndarray
    """``[2, A]`` both players' mixed actions, the answer."""
    packed: np.ndarray
    """``[2, A]`` the same over the legal actions alone."""
    support: np.ndarray
    """``[2, A + 1]`` int64: the actions that are mixed."""
    matrix: np.ndarray
    """``[A_1, A_2]`` the legal block of the game."""
    tableau: np.ndarray
    """``[A_1 + 1, A_2 + 1]``"""
    basis: np.ndarray
    """``[A_1 + A_2]`` int64"""


class MinimaxTables(NamedTuple):
    """One seed of Minimax-Q. All numbers are in payoffs of player 1, who maximises."""

    play: Play
    q: np.ndarray
    """``[1 or 2, S, A_1, A_2]`` one table for both players, or what player 1 and what player 2 believes."""
    counts: np.ndarray
    """``[S, A_1, A_2]`` int64: updates of each entry."""
    value: np.ndarray
    """``[1 or 2, S]`` minimax values of the stage games in ``q``."""
    opponent: np.ndarray
    """``[0 or 2, S, A]`` with two tables: by each player's own, the other's optimal mixed action."""
    discount: float
    step_size: tuple[float, float, float, float, float]
    scratch: Scratch


@fused_kernel
def update_minimax(tables, state, step, actions, rewards, following, ended):
    """Move Q(s, a, b) towards r + discount V(s'), then solve the stage game at s for V(s) and both mixed actions, if need be."""
    play, a, b = tables.play, actions[0], actions[1]
    size = rate(tables.step_size, step, tables.counts[state, a, b])
    tables.counts[state, a, b] += 1
    for k in range(len(tables.q)):
        reward = rewards[0] if k == 0 else -rewards[1]
        future = 0.0 if ended else tables.value[k, following]
        q, x, y = tables.q[k, state], play.policy[state, 0], play.policy[state, 1]
        if len(tables.q) == 2 and k == 0:
            y = tables.opponent[k, state]
        elif len(tables.q) == 2:
            x = tables.opponent[k, state]
        old = q[a, b]
        new = old + size * (reward + tables.discount * future - old)
        q[a, b] = new
        if new == old:
            continue
        if not still_solved(q, x, y, tables.value[k, state], a, b, play.menu[state], play.sizes[state]):
            tables.value[k, state] = solve_again(q, x, y, play.menu[state], play.sizes[state], tables.scratch)
            play_solution(tables, k, state)
        elif x[a] == 1.0 and y[b] == 1.0:
            tables.value[k, state] = new


@fused_kernel
def still_solved(q, x, y, value, a, b, menu, sizes):
    """Whether x, y, optimal in ``q`` so far, remain so now that the entry (a, b) has changed.

    What pure action i earns against y, and what x earns against pure action j, changes in the entry's row and column only, and
    there only where the other's mixed action meets it. With x(a) = y(b) = 0 nothing has changed; with one of them zero, its owner
    must not gain by action a (or b) now; with both one, the entry must be a saddle point, and then is the value. Else the game
    is to be solved.
    """
    if x[a] == 0.0 and y[b] == 0.0:
        return True
    earned, scale, saddle = 0.0, abs(value), True
    if x[a] == 0.0:
        for j in range(q.shape[1]):
            earned += q[a, j] * y[j]
            scale += abs(q[a, j]) * y[j]
        return earned - value <= SLACK * scale
    if y[b] == 0.0:
        for i in range(q.shape[0]):
            earned += x[i] * q[i, b]
            scale += x[i] * abs(q[i, b])
        return value - earned <= SLACK * scale
    if x[a] != 1.0 or y[b] != 1.0:
        return False
    for j in range(sizes[1]):
        saddle &= q[a, menu[1, j]] >= q[a, b]
    for i in range(sizes[0]):
        saddle &= q[menu[0, i], b] <= q[a, b]
    return saddle


@fused_kernel
def play_solution(tables, k, state):
    """Make the solution of the stage game of table ``k`` at ``state``, which is in the scratch, what is played."""
    play, mixed, last = tables.play, tables.scratch.mixed, len(tables.q) - 1
    # Player 1 plays by the first table, player 2 by the last.
    for i in range(2):
        if k == i * last:
            play_mixed(play, state, i, mixed[i])
        else:
            for j in range(mixed.shape[1]):
                tables.opponent[k, state, j] = mixed[i, j]


@kernel
def solve_again(q, x, y, menu, sizes, scratch):
    """Solve ``q``, of which x and y were the solution before an entry changed; fills ``scratch.mixed`` and returns the value.

    The kernels form a shallow tree: each level optimises again all that it calls.
    """
    scratch = borrow(scratch)
    solved, value = solve_on_support(q, x, y, menu, sizes, scratch)
    if solved:
        return value
    matrix, packed, rows, columns = scratch.matrix, scratch.packed, sizes[0], sizes[1]
    low, high = pack(q, menu, sizes, matrix)
    value = low
    if low == high:
        # Every mixed action is optimal in a game that says nothing yet; the uniform one finds out the soonest.
        for i in range(2):
            for j in range(sizes[i]):
                packed[i, j] = 1.0 / sizes[i]
    else:
        lower, upper = minimax_into(matrix, rows, columns, packed[0], packed[1], scratch.tableau, scratch.basis)
        value = 0.5 * (lower + upper)
    clear(scratch.mixed)
    for i in range(2):
        for j in range(sizes[i]):
            scratch.mixed[i, menu[i, j]] = packed[i, j]
    return value


@fused_kernel
def solve_on_support(q, x, y, menu, sizes, scratch):
    """Solve ``q`` by mixing the actions that x and y mix; returns whether that is a solution, and the value.

    Each player's weights make the other indifferent: a small system of linear equations. The answer is judged on the whole game,
    where no action may gain more than ``SLACK`` of the payoffs.
    """
    mixed, support = scratch.mixed, scratch.support
    rows, columns = np.int64(0), np.int64(0)
    for i in range(q.shape[0]):
        support[0, rows] = i
        rows += np.int64(x[i] > 0.0)
    for j in range(q.shape[1]):
        support[1, columns] = j
        columns += np.int64(y[j] > 0.0)
    if rows != columns or rows == 1:
        return False, 0.0
    clear(mixed)
    fine = equalise(q, support[0], support[1], rows, scratch.matrix, mixed[1])
    fine &= equalise(q.T, support[1], support[0], rows, scratch.matrix, mixed[0])
    lower, upper, size = judge(q, mixed, menu, sizes)
    return fine & (upper - lower <= SLACK * size), 0.5 * (lower + upper)


@fused_kernel
def clear(mixed):
    for i in range(2):
        for j in range(mixed.shape[1]):
            mixed[i, j] = 0.0


@inline_kernel
def equalise(payoffs, own, other, count, matrix, weights):
    """Write the weights of the ``count`` actions ``other`` against which all of ``own`` earn the same; False if not all are positive.

    With w_0 = 1 - sum of the rest, action i against the first action: sum_j (d_ij - d_i0) w_j = -d_i0, where d_ij is what i earns
    more than the first against j. Gaussian elimination with row exchanges.
    """
    n = count - 1
    for i in range(n):
        first = payoffs[own[i + 1], other[0]] - payoffs[own[0], other[0]]
        for j in range(n):
            matrix[i, j] = payoffs[own[i + 1], other[j + 1]] - payoffs[own[0], other[j + 1]] - first
        matrix[i, n] = -first
    for c in range(n - 1):
        p = c
        for i in range(c + 1, n):
            p = i if abs(matrix[i, c]) > abs(matrix[p, c]) else p
        for j in range(c, n + 1):
            matrix[c, j], matrix[p, j] = matrix[p, j], matrix[c, j]
        if matrix[c, c] == 0.0:
            return False
        for i in range(c + 1, n):
            factor = matrix[i, c] / matrix[c, c]
            for j in range(c + 1, n + 1):
                matrix[i, j] -= factor * matrix[c, j]
    if matrix[n - 1, n - 1] == 0.0:
        return False
    rest, fine = 1.0, True
    for i in range(n - 1, -1, -1):
        weight = matrix[i, n]
        for j in range(i + 1, n):
            weight -= matrix[i, j] * weights[other[j + 1]]
        weight /= matrix[i, i]
        weights[other[i + 1]] = weight
        rest -= weight
        fine &= weight > 0.0
    weights[other[0]] = rest
    return fine & (rest > 0.0)


@fused_kernel
def judge(q, mixed, menu, sizes):
    """Return what each player's mixed action secures, on legal actions, and the mean size of the payoffs that they meet."""
    lower, upper, size = np.inf, -np.inf, 0.0
    for r in range(sizes[0]):
        i, earned, absolute = menu[0, r], 0.0, 0.0
        for j in range(q.shape[1]):
            earned += q[i, j] * mixed[1, j]
            absolute += abs(q[i, j]) * mixed[1, j]
        upper = earned if earned > upper else upper
        size += mixed[0, i] * absolute
    for c in range(sizes[1]):
        j, earned = menu[1, c], 0.0
        for i in range(q.shape[0]):
            earned += mixed[0, i] * q[i, j]
        lower = earned if earned < lower else lower
    return lower, upper, size


@inline_kernel
def pack(q, menu, sizes, matrix):
    """Write the legal block of ``q`` to ``matrix``; returns its least and its largest entry."""
    low, high = np.inf, -np.inf
    for i in range(sizes[0]):
        for j in range(sizes[1]):
            number = q[menu[0, i], menu[1, j]]
            matrix[i, j] = number
            low = number if number < low else low
            high = number if number > high else high
    return low, high


register_rule(MinimaxTables, update=update_minimax)

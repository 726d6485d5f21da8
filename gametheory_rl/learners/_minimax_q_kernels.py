"""The rule of Minimax-Q: a state's stage game is solved when an update may have changed its solution."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.equilibria._kernels._simplex import minimax_into
from gametheory_rl.learners._play_kernels import Play, play_mixed
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate

SLACK = 1e-12
"""What an action gains by leaving the old solution does not count below this, relative to its payoffs and the value."""


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
    matrix: np.ndarray
    """``[A_1, A_2]`` scratch: the legal block of a stage game."""
    mixed: np.ndarray
    """``[2, A]`` scratch: both players' mixed actions."""
    tableau: np.ndarray
    """``[A_1 + 1, A_2 + 1]`` scratch"""
    basis: np.ndarray
    """``[A_1 + A_2]`` int64 scratch"""


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
        q[a, b] = old + size * (reward + tables.discount * future - old)
        if q[a, b] == old:
            continue
        if not still_solved(q, x, y, tables.value[k, state], a, b, play.menu[state], play.sizes[state]):
            solve_stage(tables, k, state)
        elif x[a] == 1.0 and y[b] == 1.0:
            tables.value[k, state] = q[a, b]


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
        saddle = saddle and q[a, menu[1, j]] >= q[a, b]
    for i in range(sizes[0]):
        saddle = saddle and q[menu[0, i], b] <= q[a, b]
    return saddle


@fused_kernel
def solve_stage(tables, k, state):
    """Solve the stage game of table ``k`` at ``state``: its value, and both mixed actions."""
    play, matrix, q, last = tables.play, tables.matrix, tables.q[k, state], len(tables.q) - 1
    rows, columns = play.sizes[state, 0], play.sizes[state, 1]
    low, high = np.inf, -np.inf
    for i in range(rows):
        for j in range(columns):
            number = q[play.menu[state, 0, i], play.menu[state, 1, j]]
            matrix[i, j] = number
            low = number if number < low else low
            high = number if number > high else high
    if low == high:
        # Every mixed action is optimal in a game that says nothing yet; the uniform one finds out the soonest.
        tables.mixed[0, :rows], tables.mixed[1, :columns] = 1.0 / rows, 1.0 / columns
        tables.value[k, state] = low
    else:
        lower, upper = minimax_into(matrix, rows, columns, tables.mixed[0], tables.mixed[1], tables.tableau, tables.basis)
        tables.value[k, state] = 0.5 * (lower + upper)
    # Player 1 plays by the first table, player 2 by the last.
    for i in range(2):
        if k == i * last:
            play_mixed(play, state, i, tables.mixed[i])
        else:
            for j in range(play.sizes[state, i]):
                tables.opponent[k, state, play.menu[state, i, j]] = tables.mixed[i, j]


register_rule(MinimaxTables, update=update_minimax)

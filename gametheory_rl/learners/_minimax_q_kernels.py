"""The rule of Minimax-Q: each state's stage game is solved after every update."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.equilibria._kernels._simplex import minimax_into
from gametheory_rl.learners._play_kernels import Play, play_mixed
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate


class MinimaxTables(NamedTuple):
    """One seed of Minimax-Q. All numbers are in payoffs of player 1, who maximises."""

    play: Play
    q: np.ndarray
    """``[1 or 2, S, A_1, A_2]`` one table for both players, or what player 1 and what player 2 believes."""
    counts: np.ndarray
    """``[S, A_1, A_2]`` int64: updates of each entry."""
    value: np.ndarray
    """``[1 or 2, S]`` minimax values of the stage games in ``q``."""
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
    """Move Q(s, a1, a2) towards r + discount V(s'), then solve the stage game at s for V(s) and both mixed actions."""
    play, matrix, last = tables.play, tables.matrix, len(tables.q) - 1
    rows, columns = play.sizes[state, 0], play.sizes[state, 1]
    entry = actions[0], actions[1]
    size = rate(tables.step_size, step, tables.counts[state, entry[0], entry[1]])
    tables.counts[state, entry[0], entry[1]] += 1
    for k in range(last + 1):
        q = tables.q[k, state]
        reward = rewards[0] if k == 0 else -rewards[1]
        future = 0.0 if ended else tables.value[k, following]
        q[entry] += size * (reward + tables.discount * future - q[entry])
        low, high = np.inf, -np.inf
        for a in range(rows):
            for b in range(columns):
                number = q[play.menu[state, 0, a], play.menu[state, 1, b]]
                matrix[a, b] = number
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


register_rule(MinimaxTables, update=update_minimax)

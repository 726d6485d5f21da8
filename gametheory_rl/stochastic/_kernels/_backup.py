"""One sweep of Shapley's operator, with the security levels of every stage game as its certificate."""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, kernel
from gametheory_rl.equilibria._kernels._simplex import minimax_into


@inline_kernel
def fill_stage(state, payoff, offsets, successors, probabilities, discount, values, rows, columns, row_list, column_list, width, stage):
    """Write the stage game of ``state``, legal actions only, into the leading block of ``stage``."""
    base = state * payoff.shape[1]
    for i in range(rows):
        for j in range(columns):
            action = row_list[i] * width + column_list[j]
            row = np.uint64(base + action)
            flow = 0.0
            for k in range(offsets[row], offsets[row + np.uint64(1)]):
                flow += probabilities[k] * values[successors[k]]
            stage[i, j] = payoff[state, action] + discount * flow


@kernel
def backup(first, last, payoff, offsets, successors, probabilities, discount, values, menu, work, out):
    """Solve the stage games of states ``first`` to ``last`` given continuation ``values``.

    Parameters
    ----------
    payoff : (S, m * n)
        Payoffs of the row player.
    offsets, successors, probabilities
        Successor lists, uint64, uint32 and float64.
    menu : (row_counts (S,), column_counts (S,), row_lists (S or 1, m), column_lists (S or 1, n))
        Legal actions; one shared list where all are legal.
    work : (stage (m, n), x (m,), y (n,), tableau, basis)
        Scratch of this thread.
    out : (lower (S,), upper (S,), row_policy (S, m), column_policy (S, n))
        Written: security levels, between which the stage value lies up to rounding, and the strategies that have them.
    """
    row_counts, column_counts, row_lists, column_lists = menu
    stage, x, y, tableau, basis = work
    lower, upper, row_policy, column_policy = out
    width = column_policy.shape[1]
    shared_rows, shared_columns = row_lists.shape[0] == 1, column_lists.shape[0] == 1
    for state in range(first, last):
        rows, columns = row_counts[state], column_counts[state]
        row_list = row_lists[0 if shared_rows else state]
        column_list = column_lists[0 if shared_columns else state]
        fill_stage(state, payoff, offsets, successors, probabilities, discount, values, rows, columns, row_list, column_list, width, stage)
        lower[state], upper[state] = minimax_into(stage, rows, columns, x, y, tableau, basis)
        row_policy[state, :] = 0.0
        column_policy[state, :] = 0.0
        for i in range(rows):
            row_policy[state, row_list[i]] = x[i]
        for j in range(columns):
            column_policy[state, column_list[j]] = y[j]

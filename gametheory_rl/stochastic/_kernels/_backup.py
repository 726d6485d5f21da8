"""Stage games of many states at once, and their answers put back in place."""

import numpy as np

from gametheory_rl._support._compile import kernel


@kernel
def assemble(states, payoff, offsets, successors, probabilities, discount, values, width, row_lists, column_lists, games):
    """Write the stage games of ``states`` given continuation ``values``.

    Parameters
    ----------
    states : (K,) int64
        States that have the same numbers of legal actions.
    payoff : (S, m * width)
        Payoffs of the row player.
    offsets, successors, probabilities
        Successor lists, uint64, uint32 and float64.
    row_lists, column_lists : (S or 1, m) and (S or 1, width) int64
        Legal actions first; one shared list where all are legal.
    games : (K, rows, columns)
        Written.
    """
    shared_rows, shared_columns = row_lists.shape[0] == 1, column_lists.shape[0] == 1
    for k in range(states.shape[0]):
        state = states[k]
        row_list = row_lists[0 if shared_rows else state]
        column_list = column_lists[0 if shared_columns else state]
        for i in range(games.shape[1]):
            for j in range(games.shape[2]):
                action = row_list[i] * width + column_list[j]
                row = np.uint64(state * payoff.shape[1] + action)
                total = 0.0
                for entry in range(offsets[row], offsets[row + np.uint64(1)]):
                    total += probabilities[entry] * values[successors[entry]]
                games[k, i, j] = payoff[state, action] + discount * total


@kernel
def row_excess(offsets, probabilities):
    """Return how far the sum of any non-empty row of successor lists is from 1, to twice the working precision (Knuth's two-sum)."""
    excess = 0.0
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        if last > first:
            total, lost = -1.0, 0.0
            for k in range(first, last):
                after = total + probabilities[k]
                part = after - total
                lost += (total - (after - part)) + (probabilities[k] - part)
                total = after
            excess = max(excess, abs(total + lost))
    return excess


@kernel
def spread(states, x, lists, policy):
    """Write the strategies ``x (K, count)`` over legal actions into the rows ``states`` of ``policy (S, actions)``."""
    shared = lists.shape[0] == 1
    for k in range(states.shape[0]):
        state = states[k]
        policy[state, :] = 0.0
        for i in range(x.shape[1]):
            policy[state, lists[0 if shared else state, i]] = x[k, i]

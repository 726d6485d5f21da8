"""Many zero-sum games of one size: the scalar kernel, game after game."""

import numpy as np

from gametheory_rl._support._compile import kernel
from gametheory_rl.equilibria._kernels._certify import extremes, settle
from gametheory_rl.equilibria._kernels._simplex import minimax_into


@kernel
def minimax_each(games, which, x, y, value, gap, span):
    """Solve the games numbered in ``which`` (int64); fills their entries of x, y, value, gap, span.

    games (K, m, n), x (K, m), y (K, n), value, gap, span (K,): float64, C-contiguous.
    """
    rows, columns = games.shape[1], games.shape[2]
    tableau = np.empty((rows + 1, columns + 1))
    basis = np.empty(rows + columns, np.int64)
    for k in which:
        lower, upper = minimax_into(games[k], rows, columns, x[k], y[k], tableau, basis)
        low, high = extremes(games[k], rows, columns)
        value[k], gap[k], span[k] = settle(lower, upper, low, high, rows, columns)

"""Many zero-sum games of one size: the scalar kernel game after game, or eight games in lockstep."""

from importlib import import_module

import numpy as np

from gametheory_rl._support._compile import COMPILED, kernel
from gametheory_rl.equilibria._kernels._certify import extremes, settle
from gametheory_rl.equilibria._kernels._simplex import minimax_into

LOCKSTEP_FROM = 64 if COMPILED else 1 << 62
"""Fewer games than this are not worth a kernel of their own; uncompiled, vectors of eight are slower than plain code."""
LOCKSTEP_UP_TO = 64
"""Larger games fill the cache eight at a time."""
STRAIGHT_LINE_UP_TO = 6
"""Up to this many actions there is a generated kernel for each size."""


def minimax_lockstep(games, x, y, value, gap):
    """Solve all ``games`` (K, m, n), m, n > 1, as ``minimax_each`` does.

    A game that rounding or cycling spoiled gets minus its gap, or inf or NaN where that is not known.
    """
    count, m, n = games.shape
    x, y, flat = x.reshape(-1), y.reshape(-1), games.reshape(-1)
    if max(m, n) > STRAIGHT_LINE_UP_TO:
        from gametheory_rl.equilibria._kernels._lockstep import solve_lockstep

        solve_lockstep(flat, count, m, n, x, y, value, gap)
        return
    solve = import_module(f"{__package__}._lockstep_{min(m, n)}x{max(m, n)}").solve
    if m <= n:
        solve(flat, count, n, 1, 1.0, x, y, value, gap)
    else:
        solve(flat, count, 1, n, -1.0, y, x, value, gap)


@kernel
def minimax_one(game):
    """Solve one game (m, n); returns x, y, value, gap, fine; the gap is NaN where an entry is not finite."""
    rows, columns = game.shape
    x, y = np.empty(rows), np.empty(columns)
    low, high, finite = extremes(game, rows, columns)
    if not finite:
        return x, y, np.nan, np.nan, False
    lower, upper = minimax_into(game, rows, columns, x, y, np.empty((rows + 1, columns + 1)), np.empty(rows + columns, np.int64))
    value, gap, fine = settle(lower, upper, low, high, rows, columns)
    return x, y, value, gap, fine


@kernel
def minimax_each(games, which, x, y, value, gap, fine):
    """Solve the games numbered in ``which`` (int64); fills their entries of x, y, value, gap, fine.

    games (K, m, n), x (K, m), y (K, n), value, gap (K,): float64, C-contiguous; fine (K,) bool.
    A game with an entry that is not finite gets the gap NaN.
    """
    rows, columns = games.shape[1], games.shape[2]
    tableau = np.empty((rows + 1, columns + 1))
    basis = np.empty(rows + columns, np.int64)
    for k in which:
        low, high, finite = extremes(games[k], rows, columns)
        if not finite:
            gap[k], fine[k] = np.nan, False
            continue
        lower, upper = minimax_into(games[k], rows, columns, x[k], y[k], tableau, basis)
        value[k], gap[k], fine[k] = settle(lower, upper, low, high, rows, columns)

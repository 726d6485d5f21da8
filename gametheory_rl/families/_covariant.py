"""Covariant games: normal payoffs, from common interest to pure conflict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._arguments import integer, real
from gametheory_rl.families._stage_game import MOST_PLAYERS, menu, one_shot, require_payoffs


def covariant(
    actions: int | Sequence[int] = 3, players: int = 2, correlation: float = 0.0, seed: int = 0, discount: float = 0.0
) -> StochasticGame:
    """Return a random game in which the players' payoffs in each cell are normal with one correlation between any two.

    Parameters
    ----------
    actions : int or sequence of int
        Actions of every player, or one number per player.
    players : int
        From 1 to 20.
    correlation : float
        From ``-1 / (players - 1)``, where payoffs sum to zero, over 0, independent, to 1, where all players want the same.
    seed : int
        At least 0; the same arguments give the same game.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state; every payoff has mean 0 and variance 1, cells are independent.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    Y. Rinott and M. Scarsini, "On the number of pure strategy Nash equilibria in random games", Games and Economic Behavior 33, 2000.
    """
    n = integer(players, "players", 1, MOST_PLAYERS)
    sizes = menu(actions, n)
    rho = real(correlation, "correlation", -1 / (n - 1) if n > 1 else -1.0, 1.0)
    require_payoffs(sizes, f"a game of {n} players")
    rng = np.random.default_rng(integer(seed, "seed", 0))
    draws = rng.standard_normal((n, *sizes))
    mean = draws.mean(axis=0)
    # In the eigenvectors of the correlation matrix: the mean of all, and what is left of each.
    apart = draws - mean
    apart[-1] = -apart[:-1].sum(axis=0)  # so that at the lowest correlation payoffs sum to zero, not to what rounding leaves
    together = np.sqrt(max(0.0, 1 + (n - 1) * rho)) * mean
    return one_shot(np.sqrt(1 - rho) * apart + together, discount, "covariant")

"""Unit vector games: imitation of a random map against random payoffs."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import one_shot, require_payoffs


def unit_vector(actions: int = 5, seed: int = 0, discount: float = 0.0) -> StochasticGame:
    """Return a random game in which each action of player 2 has exactly one reply of player 1 that pays.

    Parameters
    ----------
    actions : int
        Of each player.
    seed : int
        At least 0; the same arguments give the same game.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state. Each column of player 1's payoffs is a unit vector, drawn uniformly; player 2's are uniform on [0, 1).

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    R. Savani and B. von Stengel, "Unit vector games", International Journal of Economic Theory 12, 2016. The best replies of
    player 1 are known before any computing, so that a single polytope tells everything.
    """
    count = integer(actions, "actions", 1)
    require_payoffs((count, count), f"a game of {count} x {count} actions")
    rng = np.random.default_rng(integer(seed, "seed", 0))
    payoffs = np.zeros((2, count, count))
    payoffs[0, rng.integers(count, size=count), np.arange(count)] = 1.0
    payoffs[1] = rng.random((count, count))
    return one_shot(payoffs, discount, "unit_vector")

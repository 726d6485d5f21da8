"""The games of Sandholm, Gilpin and Conitzer: one equilibrium, on half of the actions."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import one_shot, require_payoffs


def sandholm_gilpin_conitzer(size: int = 2, discount: float = 0.0) -> StochasticGame:
    """Return the game that is hardest for methods that try supports by their size.

    It has ``4 size - 1`` actions a player and one equilibrium, uniform on the first ``2 size - 1`` actions of both: half of all, as many
    supports as there can be of one size.

    Parameters
    ----------
    size : int
        At least 1.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state, two players, payoffs in 0, 1/2, 3/4 and 1.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    T. Sandholm, A. Gilpin and V. Conitzer, "Mixed-integer programming methods for finding Nash equilibria", AAAI 2005, payoffs mapped
    to [0, 1]. The first actions lie on a cycle, and each beats the one before it; the others pay nothing against those, and the
    players disagree about how to match them. Where the cycle is a single action (size 1) it is worth 3/4, so that it is strict.
    """
    half = 2 * integer(size, "size", 1) - 1
    count = 2 * half + 1
    require_payoffs((count, count), f"the game of size {size}")
    payoffs = np.zeros((2, count, count))
    ahead = (np.arange(half)[:, np.newaxis] - np.arange(half)) % half
    beats = np.full((half, half), 0.75)
    if half > 1:
        beats[ahead == 1], beats[ahead == half - 1] = 1.0, 0.5
    payoffs[0, :half, :half], payoffs[1, :half, :half] = beats, beats.T
    payoffs[0, :half, half:] = payoffs[1, half:, :half] = 0.5
    rest = np.arange(half, count)
    payoffs[0, rest, rest] = 0.75
    payoffs[1, rest, half + ((rest - half) ^ 1)] = 0.75
    return one_shot(payoffs, discount, "sandholm_gilpin_conitzer")

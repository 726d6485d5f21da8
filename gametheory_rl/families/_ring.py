"""Random games on a ring: successors are neighbours, so news travels slowly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._random_game import Size, checked_size, random_game


def ring(
    states: int = 100,
    actions: int | Sequence[int] = 3,
    branching: int = 3,
    players: int = 2,
    seed: int = 0,
    discount: float = 0.9,
    zero_sum: bool = True,
    payoffs: str = "uniform",
) -> StochasticGame:
    """Return a random game whose states lie on a ring and in which every joint action leads to nearby states.

    It mixes slowly: what happens half the ring away matters only after ``states / branching`` steps or more.

    Parameters
    ----------
    states, actions, players, seed, discount, zero_sum, payoffs
        As in ``garnet``.
    branching : int
        Successors of a joint action: that many consecutive states around the present one, itself included, one more ahead than behind
        where even. Their probabilities are the pieces into which uniform cuts divide [0, 1].

    Returns
    -------
    StochasticGame
        Sparse.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.
    """
    size = checked_size(states, actions, branching, players, "a ring")
    rng = np.random.default_rng(integer(seed, "seed", 0))
    return random_game(size, _neighbours(size), rng, discount=discount, zero_sum=zero_sum, payoffs=payoffs, name="ring")


def _neighbours(size: Size) -> np.ndarray:
    """Return ``(rows, branching)`` states, ascending in each row."""
    behind = (size.branching - 1) // 2
    step = np.arange(size.branching) - behind
    near = (np.arange(size.states)[:, np.newaxis] + step) % size.states
    near.sort(axis=1)
    return np.repeat(near.astype(np.int32), size.rows // size.states, axis=0)

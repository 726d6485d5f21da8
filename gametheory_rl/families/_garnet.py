"""Garnet: random games whose successors are spread over all states."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._random_game import Size, checked_size, random_game

FEW_SUCCESSORS = 32
CHUNK = 2**22


def garnet(
    states: int = 100,
    actions: int | Sequence[int] = 3,
    branching: int = 5,
    players: int = 2,
    seed: int = 0,
    discount: float = 0.9,
    zero_sum: bool = True,
    payoffs: str = "uniform",
) -> StochasticGame:
    """Return a random game in which each joint action leads to ``branching`` different states, drawn uniformly.

    Parameters
    ----------
    states : int
    actions : int or sequence of int
        Actions of every player, or one number per player.
    branching : int
        Successors of a joint action, at most ``states``. Their probabilities are the pieces into which uniform cuts divide [0, 1].
    players : int
    seed : int
        At least 0; the same arguments give the same game.
    discount : float
        In [0, 1].
    zero_sum : bool
        Whether player 2 earns the negative of player 1; needs 2 players. Otherwise the payoffs are independent.
    payoffs : str
        "uniform" on [-1, 1), "normal", or "integers" (-1, 0 or 1: degenerate stage games).

    Returns
    -------
    StochasticGame
        Sparse.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    After Archibald, McKinnon & Thomas, "On the generation of Markov decision processes", JORS 46, 1995, and Bhatnagar et al.,
    "Natural actor-critic algorithms", Automatica 45, 2009; here for several players.
    """
    size = checked_size(states, actions, branching, players, "a garnet")
    rng = np.random.default_rng(integer(seed, "seed", 0))
    choose = _by_exchange if size.branching <= FEW_SUCCESSORS else _by_ranking
    return random_game(size, choose(size, rng), rng, discount=discount, zero_sum=zero_sum, payoffs=payoffs, name="garnet")


def _by_exchange(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Draw ``(rows, branching)`` distinct states, in time linear in the rows.

    Floyd's sampling (Bentley & Floyd, CACM 30, 1987), all rows at once: the k-th draw is from the first ``states - branching + k + 1``
    states, and a state drawn already is replaced by the last of them.
    """
    chosen = np.empty((size.rows, size.branching), dtype=np.int32)
    for k in range(size.branching):
        last = size.states - size.branching + k
        draw = (rng.random(size.rows) * (last + 1)).astype(np.int32)
        for earlier in range(k):
            np.copyto(draw, last, where=chosen[:, earlier] == draw)
        chosen[:, k] = draw
    chosen.sort(axis=1)
    return chosen


def _by_ranking(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Draw ``(rows, branching)`` distinct states as those with the smallest of one random key per state."""
    chosen = np.empty((size.rows, size.branching), dtype=np.int32)
    step = max(1, CHUNK // size.states)
    for first in range(0, size.rows, step):
        keys = rng.random((min(step, size.rows - first), size.states))
        chosen[first : first + step] = np.argpartition(keys, size.branching - 1, axis=1)[:, : size.branching]
    chosen.sort(axis=1)
    return chosen

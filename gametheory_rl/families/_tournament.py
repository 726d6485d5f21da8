"""Tournament games: a node that beats a set against a set that holds the node."""

from __future__ import annotations

from math import comb

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import LABELLED_ACTIONS, one_shot, require_payoffs, subsets


def tournament(nodes: int = 5, chosen: int = 2, seed: int = 0, discount: float = 0.0) -> StochasticGame:
    """Return the win-lose game of a random tournament.

    Every two nodes have played and one of them has won. Player 1 names a node, player 2 a set of ``chosen`` nodes. Player 1 wins where
    its node has beaten every node of the set, player 2 where the set holds the node; often neither does.

    Parameters
    ----------
    nodes : int
        At least 1.
    chosen : int
        From 1 to ``nodes``.
    seed : int
        At least 0; the same arguments give the same game.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state, payoffs 0 or 1; player 2's sets in lexicographic order.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    Y. Anbalagan, S. Norin, R. Savani and A. Vetta, "Polylogarithmic supports are required for approximate well-supported Nash
    equilibria below 2/3", WINE 2013: no small supports come close to an equilibrium.
    """
    count = integer(nodes, "nodes", 1)
    size = integer(chosen, "chosen", 1, count)
    require_payoffs((count, comb(count, size)), f"a tournament of {count} nodes and sets of {size}")
    rng = np.random.default_rng(integer(seed, "seed", 0))
    wins = np.triu(rng.random((count, count)) < 0.5, 1)
    beats = wins | np.tril(~wins.T, -1)
    sets = subsets(count, size)
    beaten = beats.astype(np.int64) @ sets.T == size
    names = [[str(k) for k in range(count)], [" ".join(map(str, np.flatnonzero(s))) for s in sets[: LABELLED_ACTIONS + 1]]]
    return one_shot(np.stack([beaten, sets.T]).astype(np.float64), discount, "tournament", names)

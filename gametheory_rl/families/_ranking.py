"""Ranking games: effort costs, and the best score takes the prize."""

from __future__ import annotations

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import MOST_PLAYERS, one_shot, require_payoffs


def ranking(actions: int = 5, players: int = 2, steps: int = 10, seed: int = 0, discount: float = 0.0) -> StochasticGame:
    """Return a random contest: every player picks an effort, all pay for theirs, and the highest score wins a prize of 1.

    Scores and costs rise with the effort, each player's on its own; the prize is shared equally among equal scores.

    Parameters
    ----------
    actions : int
        Efforts of every player; action 0 is none, and costs nothing.
    players : int
        From 1 to 20.
    steps : int
        From one effort to the next the score rises by a whole number from 1 to ``steps``, and the cost by a multiple, from 1 to ``steps``,
        of 1 / (actions * steps): no effort costs as much as the prize is worth.
    seed : int
        At least 0; the same arguments give the same game.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    L. A. Goldberg, P. W. Goldberg, P. Krysta and C. Ventre, "Ranking games that have competitiveness-based strategies", Theoretical
    Computer Science 476, 2013; an all-pay auction where scores are bids. Random steps as in J. Fearnley, T. P. Igwe and R. Savani,
    "An empirical study of finding approximate equilibria in bimatrix games", SEA 2015.
    """
    count, n, most = integer(actions, "actions", 1), integer(players, "players", 1, MOST_PLAYERS), integer(steps, "steps", 1, 2**40)
    require_payoffs((count,) * n, f"a contest of {n} players with {count} efforts each")
    rng = np.random.default_rng(integer(seed, "seed", 0))
    scores = rng.integers(1, most + 1, size=(n, count)).cumsum(axis=1)
    rises = rng.integers(1, most + 1, size=(n, count))
    rises[:, 0] = 0
    costs = rises.cumsum(axis=1) / (count * most)
    by_player = [scores[i].reshape([-1 if k == i else 1 for k in range(n)]) for i in range(n)]
    best = np.broadcast_to(by_player[0], (count,) * n)
    for score in by_player[1:]:
        best = np.maximum(best, score)
    winners = np.stack([np.broadcast_to(score == best, best.shape) for score in by_player])
    payoffs = winners / winners.sum(axis=0)
    for i in range(n):
        payoffs[i] -= costs[i].reshape([-1 if k == i else 1 for k in range(n)])
    return one_shot(payoffs, discount, "ranking")

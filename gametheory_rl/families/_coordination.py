"""Coordination games: everyone wants to do what everyone else does."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import MOST_PLAYERS, numbers, one_shot, require_payoffs


def coordination(actions: int = 3, players: int = 2, payoffs: Any = None, discount: float = 0.0) -> StochasticGame:
    """Return the game that pays where all players choose the same action, and 0 elsewhere.

    With two players and positive payoffs any set of actions supports exactly one equilibrium, so there are ``2**actions - 1`` of them,
    and the method of Lemke and Howson reaches the pure ones only.

    Parameters
    ----------
    actions : int
        Of every player.
    players : int
        From 1 to 20.
    payoffs : (actions,) or (players, actions) array, optional
        What it pays to meet at each action, to all players or to each; 1 if not given.
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
    Meeting points after T. C. Schelling, "The strategy of conflict", 1960.
    """
    count, n = integer(actions, "actions", 1), integer(players, "players", 1, MOST_PLAYERS)
    require_payoffs((count,) * n, f"a game of {n} players with {count} actions each")
    worth = np.broadcast_to(1.0 if payoffs is None else numbers(payoffs, "payoffs", (count,), (n, count)), (n, count))
    table = np.zeros((n, *(count,) * n))
    table[(slice(None), *(np.arange(count),) * n)] = worth
    return one_shot(table, discount, "coordination")

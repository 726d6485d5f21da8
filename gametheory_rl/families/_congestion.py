"""Congestion games: what a resource costs depends on how many use it."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import MOST_PLAYERS, numbers, one_shot, require_payoffs, subsets


def congestion(
    players: int = 3,
    resources: int = 3,
    chosen: int = 1,
    seed: int = 0,
    costs: Any = None,
    routes: Sequence[Sequence[int]] | None = None,
    discount: float = 0.0,
) -> StochasticGame:
    """Return a game in which every player picks some resources, and pays for each what its number of users makes it cost.

    Such games have an exact potential, and with it an equilibrium in pure actions.

    Parameters
    ----------
    players : int
        From 1 to 20.
    resources : int
        At least 1.
    chosen : int
        How many resources every player picks; ignored where ``routes`` are given.
    seed : int
        At least 0; the same arguments give the same game.
    costs : (resources, players) array, optional
        What resource r costs each of its users where there are k + 1 of them. By default it starts uniform on [0, 1) and rises with each
        user by as much again.
    routes : sequence of sequences of int, optional
        The sets of resources among which every player picks, such as the edges of the paths through a network; by default all sets of
        ``chosen`` resources.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state; a payoff is the cost with its sign turned. Actions are named after their resources.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    R. W. Rosenthal, "A class of games possessing pure-strategy Nash equilibria", International Journal of Game Theory 2, 1973. The
    potential is minus the sum over resources of what its first, second, ..., last user pays.
    """
    n, count = integer(players, "players", 1, MOST_PLAYERS), integer(resources, "resources", 1)
    chosen = integer(chosen, "chosen", 1)
    if routes is None:
        ways = comb(count, integer(chosen, "chosen", 1, count))
        require_payoffs((ways,) * n, f"a game of {n} players who choose {chosen} of {count} resources")
        menu = subsets(count, chosen)
    else:
        menu = _checked_routes(routes, count)
        require_payoffs((len(menu),) * n, f"a game of {n} players with {len(menu)} routes each")
    rng = np.random.default_rng(integer(seed, "seed", 0))
    table = rng.random((count, n)).cumsum(axis=1) if costs is None else numbers(costs, "costs", (count, n))
    names = [" ".join(map(str, np.flatnonzero(route))) for route in menu]
    return one_shot(_payoffs(menu, table, n), discount, "congestion", [names] * n)


def _payoffs(menu: np.ndarray, costs: np.ndarray, players: int) -> np.ndarray:
    shape = (len(menu),) * players
    payoffs = np.zeros((players, *shape))
    for uses, cost in zip(menu.T, costs, strict=True):
        by_player = [uses.reshape([-1 if k == i else 1 for k in range(players)]) for i in range(players)]
        load = np.zeros(shape, dtype=np.int64)
        for used in by_player:
            load += used
        price = np.append(0.0, cost)[load]
        for i, used in enumerate(by_player):
            payoffs[i] -= used * price
    return payoffs


def _checked_routes(routes: Any, resources: int) -> np.ndarray:
    """Return the routes as ``(routes, resources)`` bool."""
    if isinstance(routes, str) or not isinstance(routes, Sequence) or not len(routes):
        raise GameError(f"routes is {routes!r}, a list of lists of resources was expected")
    menu = np.zeros((len(routes), resources), dtype=np.bool_)
    for k, route in enumerate(routes):
        if isinstance(route, str) or not isinstance(route, Sequence):
            raise GameError(f"routes holds {route!r}, a list of resources was expected")
        for resource in route:
            menu[k, integer(resource, "a resource of routes", 0, resources - 1)] = True
    return menu

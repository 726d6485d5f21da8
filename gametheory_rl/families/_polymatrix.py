"""Polymatrix games: everyone plays a game of two with each neighbour, with one action in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.families._arguments import integer
from gametheory_rl.families._stage_game import MOST_PLAYERS, menu, numbers, one_shot, require_payoffs

GRAPHS = ("complete", "cycle", "path", "star")


def polymatrix(
    players: int = 3,
    actions: int | Sequence[int] = 2,
    graph: str = "complete",
    seed: int = 0,
    zero_sum: bool = False,
    pairs: Mapping[tuple[int, int], Any] | None = None,
    discount: float = 0.0,
) -> StochasticGame:
    """Return a game in which a player's payoff is the sum of what it earns from every neighbour.

    Parameters
    ----------
    players : int
        From 2 to 20.
    actions : int or sequence of int
        Actions of every player, or one number per player.
    graph : str
        Who plays whom: "complete", "cycle", "path" (each with the next) or "star" (all with player 0).
    seed : int
        At least 0; the same arguments give the same game.
    zero_sum : bool
        Whether what one earns from a pair the other loses; otherwise payoffs are independent.
    pairs : mapping, optional
        ``pairs[i, j]``, an (A_i, A_j) array, is what player i earns from its game with player j; what is not named is 0. In place of
        ``graph``, ``seed`` and ``zero_sum``.
    discount : float
        In [0, 1]; 0: played once.

    Returns
    -------
    StochasticGame
        One state. Without ``pairs``, the payoffs of each pair are standard normal.

    Raises
    ------
    GameError
        An argument out of its range, or a game that does not fit in memory.

    Notes
    -----
    E. B. Yanovskaya 1968; J. T. Howson, "Equilibria of polymatrix games", Management Science 18, 1972.
    """
    n = integer(players, "players", 2, MOST_PLAYERS)
    sizes = menu(actions, n)
    require_payoffs(sizes, f"a game of {n} players")
    seed = integer(seed, "seed", 0)
    games = _drawn(n, sizes, graph, seed, zero_sum) if pairs is None else _checked_pairs(pairs, sizes)
    payoffs = np.zeros((n, *sizes))
    for (i, j), earned in games.items():
        table = earned if i < j else earned.T
        payoffs[i] += table.reshape([sizes[k] if k in (i, j) else 1 for k in range(n)])
    return one_shot(payoffs, discount, "polymatrix")


def _drawn(n: int, sizes: tuple[int, ...], graph: str, seed: int, zero_sum: bool) -> dict[tuple[int, int], np.ndarray]:
    """Draw the payoffs of every pair of the graph."""
    if not isinstance(zero_sum, bool):
        raise GameError(f"zero_sum is {zero_sum!r}, True or False was expected")
    rng = np.random.default_rng(seed)
    games: dict[tuple[int, int], np.ndarray] = {}
    for i, j in _edges(graph, n):
        games[i, j] = rng.standard_normal((sizes[i], sizes[j]))
        games[j, i] = -games[i, j].T if zero_sum else rng.standard_normal((sizes[j], sizes[i]))
    return games


def _edges(graph: str, n: int) -> list[tuple[int, int]]:
    if graph not in GRAPHS:
        raise UnknownNameError("graph", str(graph), GRAPHS)
    if graph == "complete":
        return [(i, j) for i in range(n) for j in range(i + 1, n)]
    if graph == "star":
        return [(0, j) for j in range(1, n)]
    return [(i, i + 1) for i in range(n - 1)] + ([(0, n - 1)] if graph == "cycle" and n > 2 else [])


def _checked_pairs(pairs: Any, sizes: tuple[int, ...]) -> dict[tuple[int, int], np.ndarray]:
    if not isinstance(pairs, Mapping):
        raise GameError(f"pairs is {pairs!r}, a mapping from pairs of players to payoffs was expected")
    found = {}
    for key, table in pairs.items():
        if not isinstance(key, tuple) or len(key) != 2 or key[0] == key[1]:
            raise GameError(f"pairs names {key!r}, two different players (i, j) were expected")
        i, j = (integer(player, "a player of pairs", 0, len(sizes) - 1) for player in key)
        found[i, j] = numbers(table, f"pairs[{i}, {j}]", (sizes[i], sizes[j]))
    return found

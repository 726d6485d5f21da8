"""Congestion with a crowd: what a resource costs depends on how many of many use it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._memory import require_memory
from gametheory_rl.families._arguments import integer, real
from gametheory_rl.families._stage_game import numbers


def congestion_population(
    agents: int = 100, resources: int = 3, seed: int = 0, costs: Any = None, discount: float = 0.0, start: Any = None
) -> PopulationGame:
    """Return the game in which every agent picks a resource, and pays what its number of users makes it cost.

    It is ``congestion`` for more players than a joint tensor can hold. There is an exact potential, and with it an equilibrium in pure
    actions.

    Parameters
    ----------
    agents : int
        At least 2.
    resources : int
        At least 2.
    seed : int
        At least 0; the same arguments give the same game.
    costs : (resources, agents) array, optional
        What resource r costs each of its users where there are k + 1 of them. By default it starts uniform on [0, 1) and rises with each
        user by a uniform number of [0, 1) divided by ``agents``, the same for all users of the resource.
    discount : float
        In [0, 1).
    start : (resources,) array, optional
        Distribution of the first choices; None: uniform.

    Returns
    -------
    PopulationGame
        A payoff is the cost with its sign turned.

    Raises
    ------
    GameError
        An argument out of its range, or a table that does not fit in memory.

    Notes
    -----
    R. W. Rosenthal, "A class of games possessing pure-strategy Nash equilibria", International Journal of Game Theory 2, 1973.
    """
    agents, resources = integer(agents, "agents", 2), integer(resources, "resources", 2)
    seed, discount = integer(seed, "seed", 0), real(discount, "discount", 0, 1)
    require_memory((4 * resources, agents + 1), "the costs of all resources", "choose fewer agents")
    if costs is None:
        rng = np.random.default_rng(seed)
        free, rise = rng.random((2, resources, 1))
        table = free + rise * np.arange(1, agents + 1) / agents
    else:
        table = numbers(costs, "costs", (resources, agents))
    payoff = np.hstack([np.zeros((resources, 1)), -table])
    load = np.eye(resources, dtype=np.int64)
    return PopulationGame(agents=agents, load=load, payoff=payoff, discount=discount, start=start, name="congestion_population")

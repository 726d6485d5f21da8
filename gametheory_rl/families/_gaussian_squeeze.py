"""Gaussian squeeze: a crowd that earns the most when it uses a resource neither too little nor too much."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory
from gametheory_rl.families._arguments import integer, real


def gaussian_squeeze(
    agents: int = 500, actions: int = 10, mu: float = 400.0, sigma: float = 200.0, discount: float = 0.0, start: Any = None
) -> PopulationGame:
    """Return the game in which all earn ``G(x) = x exp(-(x - mu)^2 / sigma^2)``, where x is the sum of everybody's action 0, 1, ...

    With mu = 400 and sigma = 200 the most is G(444.949) = 423.0326. Uniform play of 100 agents earns 97.7 % of that in expectation, so
    100 agents show nothing; 500 agents who start uniformly earn 2.6e-28, and 1000 earn 3.8e-127: nothing to learn from. Say where a run
    started.

    Parameters
    ----------
    agents : int
        At least 2.
    actions : int
        At least 2: an agent adds 0, 1, ..., actions - 1.
    mu, sigma : float
        Not negative, and positive.
    discount : float
        In [0, 1).
    start : (actions,) array, optional
        Distribution of the first actions; None: uniform.

    Returns
    -------
    PopulationGame

    Raises
    ------
    GameError
        An argument out of its range, or a table that does not fit in memory.

    Notes
    -----
    Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, section 5.1.
    """
    agents, actions = integer(agents, "agents", 2), integer(actions, "actions", 2)
    mu, sigma = real(mu, "mu", 0), real(sigma, "sigma", 0)
    if sigma == 0:
        raise GameError("sigma is 0, a positive number was expected")
    require_memory((actions + 4, agents * (actions - 1) + 1), "payoffs by load", "choose fewer agents")
    x = np.arange(agents * (actions - 1) + 1.0)
    with np.errstate(over="ignore", under="ignore"):
        payoff = x * np.exp(-(((x - mu) / sigma) ** 2))
    return PopulationGame(agents=agents, load=np.arange(actions), payoff=payoff, discount=discount, start=start, name="gaussian_squeeze")

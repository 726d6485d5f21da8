"""The Ising model as a game: agents on a torus who like to do what their neighbours do."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._population_game import PopulationGame
from gametheory_rl._support._memory import require_memory
from gametheory_rl.families._arguments import integer, real


def ising(size: int = 20, field: float = 0.0, coupling: float = 1.0, discount: float = 0.0, start: Any = None) -> PopulationGame:
    """Return the game in which agent i earns ``field * a_i + coupling / 2 * a_i * (sum of its four neighbours' a_j)``, a = -1 or +1.

    Agents that choose by heat bath at temperature T have Ising's distribution. Where the coupling is 1 and there is no field, the
    infinite lattice orders below T = 1 / ln(1 + sqrt 2) = 1.1346.

    Parameters
    ----------
    size : int
        Rows and columns of the torus, at least 2; in one of two rows the neighbour on both sides is the same, and counts twice.
    field, coupling : float
        h and lambda.
    discount : float
        In [0, 1).
    start : (2,) array, optional
        Distribution of the first actions; None: uniform.

    Returns
    -------
    PopulationGame
        ``size * size`` agents in rows; actions 0 (down, -1) and 1 (up, +1).

    Raises
    ------
    GameError
        An argument out of its range, or a lattice that does not fit in memory.

    Notes
    -----
    Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, section 5.2.
    """
    size = integer(size, "size", 2)
    require_memory((6, size, size), "the neighbours of all agents", "choose a smaller size")
    spins = np.array([-1.0, 1.0])
    return PopulationGame(
        neighbours=torus(size),
        pair=real(coupling, "coupling") / 2 * np.outer(spins, spins),
        own=real(field, "field") * spins,
        discount=discount,
        start=start,
        actions=("down", "up"),
        name="ising",
    )


def torus(size: int) -> np.ndarray:
    """Return the neighbours ``(size * size, 4)`` above, below, left and right."""
    cells = np.arange(size * size).reshape(size, size)
    return np.stack([np.roll(cells, step, axis).ravel() for axis in (0, 1) for step in (1, -1)], axis=1)

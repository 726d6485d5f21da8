"""Teams: players who earn the same and discount alike are one decision maker whose actions are the joint actions."""

from __future__ import annotations

from functools import partial

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl._support._errors import GameError
from gametheory_rl.stochastic._certified import certificate_of
from gametheory_rl.stochastic._classes import is_team
from gametheory_rl.stochastic._newton import newton
from gametheory_rl.stochastic._zero_sum import general_method


def team(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
) -> GameSolution:
    """Solve a game of common interest: the best joint policy, which is an equilibrium, and the best one for everybody.

    Parameters are those of ``newton``, which solves the decision process ``game.centralised()``.

    Returns
    -------
    GameSolution
        ``values`` are the same for all players, within ``error_bound`` of the most that the team can earn; the profile is deterministic.

    Raises
    ------
    GameError
        Players earn, or discount, differently.
    """
    if not is_team(game):
        raise GameError(f"team needs players who earn the same everywhere and discount alike, these do not; use {general_method(game)}")
    found = newton(game.centralised(), tol=tol, max_iterations=max_iterations, throw=throw, progress=progress)
    joint = np.unravel_index(found.profile[0].argmax(axis=1), game.num_actions)
    profile = tuple(np.eye(size)[own] for size, own in zip(game.num_actions, joint, strict=True))
    values = np.repeat(found.values, game.num_players, axis=0)
    certify = partial(certificate_of, game, profile)
    return GameSolution(values, profile, found.error_bound, found.trace, found.status, "team", found.iterations, certify)

"""Games that one stage game decides: those of one state, and those with separable payoffs and transitions that forget the state."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution, Status
from gametheory_rl._support._errors import GameError, SolverError
from gametheory_rl.stochastic._certified import certificate_of, checked_tolerance, require_discounted
from gametheory_rl.stochastic._classes import is_separable
from gametheory_rl.stochastic._stage_rules import Menus, nash_rule


def stage_game(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    select: Any = None,
) -> GameSolution:
    """Solve one stage game, and play its equilibrium in every state for ever.

    Parameters
    ----------
    game : StochasticGame
        One state; or payoffs that are a part by state plus a part by actions, with transitions that do not depend on the state.
        Any number of players; every discount below 1.
    tol : float, optional
        Largest certified regret, in payoff units; None: 1e-8 times the payoff span.
    max_iterations, progress : optional
        Not needed; taken so that all methods are called alike.
    throw : bool
        Raise where the regret is larger than ``tol``.
    select : str, optional
        As ``nash_iteration`` takes it.

    Returns
    -------
    GameSolution
        ``values`` (n, S), the same mixed actions in every state, and the regret in ``certificate``.

    Raises
    ------
    GameError
        A game of another class, or a discount of 1.

    Notes
    -----
    T. Parthasarathy, S. Tijs & O. Vrieze 1984, "Stochastic games with state independent transitions and separable rewards". With
    ``payoff(s, a) = c(s) + r(a)`` the continuation value is ``c(s')`` plus what no action changes, so that the equilibria of
    ``r(a) + discount * sum over s' of p(s' | a) c(s')`` are stationary equilibria. One state is the case without ``c``.
    """
    del max_iterations, progress
    require_discounted(game, "stage_game")
    if game.num_states > 1 and not is_separable(game):
        raise GameError("stage_game needs one state, or separable payoffs and transitions that do not depend on the state; use homotopy")
    tol = checked_tolerance(game, tol)
    menus = Menus.of(game)
    first = tuple(0 for _ in game.num_actions)
    by_state = game.payoff[(slice(None), slice(None), *first)] - game.payoff[(slice(None), slice(0, 1), *first)]
    # In one state a terminal one too: payoffs of 0 leave nothing to choose.
    _, menu = menus.groups[0]
    stage = menus.stages(by_state if game.num_states > 1 else np.zeros_like(by_state))[:1]
    stage = stage[np.ix_(np.array([0]), np.arange(game.num_players), *menu)]
    played = nash_rule(select, game.num_players)(stage)
    profile = []
    for size, actions, part in zip(game.num_actions, menu, played.play, strict=True):
        policy = np.zeros((game.num_states, size))
        policy[:, actions] = part
        profile.append(policy)
    return _judged(game, tuple(profile), tol, throw)


def _judged(game: StochasticGame, profile: tuple[np.ndarray, ...], tol: float, throw: bool) -> GameSolution:
    certificate = certificate_of(game, profile)
    fine = certificate.epsilon <= tol
    if not fine and certificate.epsilon > tol + 4.0 * certificate.error_bound and throw:
        raise SolverError(f"stage_game {Status.UNREACHED.value} (regret {certificate.epsilon:.3g}, tol {tol:.3g})")
    status = Status.SOLVED if fine else Status.ROUNDING if certificate.epsilon <= tol + 4.0 * certificate.error_bound else Status.UNREACHED
    trace = {"residual": np.array([certificate.epsilon])}
    return GameSolution(certificate.values, profile, None, trace, status, "stage_game", 1, lambda: certificate)

"""Games that stage games decide: of one state, of separable payoffs, and games whose transitions nobody's action changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl._support._errors import GameError
from gametheory_rl.stochastic._certified import checked_limit, checked_tolerance, require_discounted
from gametheory_rl.stochastic._classes import is_separable
from gametheory_rl.stochastic._influence import movers_of
from gametheory_rl.stochastic._regret import judged
from gametheory_rl.stochastic._stage_rules import Menus, Rule, nash_rule
from gametheory_rl.stochastic._sweeps import Sweeps


def stage_game(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    select: Any = None,
) -> GameSolution:
    """Solve one stage game, or one for each state, and play its equilibrium for ever.

    Parameters
    ----------
    game : StochasticGame
        One state; or payoffs that are a part by state plus a part by actions, with transitions that do not depend on the state; or
        transitions that do not depend on actions. Any number of players; every discount below 1.
    tol : float, optional
        Largest certified regret, in payoff units; None: 1e-8 times the payoff span.
    max_iterations, progress : optional
        Not needed; taken, and checked, so that all methods are called alike.
    throw : bool
        Raise where the regret is larger than ``tol``.
    select : str, optional
        As ``nash_iteration`` takes it.

    Returns
    -------
    GameSolution
        ``values`` (n, S), the mixed actions (the same in every state, if payoffs are separable), and the regret in ``certificate``.

    Raises
    ------
    GameError
        A game of another class, or a discount of 1.

    Notes
    -----
    T. Parthasarathy, S. Tijs & O. Vrieze 1984, "Stochastic games with state independent transitions and separable rewards". With
    ``payoff(s, a) = c(s) + r(a)`` the continuation value is ``c(s')`` plus what no action changes, so that the equilibria of
    ``r(a) + discount * sum over s' of p(s' | a) c(s')`` are stationary equilibria. One state is the case without ``c``.
    Where nobody's action moves the state, what follows is the same whatever is played: equilibria of each state's payoffs make one.
    """
    del progress
    require_discounted(game, "stage_game")
    checked_limit(max_iterations, 0.0)
    tol = checked_tolerance(game, tol)
    rule = nash_rule(select, game.num_players)
    if game.num_states == 1 or is_separable(game):
        profile = _once(game, rule)
    elif not any(moved.any() for moved in movers_of(game)):
        sweeps = Sweeps.of(game, rule)
        sweeps.sweep(np.zeros((game.num_players, game.num_states)))
        profile = sweeps.parts()
    else:
        raise GameError(
            "stage_game needs one state, or separable payoffs and transitions that do not depend on the state, or transitions that do not "
            "depend on actions; use homotopy"
        )
    return judged(game, "stage_game", profile, tol, throw)


def _once(game: StochasticGame, rule: Rule) -> tuple[np.ndarray, ...]:
    """Return what the rule plays in the one stage game that decides all states."""
    menus = Menus.of(game)
    first = tuple(0 for _ in game.num_actions)
    by_state = game.payoff[(slice(None), slice(None), *first)] - game.payoff[(slice(None), slice(0, 1), *first)]
    # In one state a terminal one too: payoffs of 0 leave nothing to choose.
    _, menu = menus.groups[0]
    stage = menus.stages(by_state if game.num_states > 1 else np.zeros_like(by_state))[:1]
    played = rule(stage[np.ix_(np.array([0]), np.arange(game.num_players), *menu)])
    profile = []
    for size, actions, part in zip(game.num_actions, menu, played.play, strict=True):
        policy = np.zeros((game.num_states, size))
        policy[:, actions] = part
        profile.append(policy)
    return tuple(profile)

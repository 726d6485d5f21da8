"""The iterations by name: each is a rule for stage games, and what its fixed point means."""

from __future__ import annotations

from typing import Any

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl.stochastic import _stage_rules as rules
from gametheory_rl.stochastic._stage_iteration import iterate_stages


def nash_iteration(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    select: Any = None,
) -> GameSolution:
    """Back up the values of one Nash equilibrium of every stage game, the one that ``select`` chooses.

    Parameters
    ----------
    game : StochasticGame
        Any number of players; every discount below 1.
    tol : float, optional
        Largest regret that counts as solved, in payoff units; None: 1e-8 times the payoff span.
    max_iterations : int, optional
        None: as many as a contraction could need.
    throw : bool
        Raise where the iteration goes round in a cycle, does not end, or ends at no equilibrium; False: return what was reached, with
        its status, and its exact regret in ``certificate``.
    progress : bool, optional
        Draw a bar; None: on a terminal.
    select : str or pair of str, optional
        ``first`` (the default, also for more than two players), ``best_for_1``, ``best_for_2``, ``welfare``, ``egalitarian``,
        ``risk_dominant``, ``max_entropy``. A pair: each of two players has an equilibrium of its own in mind, expects its value,
        and plays its part of it.

    Returns
    -------
    GameSolution
        ``values`` are what the rule expects. ``error_bound`` is None: the guarantee is the regret, ``certificate.epsilon``.
        ``status`` says ``CYCLES`` where values go round, ``period`` then says after how many iterations, and ``MISMATCH`` where the
        players of a pair have different equilibria in mind; ``trace["mismatch"]`` (S,) shows the states.

    Raises
    ------
    GameError
        A discount of 1, an unknown selection, or one that needs all equilibria in a game of more than two players.
    SolverError
        See ``throw``.

    Notes
    -----
    The iteration behind Nash-Q (J. Hu & M. P. Wellman 2003), for a known game. It need not converge: ``homotopy`` does. Where play
    settles, the values of playing so for ever are tried as a fixed point now and then, so that discounts near 1 end as soon as others;
    the iteration itself does not notice, so that cycles are found as before.
    """
    rule = rules.nash_rule(select, game.num_players)
    given = {"tol": tol, "max_iterations": max_iterations, "throw": throw, "progress": progress}
    return iterate_stages(game, "nash_iteration", rule, contracts=game.num_players == 1, equilibrium=True, **given)


def correlated_iteration(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    select: str | None = None,
) -> GameSolution:
    """Back up the values of one correlated equilibrium of every stage game (A. Greenwald & K. Hall 2003).

    Parameters, returns and errors are those of ``nash_iteration``, but ``select`` is an objective: ``welfare`` (the default),
    ``egalitarian``, ``republican``, ``libertarian`` (player 1's payoff) or ``entropy``, and the profile is one array of joint actions,
    judged by obedience.
    """
    rule = rules.correlated_rule(select, game.num_players)
    given = {"tol": tol, "max_iterations": max_iterations, "throw": throw, "progress": progress}
    return iterate_stages(game, "correlated_iteration", rule, contracts=False, equilibrium=True, **given)


def friend_iteration(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    select: None = None,
) -> GameSolution:
    """Back up each player's best joint action, as if all others helped it (M. Littman 2001, friend-Q).

    The backup contracts: ``error_bound`` bounds the distance of ``values`` from its fixed point, which is what the player would earn
    with everybody's help, at most. Where all have the same joint action in mind that is what they earn, and an equilibrium of a
    team. In other games the profile is what such friends would do, and ``certificate`` says how far from equilibrium it is.
    Parameters are those of ``nash_iteration``, without anything to select.
    """
    rule = rules.friend_rule(select, game.num_players)
    given = {"tol": tol, "max_iterations": max_iterations, "throw": throw, "progress": progress}
    return iterate_stages(game, "friend_iteration", rule, contracts=True, equilibrium=False, **given)


def foe_iteration(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    select: None = None,
) -> GameSolution:
    """Back up what each player can secure against all others together (M. Littman 2001, foe-Q; L. Shapley 1953).

    The backup contracts: ``error_bound`` bounds the distance of ``values`` from the security levels. In a zero-sum game of two
    players they are the game's value and the profile is an equilibrium. Parameters are those of ``nash_iteration``, without anything to
    select.
    """
    rule = rules.foe_rule(select, game.num_players)
    given = {"tol": tol, "max_iterations": max_iterations, "throw": throw, "progress": progress}
    return iterate_stages(game, "foe_iteration", rule, contracts=True, equilibrium=False, **given)


def stackelberg_iteration(
    game: StochasticGame,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    select: None = None,
) -> GameSolution:
    """Back up the values of player 1's best commitment in every stage game, ties of the follower in the leader's favour.

    A follower who looks one stage ahead; a leader who committed to a whole policy could do better (J. Letchford, L. MacDermed,
    V. Conitzer, R. Parr & C. Isbell 2012). Nothing promises convergence, and the profile need not be a Nash equilibrium: ``certificate``
    says how far from one it is. Parameters are those of ``nash_iteration``, without anything to select.
    """
    rule = rules.stackelberg_rule(select, game.num_players)
    given = {"tol": tol, "max_iterations": max_iterations, "throw": throw, "progress": progress}
    return iterate_stages(game, "stackelberg_iteration", rule, contracts=False, equilibrium=False, **given)

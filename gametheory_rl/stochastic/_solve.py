"""The verb: pick a sound method and run it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from gametheory_rl._games import StochasticGame
from gametheory_rl._registry import resolve, table
from gametheory_rl._results import GameSolution
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.stochastic._certified import require_game
from gametheory_rl.stochastic._partitioned_game import PartitionedGame

OPTIONAL = ("select", "path", "prior")
"""Settings for which None says that nothing is asked."""


def solve(
    game: StochasticGame | PartitionedGame,
    method: str | None = None,
    *,
    tol: float | None = None,
    max_iterations: int | None = None,
    throw: bool = True,
    progress: bool | None = None,
    client: Any = None,
    **settings: Any,
) -> GameSolution:
    """Solve a stochastic game, with a guarantee on every number.

    Parameters
    ----------
    game : StochasticGame or PartitionedGame
        Any number of players; discount below 1. A ``PartitionedGame`` needs a ``client``.
    method : str, optional
        ``value_iteration``, ``modified_policy_iteration``, ``policy_iteration`` or ``newton`` for zero-sum games of two players and
        decision processes of one, ``linear_program`` for those of them that one player controls; ``team`` for common payoffs;
        ``potential`` for games with a potential; ``stage_game`` for one state, separable payoffs, or transitions that nobody moves;
        ``homotopy`` for any game. ``nash_iteration``, ``correlated_iteration``, ``friend_iteration``, ``foe_iteration`` and
        ``stackelberg_iteration`` iterate over stage solutions, and say so where they go round. None: the most special sound one:
        ``newton``, ``team``, ``potential``, ``stage_game`` or ``homotopy``; with ``select`` one that takes it.
    tol : float, optional
        Largest certified error of any value, or for ``homotopy`` largest certified regret, in payoff units; None: 1e-8 times the
        payoff span.
    max_iterations : int, optional
        None: more than the discount can need.
    throw : bool
        Raise where ``max_iterations`` or Ctrl-C came first; False: return what was reached, with its status and its certified bound.
    progress : bool, optional
        Draw a bar; None: on a terminal.
    client : distributed.Client or str, optional
        Share the states of a zero-sum game, or of a decision process, out among the workers of a Dask cluster: a client, the address of
        a scheduler, or ``"local"`` for a worker on each processor here. The method is then ``"partitioned"``, and no other.
    **settings
        What only some methods know: ``select``, and ``path`` and ``prior`` of ``homotopy``.

    Returns
    -------
    GameSolution
        ``error_bound`` is proved: the true values lie within it; None where the guarantee is the regret. ``certificate`` is the exact
        regret of ``profile``, by ``verify``, which shares no code with the solvers.

    Raises
    ------
    GameError
        Unknown method or setting, a game that the method does not apply to, or a setting out of range.
    SolverError
        ``max_iterations`` came first, or no equilibrium was certified, and ``throw`` is true.
    """
    if client is not None or isinstance(game, PartitionedGame):
        return _solve_on_cluster(game, method, client, settings, tol=tol, max_iterations=max_iterations, throw=throw, progress=progress)
    require_game(game, "solve")
    if method is None:
        settings = {name: value for name, value in settings.items() if value is not None or name not in OPTIONAL}
        method = default_method(game, settings)[0]
    if not isinstance(method, str) or method not in table("solver"):
        raise UnknownNameError("method", str(method), table("solver"))
    solver = resolve("solver", method)
    known = inspect.signature(solver).parameters
    if not any(p.kind is p.VAR_KEYWORD for p in known.values()):
        for name in settings.keys() - known.keys():
            raise GameError(f"{method} has no setting {name!r}; it has {', '.join(list(known)[1:])}")
    return solver(game, tol=tol, max_iterations=max_iterations, throw=throw, progress=progress, **settings)


def _solve_on_cluster(game: Any, method: str | None, client: Any, settings: Mapping[str, Any], **options: Any) -> GameSolution:
    """Hand ``game`` to a cluster, or say in a sentence why it does not go there."""
    if client is None:
        raise GameError("a PartitionedGame is built where it is solved: give client=..., or solve game.gathered()")
    if not isinstance(game, PartitionedGame):
        require_game(game, "solve")
    asked = next((name for name, value in settings.items() if value is not None), None)
    if asked is not None or method not in (None, "partitioned"):
        got = f"the setting {asked!r}" if asked is not None else f"method {method!r}"
        raise GameError(f"with client the method is 'partitioned', which has no other settings, got {got}; leave it out, or client")
    from gametheory_rl.stochastic._partitioned import solve_partitioned

    return solve_partitioned(game, client, **options)


def default_method(game: StochasticGame, settings: Mapping[str, Any]) -> tuple[str, str]:
    """Return the method for ``game``, the most special that applies, and why; a selection, or a path, asks for a method that takes it."""
    if "path" in settings or "prior" in settings:
        return "homotopy", "which follows a path"
    if "select" not in settings and (game.num_players == 1 or game.zero_sum):
        return "newton", "since there is one player" if game.num_players == 1 else "since the game is zero-sum"
    from gametheory_rl.stochastic._classes import is_separable, is_team  # loads most of the stage solvers
    from gametheory_rl.stochastic._influence import movers_of
    from gametheory_rl.stochastic._potentials import potential_of

    if "select" not in settings and is_team(game):
        return "team", "since all players earn the same"
    if is_separable(game):
        return "stage_game", "since there is one state" if game.num_states == 1 else "since states and actions pay apart"
    if "select" not in settings and potential_of(game).payoff is not None:
        return "potential", "since the game has a potential"
    if not any(moved.any() for moved in movers_of(game)):
        return "stage_game", "since nobody's action matters to transitions"
    return ("nash_iteration", "which takes a selection") if "select" in settings else ("homotopy", "since no more special method applies")

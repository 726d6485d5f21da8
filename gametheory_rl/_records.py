"""What is measured at each record of a run: exact gaps, errors of the learner's own values, what it never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gametheory_rl._game_checks import joint_legal
from gametheory_rl._games import StochasticGame
from gametheory_rl._population_game import PopulationGame
from gametheory_rl._results import GameSolution, Profile
from gametheory_rl._support._errors import GameError
from gametheory_rl._verify import judge


def judge_of_records(game: StochasticGame | PopulationGame, learner: Any, exact: GameSolution | None) -> Callable[..., Mapping[str, Any]]:
    """Return ``judge(profile, estimates, visits)``, in a population ``judge(profile, actions)``: the numbers of one record."""
    if isinstance(game, PopulationGame):
        from gametheory_rl import _population

        return _population.judge(game)
    of_profile = judge(game)
    centralised = getattr(learner, "paradigm", None) == "centralised"
    team = game.centralised(learner.weights) if centralised else None
    of_team = judge(team) if team is not None else None
    truth = _truth(game if team is None else team, exact)
    counted = ~game.terminal if not game.terminal.all() else game.terminal
    residual = _residual(game if team is None else team)

    def numbers(profile: Profile, estimates: np.ndarray | None, visits: np.ndarray | None = None) -> Mapping[str, Any]:
        certificate = of_profile(profile)
        found: dict[str, Any] = {"nash_gap": certificate.epsilon, "start_gap": certificate.start_gap}
        found["start_values"] = certificate.values @ game.start
        if truth is not None and estimates is not None:
            found["value_error"] = float(np.abs(estimates - truth)[:, counted].max())
        if estimates is not None:
            settled = np.where(game.terminal, 0.0, estimates[:1] if team is not None else estimates)
            found["bellman_residual"] = float(np.abs(residual(profile, settled) - settled)[:, counted].max())
        if of_team is not None:
            found["team_gap"] = of_team(_joint(profile)).epsilon
        if visits is not None:
            found["unvisited"] = int(np.count_nonzero(counted & (visits == 0)))
        return found

    return numbers


def _truth(game: StochasticGame, exact: GameSolution | None) -> np.ndarray | None:
    """Return the exact values ``(n, S)``, given or solved for; None where there is no one truth."""
    shape = (game.num_players, game.num_states)
    if exact is None:
        if not (game.zero_sum or game.num_players == 1):
            return None
        from gametheory_rl.stochastic import solve

        exact = solve(game, throw=False, progress=False)
    if not isinstance(exact, GameSolution):
        raise GameError(f"exact is {type(exact).__name__}, a GameSolution was expected (solve returns one)")
    if np.shape(exact.values) != shape:
        whose = f"{game.name!r}" if game.name else "this game"
        raise GameError(f"exact has values of shape {np.shape(exact.values)}, {shape} was expected: the solution of {whose}")
    _require_same_game(game, exact)
    return exact.values


def _require_same_game(game: StochasticGame, exact: GameSolution) -> None:
    """Refuse the solution of another game of the same shape: its values do not solve this game's equation.

    Values within ``b`` of the fixed point of a contraction are moved by at most ``2 b``. Where there is no such operator, or no bound, they
    must be the worth of the solution's own profile; what is found by iteration is only nearly that.
    """
    size = max(1.0, float(np.abs(exact.values).max()), float(np.abs(game.payoff).max()))
    optimal = game.zero_sum or game.num_players == 1
    allowed = 1e-6 * size if exact.error_bound is None or not optimal else 2 * exact.error_bound + 1e-9 * size
    moved = float(np.abs(_residual(game)(exact.profile, exact.values) - exact.values).max())
    if moved > allowed:
        raise GameError(
            f"exact is the solution of another game: its values are off this game's equation by {moved:.3g}; pass solve(game) of {game!r}"
        )


# ---- the game's own equation -----------------------------------------------------------------------------------------


def _residual(game: StochasticGame) -> Callable[[Profile, np.ndarray], np.ndarray]:
    """Return ``T(profile, values)``, the exact backup ``(n, S)`` of values by the operator whose fixed point they should be.

    One player: the best action's worth. Zero-sum: the value of the stage game, to each player by its own estimates. Else no operator has
    the learner's goal as its one fixed point, and the profile's own is taken: what it earns at once, and by the estimates later.
    """
    chain = _chain(game)
    legal = joint_legal(game.legal)

    def stage(player: int, values: np.ndarray) -> np.ndarray:
        worth = game.payoff[player].ravel() + game.discount[player] * (chain @ values)
        return worth.reshape(legal.shape)

    def backup(profile: Profile, values: np.ndarray) -> np.ndarray:
        stages = (stage(player, row) for player, row in enumerate(values))
        if game.num_players == 1:
            return np.stack([np.where(legal, worth, -np.inf).max(axis=1) for worth in stages])
        if game.zero_sum:
            return np.stack([_stage_values(game, worth, player) for player, worth in enumerate(stages)])
        joint = _joint(profile)[0]
        return np.stack([(joint * worth.reshape(joint.shape)).sum(axis=1) for worth in stages])

    return backup


def _chain(game: StochasticGame) -> Any:
    """Return transitions ``(S A_1 ... A_n, S)``, dense where the game's are: then no sparse library is waited for."""
    return game.transition if game.is_sparse else game.transition.reshape(-1, game.num_states)


def _stage_values(game: StochasticGame, worth: np.ndarray, player: int) -> np.ndarray:
    """Return the values ``(S,)`` of zero-sum stage games ``(S, A_1, A_2)``, given in ``player``'s payoffs, to that player."""
    from gametheory_rl.equilibria import minimax

    mine, other = (game.legal[player], game.legal[1 - player])
    worth = worth if player == 0 else worth.swapaxes(1, 2)
    both = mine[:, :, np.newaxis] & other[:, np.newaxis, :]
    low, high = (
        extreme(worth, axis=(1, 2), initial=start, where=both)[:, np.newaxis, np.newaxis]
        for extreme, start in ((np.min, np.inf), (np.max, -np.inf))
    )
    # What is illegal pays its own player no more than anything legal does, so that it changes no value.
    worth = np.where(both, worth, np.where(mine[:, :, np.newaxis], high, low))
    return minimax(worth).value


def _joint(profile: Profile) -> Profile:
    """Return a profile as the super-agent's: one ``(S, A_1 * ... * A_n)`` policy."""
    if not isinstance(profile, tuple):
        return (profile.reshape(len(profile), -1),)
    joint = profile[0]
    for policy in profile[1:]:
        joint = (joint[:, :, np.newaxis] * policy[:, np.newaxis]).reshape(len(policy), -1)
    return (joint,)

"""The judge: how far a profile is from equilibrium, from the definition alone.

Nothing here knows how a profile was found. Each player's induced decision process is solved, so a gain is what he wins by
deviating for ever, not for one step; every number comes with a bound that follows from the number itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from gametheory_rl import _verify_process as process
from gametheory_rl._game_checks import checked_index, checked_profile
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import BestResponse, Certificate, Profile
from gametheory_rl._support._errors import GameError, UnknownNameError

CONCEPTS = ("nash", "correlated", "coarse")
"""What a profile can be judged as."""


def verify(game: StochasticGame, profile: Any, *, concept: str | None = None) -> Certificate:
    """Return the exact best-response gains of a profile, with a bound on the error of every number.

    Parameters
    ----------
    game : StochasticGame
        Any number of players; every discount below 1.
    profile : sequence of array_like, shape (S, A_i), or array_like, shape (S, A_1, ..., A_n)
        One policy per player, or one correlated profile. Rows may be off 1 by ``1e-8`` and are rescaled first.
    concept : {"nash", "correlated", "coarse"}, optional
        ``nash``: each player against the others' fixed policies. ``correlated`` (obedience): in every period a device draws
        a joint action afresh and shows each player his own part; a deviator sees it and answers each recommendation as he
        likes, for ever. ``coarse``: a deviator gives up his recommendations for ever and plays a policy of his own
        against the others' marginal. None: nash for a sequence of policies, correlated for an array. A sequence judged
        as ``correlated`` or ``coarse`` is taken as its product; ``nash`` refuses an array.

    Returns
    -------
    Certificate
        ``gains`` are never negative for nash and correlated. For ``coarse`` they may be: then obeying is strictly better.
        ``epsilon`` is the largest gain plus ``error_bound``, and at least 0. ``start_gap`` has no error added.

    Raises
    ------
    GameError
        A discount of 1, wrong shapes, NaN, rows that are not distributions, illegal actions, an unknown concept.

    Notes
    -----
    The optimal values come from policy iteration. Its linear equations are solved by elimination up to a few dozen states
    and by BiCGStab beyond, which takes no more memory than the game, so that a million states are judged in minutes;
    should it fail, elimination (up to 3,000 states) or Gauss-Seidel sweeps take over. The certificate does not rest on
    any of them: a final backup of the definition bounds the error of what they returned, ``|v - v*| <= |T v - v|_inf /
    (1 - discount)``, with the rounding of that backup, of the rescaled rows and of the difference added.
    To judge many profiles of one game, ``judge`` flattens the game once.

    Examples
    --------
    >>> import numpy as np
    >>> from gametheory_rl import StochasticGame, verify
    >>> pennies = StochasticGame.from_matrix_game([[1, -1], [-1, 1]])
    >>> heads, even = np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])
    >>> verify(pennies, (heads, even)).gains.tolist()
    [[0.0], [1.0]]
    """
    return judge(game)(profile, concept=concept)


def judge(game: StochasticGame) -> Callable[..., Certificate]:
    """Return ``verify`` with the game prepared once: ``judge(game)(profile, concept=None)``.

    It holds read-only arrays and nothing else, so that threads may share it.
    """
    return functools.partial(_certify, game, process.flatten(game))


def best_response(game: StochasticGame, profile: Any, player: int) -> BestResponse:
    """Return one player's best answer to the others' fixed play.

    Parameters
    ----------
    game : StochasticGame
        Every discount below 1.
    profile : sequence of array_like, shape (S, A_i), or array_like, shape (S, A_1, ..., A_n)
        Against a correlated profile the player ignores his recommendations: the others play their marginal.
    player : int

    Returns
    -------
    BestResponse
        A deterministic policy, the lowest action where several are best up to rounding; what that policy earns; and how
        much more than the profile (negative where obeying a correlated profile earns more).

    Raises
    ------
    GameError
        As ``verify``; a player that there is not.
    """
    flat, profile = process.flatten(game), checked_profile(game, profile)
    player = checked_index(player, game.num_players, "player")
    weights, joint = _others(profile, player)[:, np.newaxis], _joint(profile)
    obeyed, _ = process.evaluate(flat, player, joint, process.chain_of(flat, joint))
    values, error, chosen = process.optimum(flat, player, weights, obeyed)
    margin = 2 * (flat.discount[player] * error + flat.rounding(player, values))
    lowest = np.full_like(chosen, -1)
    process.backup(flat, player, weights, values, margin, lowest, np.empty_like(values))
    answer = process.deviate(flat, player, weights, lowest)
    earned, _ = process.evaluate(flat, player, answer, process.chain_of(flat, answer))
    policy = np.zeros((game.num_states, game.num_actions[player]))
    np.put_along_axis(policy, lowest, 1.0, axis=1)
    return BestResponse(policy, earned, earned - obeyed)


def _certify(game: StochasticGame, flat: process.FlatGame, profile: Any, *, concept: str | None = None) -> Certificate:
    profile = checked_profile(game, profile)
    concept = _checked_concept(concept, profile)
    joint = _joint(profile)
    chain = process.chain_of(flat, joint)
    players = range(game.num_players)
    obeyed, obeyed_errors = zip(*(process.evaluate(flat, i, joint, chain) for i in players), strict=True)
    best, best_errors = zip(*(_deviate(flat, i, profile, joint, concept, obeyed[i]) for i in players), strict=True)
    values, gains = np.stack(obeyed), np.stack(best) - np.stack(obeyed)
    if concept != "coarse":
        gains = np.maximum(gains, 0.0)
    rounding = float(np.spacing(np.abs(gains).max()))
    error = max(a + b for a, b in zip(obeyed_errors, best_errors, strict=True)) + rounding
    epsilon = max(0.0, float(gains.max()) + error)
    return Certificate(values, gains, epsilon, float((gains @ game.start).max()), error, concept)


def _checked_concept(concept: str | None, profile: Profile) -> str:
    product = isinstance(profile, tuple)
    if concept is None:
        return "nash" if product else "correlated"
    if concept not in CONCEPTS:
        raise UnknownNameError("concept", str(concept), CONCEPTS)
    if concept == "nash" and not product:
        raise GameError("the profile is one correlated array, one policy per player was expected for concept 'nash'")
    return concept


def _deviate(
    flat: process.FlatGame, player: int, profile: Profile, joint: np.ndarray, concept: str, obeyed: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the most that ``player`` can earn by deviating as ``concept`` allows, and a bound on its error."""
    if concept == "correlated":
        shape = (len(joint), -1, flat.num_actions[player], flat.right_count(player))
        weights = np.moveaxis(joint.reshape(shape), 2, 1).reshape(len(joint), flat.num_actions[player], -1)
        weights = np.ascontiguousarray(weights)
    else:
        weights = _others(profile, player)[:, np.newaxis]
    values, error, _ = process.optimum(flat, player, weights, obeyed)
    return values, error


def _joint(profile: Profile) -> np.ndarray:
    """Return the distribution of joint actions, ``(S, J)``."""
    return _product(list(profile), len(profile[0])) if isinstance(profile, tuple) else profile.reshape(len(profile), -1)


def _others(profile: Profile, player: int) -> np.ndarray:
    """Return the distribution of the others' joint actions, ``(S, J / A_player)``."""
    if isinstance(profile, tuple):
        return _product([policy for i, policy in enumerate(profile) if i != player], len(profile[0]))
    return profile.sum(axis=player + 1).reshape(len(profile), -1)


def _product(policies: list[np.ndarray], num_states: int) -> np.ndarray:
    product = np.ones((num_states, 1))
    for policy in policies:
        product = (product[:, :, np.newaxis] * policy[:, np.newaxis]).reshape(num_states, -1)
    return product

"""The judge: how far a profile is from equilibrium, from the definition alone.

Nothing here knows how a profile was found. Each player's induced decision process is solved, so a gain is what he wins by
deviating for ever, not for one step; every number comes with a bound that follows from the number itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from gametheory_rl import _verify_horizon as horizon
from gametheory_rl import _verify_process as process
from gametheory_rl._game_checks import checked_index, checked_profile, numbers
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import BestResponse, Certificate, Profile
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl._verify_play import joint_of, others_of, recommended

CONCEPTS = ("nash", "correlated", "coarse")
"""What a profile can be judged as."""


def verify(game: StochasticGame, profile: Any, *, concept: str | None = None, final: Any = None) -> Certificate:
    """Return the exact best-response gains of a profile, with a bound on the error of every number.

    Parameters
    ----------
    game : StochasticGame
        Any number of players; every discount below 1, or at most 1 for policies with a time axis.
    profile : sequence of array_like, shape (S, A_i), or array_like, shape (S, A_1, ..., A_n)
        One policy per player, or one correlated profile. Rows may be off 1 by ``1e-8`` and are rescaled first. With a time axis in front,
        ``(T, S, A_i)`` or ``(T, S, A_1, ..., A_n)`` as ``finite_horizon`` returns them, they are judged over the ``T`` stages.
    concept : {"nash", "correlated", "coarse"}, optional
        ``nash``: each player against the others' fixed policies. ``correlated`` (obedience): in every period a device draws
        a joint action afresh and shows each player his own part; a deviator sees it and answers each recommendation as he
        likes, for ever. ``coarse``: a deviator gives up his recommendations for ever and plays a policy of his own
        against the others' marginal. None: nash for a sequence of policies, correlated for an array. A sequence judged
        as ``correlated`` or ``coarse`` is taken as its product; ``nash`` refuses an array.
    final : array_like, shape (n, S), optional
        What states are worth when all stages are over, for policies with a time axis; None: nothing.

    Returns
    -------
    Certificate
        ``gains`` are never negative for nash and correlated. For ``coarse`` they may be: then obeying is strictly better.
        ``epsilon`` is the largest gain plus a bound on its error, and at least 0: ``error_bound``, or less where payoffs have a constant
        in common, which costs digits of the values and none of the gains. ``start_gap`` has no error added.

    Raises
    ------
    GameError
        A discount of 1 without a time axis, wrong shapes, NaN, rows that are not distributions, illegal actions, an unknown concept,
        ``final`` without a time axis.

    Notes
    -----
    The optimal values come from policy iteration. Its linear equations are solved by elimination up to a few dozen states
    and by BiCGStab beyond, which takes no more memory than the game, so that a million states are judged in minutes;
    should it fail, elimination (up to 3,000 states) or Gauss-Seidel sweeps take over. The certificate does not rest on
    any of them: a final backup of the definition bounds the error of what they returned, ``|v - v*| <= |T v - v|_inf /
    (1 - discount)``, with the rounding of that backup, of the rescaled rows and of the difference added. It
    holds for transition rows as stored and as divided by their sums; as divided only, where payoffs have a large constant in common,
    which is then set aside so that it costs no digits.
    To judge many profiles of one game, ``judge`` flattens the game once.

    Examples
    --------
    >>> import numpy as np
    >>> from gametheory_rl import StochasticGame, verify
    >>> pennies = StochasticGame.from_matrix_game([[1, -1], [-1, 1]])
    >>> heads, even = np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])
    >>> verify(pennies, (heads, even)).gains.tolist()
    [[0.0], [1.0]]
    >>> verify(pennies, (np.stack([heads, even]), np.stack([even, even]))).gains.tolist()  # two stages, at a discount of 0
    [[0.0], [1.0]]
    """
    if horizon.is_plan(_checked_game(game, "verify"), profile):
        return horizon.certify(game, profile, final, functools.partial(_checked_concept, concept))
    if final is not None:
        raise GameError("final was given with policies that have no time axis in front, which are played for ever; leave it out")
    return judge(game)(profile, concept=concept)


def judge(game: StochasticGame) -> Callable[..., Certificate]:
    """Return ``verify`` with the game prepared once: ``judge(game)(profile, concept=None)``.

    It holds read-only arrays and nothing else, so that threads may share it.
    """
    return functools.partial(_certify, game, process.flatten(_checked_game(game, "verify")))


def best_response(game: StochasticGame, profile: Any, player: int, *, told: bool = False) -> BestResponse:
    """Return one player's best answer to the others' fixed play.

    Parameters
    ----------
    game : StochasticGame
        Every discount below 1.
    profile : sequence of array_like, shape (S, A_i), or array_like, shape (S, A_1, ..., A_n), or callable
        One policy per player; or one correlated profile, from which a device draws a joint action afresh in every period; or fixed
        opponents as a function: ``profile(state)`` returns one distribution per player, the entry of ``player`` not looked at (it may be
        None), or the joint distribution ``(A_1, ..., A_n)`` of a device.
    player : int
    told : bool
        Against a correlated profile. False: the player gives up his recommendations, so that the others play their marginal (what a
        coarse correlated equilibrium must deter). True: he hears his recommendation in every period and answers each as he likes (what
        a correlated equilibrium must deter).

    Returns
    -------
    BestResponse
        A deterministic policy, the lowest action where several are best up to rounding; what that policy earns; and how
        much more than the profile (negative where obeying a correlated profile earns more; NaN where a function gives distributions
        player by player, which say nothing of his own). With ``told`` the policy is ``(S, A_i, A_i)``: in each state, for each action
        recommended, the one that is played.

    Raises
    ------
    GameError
        As ``verify``; a player that there is not; a function that returns something else; ``told`` where nobody tells.

    Examples
    --------
    >>> import numpy as np
    >>> import gametheory_rl as gt
    >>> chicken = gt.StochasticGame.from_matrix_game([[[6, 2], [7, 0]], [[6, 7], [2, 0]]])
    >>> device = np.array([[[1, 1], [1, 0]]]) / 3
    >>> deaf, told = (gt.best_response(chicken, device, 0, told=told) for told in (False, True))
    >>> deaf.values.round(9).tolist(), told.values.round(9).tolist(), told.gains.round(9).tolist()
    ([4.666666667], [5.0], [0.0])
    >>> bold = gt.best_response(chicken, lambda state: (None, [0.9, 0.1]), 0)
    >>> bold.policy.tolist(), bold.values.round(9).tolist()
    ([[0.0, 1.0]], [6.3])
    """
    flat, player = process.flatten(_checked_game(game, "best_response")), checked_index(player, game.num_players, "player")
    profile, own_known = _opponents(game, profile, player) if callable(profile) else (checked_profile(game, profile), True)
    if told and isinstance(profile, tuple):
        raise GameError("told needs a correlated profile, one array (S, A_1, ..., A_n); separate policies recommend nothing")
    joint = joint_of(profile)
    weights = recommended(flat, player, joint) if told else others_of(profile, player)[:, np.newaxis]
    obeyed, _ = process.evaluate(flat, player, joint, process.chain_of(flat, joint))
    values, error, chosen = process.optimum(flat, player, weights, obeyed)
    margin = 2 * (flat.discount[player] * error + flat.rounding(player, values))
    lowest = np.full_like(chosen, -1)
    process.backup(flat, player, weights, values, margin, lowest, np.empty_like(values))
    answer = process.deviate(flat, player, weights, lowest)
    earned, _ = process.evaluate(flat, player, answer, process.chain_of(flat, answer))
    policy = np.eye(game.num_actions[player])[lowest if told else lowest[:, 0]]
    gains = earned - obeyed if own_known else np.full(game.num_states, np.nan)
    return BestResponse(policy, flat.lifted(player, earned)[0], gains)


def _checked_game(game: Any, verb: str) -> StochasticGame:
    if not isinstance(game, StochasticGame):
        hint = "; population_gap judges populations" if type(game).__name__ == "PopulationGame" else ""
        raise GameError(f"{verb} was given {type(game).__name__}, a StochasticGame was expected{hint}")
    return game


def _opponents(game: StochasticGame, opponents: Callable[[int], Any], player: int) -> tuple[Profile, bool]:
    """Tabulate a function of the state: the profile, and whether it says what ``player`` himself does."""
    found = [opponents(state) for state in range(game.num_states)]
    devices = [isinstance(play, np.ndarray) and play.ndim == game.num_players for play in found]
    if all(devices) and game.num_players > 1:
        return _tabulated(game, found, "the opponents' joint distribution"), True
    for state, play in enumerate(found):
        if not isinstance(play, tuple | list) or len(play) != game.num_players:
            raise GameError(
                f"opponents({state}) returned {play!r:.80}, a tuple of {game.num_players} distributions (player {player}'s may be None) "
                "or, in every state, one joint distribution as an array was expected"
            )
    even = game.legal[player] / game.legal[player].sum(axis=1, keepdims=True)
    policies = [
        even if i == player else _rows([play[i] for play in found], size, f"the opponents' distribution of player {i}")
        for i, size in enumerate(game.num_actions)
    ]
    return checked_profile(game, tuple(policies)), False


def _tabulated(game: StochasticGame, found: list[np.ndarray], what: str) -> Profile:
    for state, play in enumerate(found):
        if play.shape != game.num_actions:
            raise GameError(f"{what} in state {state} has shape {play.shape}, {game.num_actions} was expected")
    return checked_profile(game, np.stack(found))


def _rows(rows: list[Any], size: int, what: str) -> np.ndarray:
    """Return distributions of one player, one per state, as an array."""
    table = np.empty((len(rows), size))
    for state, row in enumerate(rows):
        given = numbers(row, f"{what} in state {state}")
        if given.shape != (size,):
            raise GameError(f"{what} in state {state} has shape {given.shape}, {(size,)} was expected")
        table[state] = given
    return table


def _certify(game: StochasticGame, flat: process.FlatGame, profile: Any, *, concept: str | None = None) -> Certificate:
    profile = checked_profile(game, profile)
    concept = _checked_concept(concept, profile)
    joint = joint_of(profile)
    chain = process.chain_of(flat, joint)
    players = range(game.num_players)
    obeyed, obeyed_errors = zip(*(process.evaluate(flat, i, joint, chain) for i in players), strict=True)
    best, best_errors = zip(*(_deviate(flat, i, profile, joint, concept, obeyed[i]) for i in players), strict=True)
    gains = np.stack(best) - np.stack(obeyed)
    if concept != "coarse":
        gains = np.maximum(gains, 0.0)
    rounding = float(np.spacing(np.abs(gains).max()))
    error = max(a + b for a, b in zip(obeyed_errors, best_errors, strict=True)) + rounding
    epsilon = max(0.0, float(gains.max()) + error)
    values, lifting = zip(*(flat.lifted(i, obeyed[i]) for i in players), strict=True)
    error_bound = max(error, *(a + b for a, b in zip(obeyed_errors, lifting, strict=True)))
    return Certificate(np.stack(values), gains, epsilon, float((gains @ game.start).max()), error_bound, concept)


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
    weights = recommended(flat, player, joint) if concept == "correlated" else others_of(profile, player)[:, np.newaxis]
    values, error, _ = process.optimum(flat, player, weights, obeyed)
    return values, error

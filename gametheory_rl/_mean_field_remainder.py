"""What a mean-field view of a small game leaves out, exactly: payoffs beside their Taylor expansion about the mean action."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from math import comb
from typing import Any

import numpy as np

from gametheory_rl._game_checks import numbers
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl._support._memory import require_memory

MOST_WORK = 2 * 10**8
"""Multiplications."""


@dataclass(frozen=True, eq=False)
class MeanFieldRemainder:
    """Payoffs as ``mean_field + first_order + remainder``, ``[n, A_1, ..., A_n]`` each, to player i of every joint action."""

    mean_field: np.ndarray
    """What the player would earn if each of the others played their mean action."""
    first_order: np.ndarray
    """What the others' deviations from their mean add to first order: 0 where they are interchangeable, since deviations add up to 0."""
    remainder: np.ndarray
    """All that is left, second order and more: what the mean-field derivation drops."""
    spread: np.ndarray
    """Mean squared distance of the others' actions from their mean."""

    @property
    def largest(self) -> float:
        """Largest remainder, without its sign, in payoff units."""
        return float(np.abs(self.remainder).max())

    @property
    def root_mean_square(self) -> float:
        """Root of the mean squared remainder over players and joint actions."""
        return float(np.sqrt((self.remainder**2).mean()))


def mean_field_remainder(game: Any, *, places: Any = None, state: int = 0, values: Any = None) -> MeanFieldRemainder:
    """Measure what is lost where a player sees the others' mean action in place of their actions.

    Parameters
    ----------
    game : StochasticGame, or array of shape (n, A, ..., A)
        Two players or more with A actions each; of a game the stage game at ``state``, illegal actions none.
    places : (A,) array, optional
        Where the actions lie on a line: the mean action is then a number. None: action b is the b-th corner of a simplex, and the mean
        action says how often each is played.
    state : int
        Of a StochasticGame.
    values : (n, S) array, optional
        Continuation values: entries are then those of Q. None: payoffs of now.

    Returns
    -------
    MeanFieldRemainder

    Raises
    ------
    GameError
        Players with different numbers of actions, illegal actions, places that coincide, a game too large.

    Notes
    -----
    Y. Yang et al., "Mean field multi-agent reinforcement learning", ICML 2018, section 3.1: there Q_i(a) is the mean of q(a_i, a_k) over
    the others k, each is expanded about the mean action, deviations add up to 0, and the rest is dropped. A finite game has q at actions
    only, so what lies between has to be said. It is the polynomial through them: on the simplex it is linear in each other's action
    (the expectation of mixed play), on a line it has degree A - 1 in each. Both equal Q at actions. So on the simplex pairwise
    interactions have no remainder at all, of equal others not even a first order, and what remains measures interactions of three and
    more; on a line even pairwise ones have a remainder, about half their second derivative times the spread, and payoffs of the
    actions' sum have none. The remainder is the difference itself: no bound, no sampling.

    Examples
    --------
    >>> import gametheory_rl as gt
    >>> found = gt.mean_field_remainder(gt.load_game("congestion"), places=[0.0, 1.0, 2.0])
    >>> found.remainder.shape, bool(found.largest > 0.5)
    ((3, 3, 3, 3), True)
    """
    payoffs = _payoffs(game, state, values)
    players, count = len(payoffs), payoffs.shape[1]
    points = None if places is None else _places(places, count)
    bins = comb(players + count - 2, players - 1)
    work = bins * players**2 * payoffs[0].size
    if work > MOST_WORK:
        raise GameError(
            f"{players} players with {count} actions take {work} multiplications, {MOST_WORK} are the most; give a smaller game"
        )
    require_memory((6, *payoffs.shape), "the remainder", "give a smaller game")
    mean_field, first_order, spread = parts = [np.empty(payoffs.shape) for _ in range(3)]
    for player in range(players):
        # The own action first, then the others in their order.
        own_first = np.moveaxis(payoffs[player], player, 0)
        found = _expand(own_first, points)
        for part, one in zip(parts, found, strict=True):
            part[player] = np.moveaxis(one, 0, player)
    return MeanFieldRemainder(mean_field, first_order, payoffs - mean_field - first_order, spread)


def _expand(payoff: np.ndarray, points: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean field, first order and spread ``(A, A, ..., A)`` of one player's payoffs, its own action first."""
    others, count = payoff.ndim - 1, len(payoff)
    field, first, spread = (np.empty(payoff.shape) for _ in range(3))
    joints: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for joint in product(range(count), repeat=others):
        joints.setdefault(tuple(sorted(joint)), []).append(joint)
    for met in combinations_with_replacement(range(count), others):
        shares = np.bincount(met, minlength=count) / others
        weights, ways, apart = _mean_action(shares, points)
        slopes = [_contract(payoff, weights, k) @ ways.T for k in range(others)]
        level = _contract(payoff, weights, 0) @ weights
        for joint in joints[met]:
            at = (slice(None), *joint)
            field[at], spread[at] = level, apart
            first[at] = sum(slope[:, action] for slope, action in zip(slopes, joint, strict=True))
    return field, first, spread


def _mean_action(shares: np.ndarray, points: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the weights ``(A,)`` of a mean action, the way ``(A, A)`` from there to each action, to first order, and the spread."""
    count = len(shares)
    if points is None:
        return shares, np.eye(count) - shares, float(1 - shares @ shares)
    mean = float(shares @ points)
    weights, slopes = np.ones(count), np.zeros(count)
    for b in range(count):
        rest = np.delete(points, b)
        scale = np.prod(points[b] - rest)
        weights[b] = np.prod(mean - rest) / scale
        slopes[b] = sum(np.prod(np.delete(mean - rest, c)) for c in range(count - 1)) / scale
    return weights, np.outer(points - mean, slopes), float(shares @ (points - mean) ** 2)


def _contract(payoff: np.ndarray, weights: np.ndarray, kept: int) -> np.ndarray:
    """Return ``(A, A)``: own action and the action of other number ``kept``, all further others at the mean action."""
    found = np.moveaxis(payoff, kept + 1, 1)
    while found.ndim > 2:
        found = found @ weights
    return found


def _payoffs(game: Any, state: int, values: Any) -> np.ndarray:
    if isinstance(game, StochasticGame):
        if not all(mask.all() for mask in game.legal):
            raise GameError("some actions are illegal; a game in which all players have the same actions was expected")
        payoffs = game.stage(state, values) if values is not None else game.payoff[:, _state(game, state)]
    else:
        payoffs = numbers(game, "game")
    shape = payoffs.shape
    if len(shape) < 3 or shape[0] != len(shape) - 1 or len(set(shape[1:])) != 1 or not payoffs.size:
        raise GameError(f"payoffs have shape {shape}, (n, A, ..., A) of two players or more with as many actions each was expected")
    if not np.isfinite(payoffs).all():
        raise GameError("payoffs hold NaN or infinite numbers, finite ones were expected")
    return payoffs


def _state(game: StochasticGame, state: Any) -> int:
    if isinstance(state, bool) or not isinstance(state, int | np.integer) or not 0 <= state < game.num_states:
        raise GameError(f"state is {state!r}, a number from 0 to {game.num_states - 1} was expected")
    return int(state)


def _places(places: Any, count: int) -> np.ndarray:
    points = numbers(places, "places")
    if points.shape != (count,) or not np.isfinite(points).all() or len(set(points.tolist())) < count:
        raise GameError(f"places is {points.tolist()}, {count} different finite numbers were expected: one an action")
    return points

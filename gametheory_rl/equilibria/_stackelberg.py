"""Commitment: the leader of two players announces a mixed action, and the follower replies."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_index
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria._checks import payoff_pair
from gametheory_rl.equilibria._devices import METHODS, Device, greatest_least
from gametheory_rl.equilibria._kernels._commitments import commit_each
from gametheory_rl.equilibria._minimax import minimax
from gametheory_rl.equilibria._scaling import with_rounding

TIE = 1e-9
"""Replies are called equally good up to so much of the payoff span, rounding of the payoffs apart."""
INDUCIBLE = 1e-10
"""By how much a reply must be better than each other somewhere, relative to how far their payoffs ever differ, before a leader
who fears ties relies on it; and how far it may fall short for one who does not."""
COMPILED_UP_TO = 90_000
"""Games of so many entries go to the compiled kernel first; in larger ones its programs take longer than those of HiGHS."""
OPTIMAL = 1e-8
"""Largest distance from the best commitment, in spans of the leader's payoffs, that counts as none."""


@dataclass(frozen=True, eq=False)
class StackelbergSolution:
    """What a leader commits to, how the follower replies, and how sure that is."""

    profile: tuple[np.ndarray, np.ndarray]
    """``[..., m]`` and ``[..., n]`` in player order: the leader's mixed action, and the follower's pure reply as zeros and a one"""
    values: np.ndarray
    """``[2, ...]`` payoffs of the profile, in player order"""
    slack: np.ndarray
    """``[...]`` how much the follower would gain by another reply, in its payoff units"""
    gap: np.ndarray
    """``[...]`` no commitment earns the leader more than this one by more, in its payoff units"""
    tie_proof: np.ndarray
    """``[...]`` whether the leader gets as much at this very action from any of the follower's best replies"""
    status: Status


@dataclass(frozen=True, eq=False)
class _Commitments:
    """One answer for each of K games, in normalised payoffs."""

    mixed: np.ndarray
    """``[K, m]``"""
    reply: np.ndarray
    """``[K]`` int"""
    value: np.ndarray
    """``[K]``"""
    gap: np.ndarray
    """``[K]``"""


def stackelberg(A: Any, B: Any, *, leader: int = 0, strong: bool = True, mixed: bool = True) -> StackelbergSolution:
    """Return the best action to commit to, a mixed one unless told otherwise, and the follower's reply.

    Parameters
    ----------
    A, B : (..., m, n) arrays
        Payoffs of the row player and of the column player; leading axes are broadcast.
    leader : int
        Who commits: 0, the row player, or 1, the column player.
    strong : bool
        Whether a follower with several best replies picks the one that is best for the leader. With ``strong=False`` it picks
        the worst, and the leader's payoff is a supremum that need not be attained: the profile is the limit of commitments
        that earn almost as much, and ``tie_proof`` says whether the limit itself does.
    mixed : bool
        Whether the leader may randomise. With ``mixed=False`` it commits to a pure action (H. von Stackelberg 1934), and what
        a weak leader gets is attained.

    Returns
    -------
    StackelbergSolution
        ``profile``, ``values`` (2, ...), ``slack``, ``gap``, ``tie_proof``, and ``status``: ``Status.ROUNDING`` where a slack is
        above 1e-9 of the follower's span of payoffs, or a gap above 1e-8 of the leader's.

    Raises
    ------
    GameError
        Matrices of different shapes, no actions, entries that are not finite, or no such leader.
    SolverError
        With ``strong=False``, replies that can hardly be told apart.

    Notes
    -----
    One linear program for each reply that could be worth it: V. Conitzer and T. Sandholm 2006. Weak: B. von Stengel and
    S. Zamir 2010: only replies that are the strictly best ones somewhere, copies of themselves apart, can be
    relied on. A compiled dual simplex method takes game after game; those of more than 300 x 300 actions, and those that rounding
    leaves open, go to HiGHS one by one. Every solution is judged on the given payoffs; the gap is by weak duality.

    Examples
    --------
    >>> solution = stackelberg([[2, 4], [1, 3]], [[1, 0], [0, 1]])
    >>> solution.profile[0].round(12).tolist(), solution.values.round(12).tolist()
    ([0.5, 0.5], [3.5, 0.5])
    """
    pair = payoff_pair(A, B)
    leader = checked_index(leader, 2, "the leader")
    if leader == 1:
        pair = pair[::-1].swapaxes(-1, -2)
    batch, shape = pair.shape[1:-2], pair.shape[-2:]
    games = np.ascontiguousarray(pair).reshape(2, prod(batch), *shape)
    scaled, noise = (part.reshape(2, len(games[0]), *part.shape[1:]) for part in with_rounding(games.reshape(-1, *shape)))
    found = (_mixed_commitments if mixed else _pure_commitments)(scaled, noise, strong=strong)
    values, slack, gap, tie_proof, fine = _judged(games, scaled, noise[1], found)
    answer = np.zeros((len(found.reply), shape[1]))
    np.put_along_axis(answer, found.reply[:, np.newaxis], 1.0, axis=1)
    profile = found.mixed.reshape(*batch, shape[0]), answer.reshape(*batch, shape[1])
    if leader == 1:
        profile, values = (profile[1], profile[0]), values[::-1]
    slack, gap, tie_proof = (array.reshape(batch)[()] for array in (slack, gap, tie_proof))
    status = Status.SOLVED if fine.all() else Status.ROUNDING
    return StackelbergSolution(profile, np.ascontiguousarray(values).reshape(2, *batch), slack, gap, tie_proof, status)


def _mixed_commitments(scaled: np.ndarray, noise: np.ndarray, *, strong: bool) -> _Commitments:
    """Return the best mixed commitments in games (2, K, m, n) of payoffs in [0, 1], leader first: compiled, else one by one."""
    _, count, own, replies = scaled.shape
    found = _Commitments(np.empty((count, own)), np.zeros(count, np.int64), np.empty(count), np.empty(count))
    settled = np.zeros(count, np.bool_)
    if own * replies <= COMPILED_UP_TO:
        commit_each(scaled[0], scaled[1], noise[1], strong, INDUCIBLE, found.mixed, found.reply, found.value, found.gap, settled)
    for k in np.flatnonzero(~settled):
        found.mixed[k], found.reply[k], found.value[k], found.gap[k] = _commit(scaled[:, k], noise[:, k], strong=strong)
    return found


def _pure_commitments(scaled: np.ndarray, noise: np.ndarray, *, strong: bool) -> _Commitments:
    """Return the best pure commitments, by looking at every cell; the lowest numbers among equals."""
    leads, follows = scaled
    ties = follows >= follows.max(axis=-1, keepdims=True) - noise[1][:, np.newaxis, np.newaxis]
    earned = np.where(ties, leads, -np.inf if strong else np.inf)
    per_action, replies = (earned.max(axis=-1), earned.argmax(axis=-1)) if strong else (earned.min(axis=-1), earned.argmin(axis=-1))
    action = per_action.argmax(axis=-1)
    each = np.arange(len(action))
    return _Commitments(np.eye(leads.shape[1])[action], replies[each, action], per_action[each, action], np.zeros(len(action)))


def _commit(game: np.ndarray, noise: np.ndarray, *, strong: bool) -> tuple[np.ndarray, int, float, float]:
    """Return the best commitment in a game (2, m, n) of normalised payoffs, the reply, the value and its gap."""
    leads, follows = game
    best: tuple[np.ndarray, int, float] | None = None
    bounds = []
    for reply in np.argsort(-leads.max(axis=0), kind="stable"):
        margins = (follows[:, reply : reply + 1] - follows).T
        differs = np.abs(margins).max(axis=1) > noise[1]
        worth = leads[:, [reply]].T if strong else leads[:, ~differs].T
        bound = float(worth.max(axis=1).min())
        if best is not None and bound <= best[2]:
            continue  # no mixed action earns more than the best entry
        device = _induce(worth, margins[differs], INDUCIBLE if strong else -INDUCIBLE)
        if device is None:
            continue
        least = worth @ device.drawn
        played = int(reply) if strong else int(np.flatnonzero(~differs)[np.argmin(least)])
        bounds.append(float(least.min()) + device.gap)
        if best is None or least.min() > best[2]:
            best = device.drawn, played, float(least.min())
    if best is None:  # the sets where each reply is best cover all mixed actions, but each was found too thin
        raise SolverError(
            "the follower's replies differ by too little to tell where each is best; round its payoffs, or ask for strong=True"
        )
    return *best, max(*bounds, best[2]) - best[2]


def _induce(worth: np.ndarray, margins: np.ndarray, forgiven: float) -> Device | None:
    """Return the best mixed action at which no margin is negative, or None where there is none.

    ``forgiven``: by how much the best smallest margin may be below zero, or, if negative, has to be above it.
    """
    fallback = None
    if len(margins):
        margins = margins / np.abs(margins).max(axis=1, keepdims=True)
        nearest = minimax(margins.T)
        if float(nearest.value) < -forgiven:
            return None
        # Where only a single point is left the programs may find it empty by rounding: this is that point.
        fallback = Device(nearest.profile[0], float(worth.max(axis=1).min() - (worth @ nearest.profile[0]).min()))
    for method in METHODS:
        device = greatest_least(worth, margins, method)
        if device is not None and device.gap <= OPTIMAL:
            return device
    return fallback


def _judged(games: np.ndarray, scaled: np.ndarray, noise: np.ndarray, found: _Commitments) -> tuple[np.ndarray, ...]:
    """Return values, slack and gap (in payoff units), whether ties do not matter, and whether all is within tolerance, for each game."""
    leads, follows = (found.mixed[:, np.newaxis] @ scaled)[:, :, 0]
    best, reply = follows.max(axis=1), found.reply[:, np.newaxis]
    short = best - np.take_along_axis(follows, reply, axis=1)[:, 0]
    ties = follows >= (best - TIE - noise)[:, np.newaxis]
    tie_proof = np.where(ties, leads, np.inf).min(axis=1) >= found.value - TIE
    columns = np.take_along_axis(games, reply[np.newaxis, :, np.newaxis], axis=-1)[..., 0]  # what the leader's actions pay to both
    values = np.clip((columns[..., np.newaxis, :] @ found.mixed[:, :, np.newaxis])[..., 0, 0], columns.min(axis=-1), columns.max(axis=-1))
    low, high = games.min(axis=(-2, -1)), games.max(axis=(-2, -1))
    with np.errstate(over="ignore"):
        gap, slack = (part * high[i] - part * low[i] for i, part in enumerate((found.gap, short)))
    return values, slack, gap, tie_proof, (short <= TIE + noise) & (found.gap <= OPTIMAL)

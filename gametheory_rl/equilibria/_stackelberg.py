"""Commitment: the leader of two players announces a mixed action, and the follower replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl._game_checks import checked_index
from gametheory_rl._results import Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria._checks import payoff_pair
from gametheory_rl.equilibria._devices import METHODS, Device, greatest_least
from gametheory_rl.equilibria._minimax import minimax
from gametheory_rl.equilibria._scaling import normalised, rounding

TIE = 1e-9
"""Replies are called equally good up to so much of the payoff span, rounding of the payoffs apart."""
INDUCIBLE = 1e-10
"""By how much a reply must be better than each other somewhere, relative to how far their payoffs ever differ, before a leader
who fears ties relies on it; and how far it may fall short for one who does not."""
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
class _Commitment:
    """One answer for one game, in normalised payoffs."""

    mixed: np.ndarray
    reply: int
    value: float
    gap: float


def stackelberg(A: Any, B: Any, *, leader: int = 0, strong: bool = True) -> StackelbergSolution:
    """Return the best mixed action to commit to, and the follower's reply.

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
    relied on. Every solution is judged on the given payoffs; the gap is by weak duality.

    Examples
    --------
    >>> solution = stackelberg([[2, 4], [1, 3]], [[1, 0], [0, 1]])
    >>> solution.profile[0].round(12).tolist(), solution.values.round(12).tolist()
    ([0.5, 0.5], [3.5, 0.5])
    """
    pair = payoff_pair(A, B)
    leader = checked_index(leader, 2, "the leader")
    if leader == 1:
        pair = np.ascontiguousarray(pair[::-1].swapaxes(-1, -2))
    batch, (own, replies) = pair.shape[1:-2], pair.shape[-2:]
    mixed, answer = np.empty((*batch, own)), np.zeros((*batch, replies))
    values, slack, gap = np.empty((2, *batch)), np.empty(batch), np.empty(batch)
    tie_proof, fine = np.empty(batch, np.bool_), True
    for k in np.ndindex(*batch):
        game = pair[:, *k]
        found = _commit(normalised(game), rounding(game), strong=strong)
        mixed[k], answer[(*k, found.reply)] = found.mixed, 1.0
        values[:, *k], slack[k], gap[k], tie_proof[k], good = _judged(game, found)
        fine &= good
    order = (1, 0) if leader == 1 else (0, 1)
    profile = (mixed, answer) if leader == 0 else (answer, mixed)
    return StackelbergSolution(profile, values[list(order)], slack[()], gap[()], tie_proof[()], Status.SOLVED if fine else Status.ROUNDING)


def _commit(game: np.ndarray, noise: np.ndarray, *, strong: bool) -> _Commitment:
    """Return the best commitment in a game (2, m, n) of normalised payoffs, leader first: one program per reply."""
    leads, follows = game
    best: _Commitment | None = None
    bounds = []
    for reply in np.argsort(-leads.max(axis=0), kind="stable"):
        margins = (follows[:, reply : reply + 1] - follows).T
        differs = np.abs(margins).max(axis=1) > noise[1]
        worth = leads[:, [reply]].T if strong else leads[:, ~differs].T
        bound = float(worth.max(axis=1).min())
        if best is not None and bound <= best.value:
            continue  # no mixed action earns more than the best entry
        device = _induce(worth, margins[differs], INDUCIBLE if strong else -INDUCIBLE)
        if device is None:
            continue
        least = worth @ device.drawn
        played = int(reply) if strong else int(np.flatnonzero(~differs)[np.argmin(least)])
        bounds.append(float(least.min()) + device.gap)
        if best is None or least.min() > best.value:
            best = _Commitment(device.drawn, played, float(least.min()), 0.0)
    if best is None:  # the sets where each reply is best cover all mixed actions, but each was found too thin
        raise SolverError(
            "the follower's replies differ by too little to tell where each is best; round its payoffs, or ask for strong=True"
        )
    return _Commitment(best.mixed, best.reply, best.value, max(*bounds, best.value) - best.value)


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


def _judged(game: np.ndarray, found: _Commitment) -> tuple[np.ndarray, float, float, bool, bool]:
    """Return values, slack, gap (in payoff units), whether ties do not matter, and whether all is within tolerance."""
    (leads, follows), (_, noise) = found.mixed @ normalised(game), rounding(game)
    short = float(follows.max() - follows[found.reply])
    equal = follows >= follows.max() - TIE - noise
    tie_proof = bool(leads[equal].min() >= found.value - TIE)
    columns = game[:, :, found.reply]
    values = np.clip(columns @ found.mixed, columns.min(axis=1), columns.max(axis=1))
    with np.errstate(over="ignore"):
        gap, slack = (part * payoff.max() - part * payoff.min() for part, payoff in zip((found.gap, short), game, strict=True))
    return values, float(slack), float(gap), tie_proof, short <= TIE + noise and found.gap <= OPTIMAL

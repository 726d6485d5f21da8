"""The best commitment in many small games: one program for each reply of the follower's that could be worth it.

V. Conitzer and T. Sandholm 2006; a leader who fears ties: B. von Stengel and S. Zamir 2010. A game in which rounding leaves open
whether a reply can be relied on, or a program of which does not end, is not settled here.
"""

import numpy as np

from gametheory_rl._support._compile import inline_kernel, linked_kernel
from gametheory_rl.equilibria._kernels._programs import BEST, LOST, NOTHING, greatest_least_into

DISOBEYED = 1e-11
"""By how much a reply may fall short of another one, relative to how far their payoffs ever differ."""
CERTIFIED = 1e-11
"""Largest distance from the best commitment, in spans of the leader's payoffs, of an answer that is settled."""


@linked_kernel
def commit_each(leads, follows, noise, strong, inducible, mixed, reply, value, gap, settled):
    """Find the leader's best commitment in K games; fills mixed (K, m), reply (K,) int64, value, gap (K,) and settled (K,) bool.

    leads, follows (K, m, n): payoffs in [0, 1] of m actions of the leader's and n of the follower's; noise (K,): up to which
    difference payoffs of the follower's are equal; all float64, C-contiguous. ``strong``: whether the follower's ties help the
    leader; ``inducible``: by how much a reply may fall short (strong) or has to be better (otherwise) where it is best.
    """
    count, own, replies = leads.shape
    worth, margins, copies = np.empty((replies, own)), np.empty((replies, own)), np.empty(replies, np.int64)
    drawn, multipliers = np.empty(own), np.empty(replies)
    tableau, basis = np.empty((replies + 2, own + 2)), np.empty(own + replies + 2, np.int64)
    tops, order = np.empty(replies), np.empty(replies, np.int64)
    for k in range(count):
        _most_promising_first(leads[k], tops, order)
        best, bound, settled[k] = -1.0, -1.0, True
        for j in order:
            if tops[j] <= best:
                break  # no mixed action earns more than the best entry
            goals, told = _write(leads[k], follows[k], j, noise[k], strong, worth, margins, copies)
            ended = BEST if strong else _relied_on(margins, told, inducible, drawn, multipliers, tableau, basis)
            if ended == BEST:
                ended = greatest_least_into(worth, goals, margins, told, drawn, multipliers, tableau, basis)
                if ended == NOTHING:
                    ended = _ruled_out(margins, told, inducible, drawn, multipliers, tableau, basis) if strong else LOST
            if ended == NOTHING:
                continue
            place, earned, limit, short = _judge(worth, goals, margins, told, drawn, multipliers)
            if ended == LOST or not limit - earned <= CERTIFIED or short > DISOBEYED:
                settled[k] = False
                break
            bound = max(bound, limit)
            if earned > best:
                best, reply[k] = earned, copies[place]
                for i in range(drawn.size):
                    mixed[k, i] = drawn[i]
        value[k], gap[k] = best, max(bound - best, 0.0)
        settled[k] = settled[k] and best >= 0.0


@inline_kernel
def _most_promising_first(leads, tops, order):
    """Fill the leader's largest payoff at each reply, and the replies from the largest of these to the smallest."""
    tops[:] = -np.inf
    for i in range(len(leads)):
        for j in range(tops.size):
            tops[j] = max(tops[j], leads[i, j])
    for j in range(tops.size):
        place = j
        while place > 0 and tops[order[place - 1]] < tops[j]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = j


@inline_kernel
def _write(leads, follows, reply, noise, strong, worth, margins, copies):
    """Write what the leader maximises the least of, and by how much the reply is better than each other; returns both counts.

    Replies that pay the follower the same are no rivals; where ties hurt the leader they are goals beside the reply itself.
    """
    own, replies = leads.shape
    goals, told = 0, 0
    for other in range(replies):
        largest = 0.0
        for i in range(own):
            margins[told, i] = follows[i, reply] - follows[i, other]
            largest = max(largest, abs(margins[told, i]))
        if largest > noise:
            for i in range(own):
                margins[told, i] /= largest
            told += 1
        elif other == reply or not strong:
            copies[goals] = other
            for i in range(own):
                worth[goals, i] = leads[i, other]
            goals += 1
    return goals, told


@inline_kernel
def _relied_on(margins, told, inducible, drawn, multipliers, tableau, basis):
    """Return ``BEST`` where some commitment makes the reply better than each rival by more than ``inducible``, else ``NOTHING``."""
    if told == 0:
        return BEST
    ended = greatest_least_into(margins, told, margins, 0, drawn, multipliers, tableau, basis)
    _, margin, limit, _ = _judge(margins, told, margins, 0, drawn, multipliers)
    if ended != BEST or margin <= inducible < limit:
        return LOST
    return BEST if margin > inducible else NOTHING


@inline_kernel
def _ruled_out(margins, told, inducible, drawn, multipliers, tableau, basis):
    """Return ``NOTHING`` where the reply falls short of some rival by more than ``inducible`` at every commitment, else ``LOST``."""
    greatest_least_into(margins, told, margins, 0, drawn, multipliers, tableau, basis)
    _, _, limit, _ = _judge(margins, told, margins, 0, drawn, multipliers)
    return NOTHING if limit < -inducible else LOST


@inline_kernel
def _judge(worth, goals, margins, told, drawn, multipliers):
    """Make ``drawn`` sum to 1; return the goal with the least worth, that worth, no action's bound on it, the worst shortfall.

    The bound is weak duality's, whatever the multipliers; infinite where they say nothing.
    """
    place, least, short, shares, total = 0, np.inf, 0.0, 0.0, 0.0
    for i in range(drawn.size):
        total += drawn[i]
    if not total > 0.5:
        return 0, -np.inf, np.inf, np.inf
    drawn /= total
    for k in range(goals):
        shares += multipliers[k]
        earned = 0.0
        for i in range(drawn.size):
            earned += drawn[i] * worth[k, i]
        if earned < least:
            place, least = k, earned
    for k in range(told):
        margin = 0.0
        for i in range(drawn.size):
            margin += drawn[i] * margins[k, i]
        short = max(short, -margin)
    limit = -np.inf if shares > 0.0 else np.inf
    for i in range(drawn.size):
        column = 0.0
        for k in range(goals):
            column += multipliers[k] * worth[k, i]
        for k in range(told):
            column += multipliers[goals + k] * margins[k, i]
        limit = max(limit, column / shares)
    return place, least, limit, short

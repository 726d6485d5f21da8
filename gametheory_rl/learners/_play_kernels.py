"""How a policy is played: exploration, and drawing an action from a mixed one. Every rule's tables carry a Play.

What an unlearned policy does next is anyone's guess, the processor's too, so these kernels choose by arithmetic rather than by
branches: a branch that is guessed wrongly costs as much as twenty additions.
"""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel
from gametheory_rl.learners._schedule_kernels import rate

BEYOND = 2.0
"""An edge that no uniform number reaches."""


class Play(NamedTuple):
    """The policy as it stands and as it was, and what exploring needs to know. A is the largest of the players' action counts.

    Players who share one draw have a single row between them (n = 1), and A is the number of joint actions.
    A rule changes the policy by ``play_surely`` and ``play_mixed`` only: they book what was played before.
    """

    policy: np.ndarray
    """``[S, n, A]`` each player's mixed action, without exploration."""
    edges: np.ndarray
    """``[S, n, A]`` running sums of ``policy``, ``BEYOND`` from the last positive weight on: a number u draws the first action
    whose edge exceeds it."""
    sure: np.ndarray
    """``[S, n]`` int64: the action where the policy is pure, else -1; it saves most of the work where policies are pure."""
    visits: np.ndarray
    """``[S]`` int64: steps taken from each state; the loop counts."""
    booked: np.ndarray
    """``[S, n]`` int64: how many of the visits are in ``sums``; the policy was what it is now in the rest."""
    sums: np.ndarray
    """``[S, n, A]`` earlier policies, summed over their visits."""
    menu: np.ndarray
    """``[S, n, A]`` int64: the legal actions, packed to the left."""
    sizes: np.ndarray
    """``[S, n]`` int64: how many are legal."""
    num_actions: np.ndarray
    """``[n]`` int64"""
    exploration: tuple[float, float, float, float, float]
    """A schedule's floats: the probability of a uniformly random action."""


@fused_kernel
def pick(edges, u):
    """Return the action that ``u`` in [0, 2) draws by its policy's ``edges``: never one of weight zero, whatever the rounding."""
    chosen = np.int64(0)
    for k in range(len(edges)):
        chosen += np.int64(edges[k] <= u)
    return chosen


@fused_kernel
def choose(play, state, i, u, exploring):
    """Return the action of player ``i`` that ``u`` in [0, 1], uniform, draws from its legal actions, or else by its policy."""
    last = play.sizes[state, i] - 1
    place = np.int64(u * (last + 1))
    explored = play.menu[state, i, place if place < last else last]
    picked = pick(play.edges[state, i], u)
    return explored if exploring else picked


@fused_kernel
def stretch(u, chance, exploring):
    """Return ``u`` as a uniform number in [0, 1] again, given that it lies below ``chance``, or given that it does not.

    So one number decides whether to explore, and what to play.
    """
    scale = 1.0 / chance if exploring else 1.0 / (1.0 - chance)
    return (u if exploring else u - chance) * scale


@fused_kernel
def act_apart(tables, state, step, visits, draws, actions):
    """Let every player explore with the same probability but by its own draw, uniformly over its legal actions, or play its policy."""
    chance = rate(tables.play.exploration, step, visits)
    for i in range(len(actions)):
        u = draws[i]
        exploring = u < chance
        actions[i] = choose(tables.play, state, i, stretch(u, chance, exploring), exploring)


@fused_kernel
def act_together(tables, state, step, visits, draws, actions):
    """Let the first player's draw decide for all: explore uniformly over legal joint actions, or play the policy."""
    chance = rate(tables.play.exploration, step, visits)
    exploring = draws[0] < chance
    for i in range(len(actions)):
        u = stretch(draws[0], chance, exploring) if i == 0 else draws[i]
        actions[i] = choose(tables.play, state, i, u, exploring)


@fused_kernel
def act_shared(tables, state, step, visits, draws, actions):
    """Let the first player's draw choose the joint action: uniformly over legal ones, or by a policy over joint actions.

    The play has one row, whose actions are the joint ones; ``tables.strides`` (n,) says which actions a joint one consists of.
    """
    chance = rate(tables.play.exploration, step, visits)
    u = draws[0]
    exploring = u < chance
    joint = choose(tables.play, state, 0, stretch(u, chance, exploring), exploring)
    for i in range(len(actions)):
        actions[i] = joint // tables.strides[i]
        joint %= tables.strides[i]


@fused_kernel
def play_surely(play, state, i, action):
    """Make the policy of player ``i`` at ``state`` the one action; modifies ``play``."""
    if play.sure[state, i] != action:
        turn_to(play, state, i, action)


@inline_kernel
def turn_to(play, state, i, action):
    """Make another policy the one action."""
    times = _unbooked(play, state, i)
    policy, edges, sums = play.policy[state, i], play.edges[state, i], play.sums[state, i]
    for k in range(len(policy)):
        sums[k] += times * policy[k]
        policy[k] = 1.0 if k == action else 0.0
        edges[k] = 0.0 if k < action else BEYOND
    play.sure[state, i] = action


@fused_kernel
def play_mixed(play, state, i, weights):
    """Make ``weights``, zero at illegal actions, the policy of player ``i`` at ``state``; modifies ``play``."""
    times = _unbooked(play, state, i)
    policy, edges, sums = play.policy[state, i], play.edges[state, i], play.sums[state, i]
    total, sure, last = 0.0, np.int64(-1), np.int64(0)
    for k in range(len(policy)):
        weight = weights[k]
        sums[k] += times * policy[k]
        policy[k] = weight
        total += weight
        edges[k] = total
        sure = k if weight == 1.0 else sure
        last = k if weight > 0.0 else last
    for k in range(len(policy)):
        edges[k] = edges[k] if k < last else BEYOND
    play.sure[state, i] = sure


@fused_kernel
def _unbooked(play, state, i):
    """Return how many visits the sums lack, and count them as booked."""
    visits = play.visits[state]
    times = visits - play.booked[state, i]
    play.booked[state, i] = visits
    return np.float64(times)

"""How a policy is played: exploration, and drawing an action from a mixed one. Every rule's tables carry a Play."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel
from gametheory_rl.learners._schedule_kernels import rate


class Play(NamedTuple):
    """The policy as it stands and as it was, and what exploring needs to know. A is the largest of the players' action counts.

    A rule changes the policy by ``play_surely`` and ``play_mixed`` only: they book what was played before.
    """

    policy: np.ndarray
    """``[S, n, A]`` each player's mixed action, without exploration."""
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
def pick(weights, u):
    """Return the action that a uniform ``u`` draws from ``weights``, which sum to 1 up to rounding.

    Written so that a weight of zero is never drawn, whatever the rounding of the sum.
    """
    total = 0.0
    chosen = np.int64(0)
    for k in range(len(weights)):
        chosen = k if weights[k] > 0.0 and total <= u else chosen
        total += weights[k]
    return chosen


@fused_kernel
def exploit(play, state, i, u, chance):
    """Return the action of player ``i`` by its policy, given that ``u >= chance``."""
    sure = play.sure[state, i]
    return sure if sure >= 0 else pick(play.policy[state, i], (u - chance) / (1.0 - chance))


@fused_kernel
def explore(play, state, i, u):
    """Return a legal action of player ``i``, all equally likely."""
    return play.menu[state, i, int(u * play.sizes[state, i])]


@fused_kernel
def act_apart(tables, state, step, visits, draws, actions):
    """Let every player explore with the same probability but by its own draw, uniformly over its legal actions, or play its policy.

    One number decides both: given that u < chance, u / chance is uniform in [0, 1) too.
    """
    chance = rate(tables.play.exploration, step, visits)
    for i in range(len(actions)):
        u = draws[i]
        if u < chance:
            actions[i] = explore(tables.play, state, i, u / chance)
        else:
            actions[i] = exploit(tables.play, state, i, u, chance)


@fused_kernel
def act_together(tables, state, step, visits, draws, actions):
    """Let the first player's draw decide for all: explore uniformly over legal joint actions, or play the policy."""
    chance = rate(tables.play.exploration, step, visits)
    exploring = draws[0] < chance
    for i in range(len(actions)):
        u = draws[i]
        if exploring:
            actions[i] = explore(tables.play, state, i, u / chance if i == 0 else u)
        else:
            actions[i] = exploit(tables.play, state, i, u, chance if i == 0 else 0.0)


@fused_kernel
def play_surely(play, state, i, action):
    """Make the policy of player ``i`` at ``state`` the one action; modifies ``play``."""
    if play.sure[state, i] != action:
        book(play, state, i)
        play.policy[state, i, :] = 0.0
        play.policy[state, i, action] = 1.0
        play.sure[state, i] = action


@fused_kernel
def play_mixed(play, state, i, weights):
    """Make ``weights`` over the legal actions, in the order of the menu, the policy of player ``i`` at ``state``; modifies ``play``."""
    menu, count = play.menu[state, i], play.sizes[state, i]
    sure = np.int64(-1)
    for k in range(count):
        sure = menu[k] if weights[k] == 1.0 else sure
    if sure >= 0:
        play_surely(play, state, i, sure)
    else:
        book(play, state, i)
        for k in range(count):
            play.policy[state, i, menu[k]] = weights[k]
        play.sure[state, i] = -1


@inline_kernel
def book(play, state, i):
    """Add the policy as it stands to the sums, once for every visit since it was last changed; modifies ``play``."""
    times = play.visits[state] - play.booked[state, i]
    if times > 0:
        for k in range(play.policy.shape[2]):
            play.sums[state, i, k] += times * play.policy[state, i, k]
        play.booked[state, i] += times

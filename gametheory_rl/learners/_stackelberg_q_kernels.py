"""The rule of Stackelberg-Q: the leader's best commitment in the stage game, and the follower's reply."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, linked_kernel
from gametheory_rl.equilibria._kernels._certify import extremes
from gametheory_rl.equilibria._kernels._commitments import commit_each
from gametheory_rl.equilibria._kernels._replies import units
from gametheory_rl.learners._ask_kernels import STACKELBERG, ask
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._joint_q_kernels import Joint, learn, pack_stage, play_packed
from gametheory_rl.learners._play_kernels import Play
from gametheory_rl.learners._rules_kernels import register_rule

INDUCIBLE = 1e-10
"""How far a reply may fall short, in normalised payoffs, where it is best for a strong leader, see ``commit_each``."""
EPS = 2.220446049250313e-16


class Commitment(NamedTuple):
    """Where one stage game is solved; A is the larger action count, J the number of joint actions."""

    payoffs: np.ndarray
    """``[2 J]`` the stage game, packed"""
    scaled: np.ndarray
    """``[2 J]`` mapped to [0, 1], the leader's first, with its actions in the rows"""
    mixed: np.ndarray
    """``[2 A]`` packed mixed actions of player 1 and player 2, one after the other"""
    led: np.ndarray
    """``[A]`` the leader's"""
    values: np.ndarray
    """``[2]``"""
    weights: np.ndarray
    """``[A]``"""


class StackelbergTables(NamedTuple):
    """One seed of Stackelberg-Q."""

    play: Play
    joint: Joint
    commitment: Commitment
    leader: int


@fused_kernel
def update_stackelberg(tables, state, step, actions, rewards, following, ended):
    """Learn from one step; then find what the leader commits to in the stage game."""
    if learn(tables.joint, state, step, actions, rewards, following, ended):
        solve_commitment(tables.play, tables.joint, tables.commitment, tables.leader, state)


@linked_kernel
def solve_commitment(play, joint, commitment, leader, state):
    """Solve the stage game at ``state`` and play the solution."""
    play, joint, commitment = borrow((play, joint, commitment))
    count = pack_stage(joint, state, commitment.payoffs)
    m, n = joint.sizes[state, 0], joint.sizes[state, 1]
    own, replies = (m, n) if leader == 0 else (n, m)
    noise, scaled = np.empty(1), commitment.scaled
    normalise(commitment.payoffs, leader, leader, m, n, scaled[:count])
    noise[0] = normalise(commitment.payoffs, 1 - leader, leader, m, n, scaled[count : 2 * count])
    leads, follows = scaled[:count].reshape((1, own, replies)), scaled[count : 2 * count].reshape((1, own, replies))
    reply, value, gap, settled = np.zeros(1, np.int64), np.zeros(1), np.zeros(1), np.zeros(1, np.bool_)
    commit_each(leads, follows, noise, True, INDUCIBLE, commitment.led[:own].reshape((1, own)), reply, value, gap, settled)
    if settled[0]:
        first, follower = (0, m) if leader == 0 else (m, 0)
        for k in range(own):
            commitment.mixed[first + k] = commitment.led[k]
        for k in range(replies):
            commitment.mixed[follower + k] = 0.0
        commitment.mixed[follower + reply[0]] = 1.0
    else:
        ask(STACKELBERG + leader, commitment.payoffs[: 2 * count], joint.sizes[state], commitment.mixed, commitment.values)
    for i in range(2):
        play_packed(play, state, i, joint.menu[state, i], commitment.mixed[i * m :], joint.sizes[state, i], commitment.weights)
        joint.value[state, i] = expected(commitment.payoffs, i, m, n, commitment.mixed)


@inline_kernel
def normalise(payoffs, player, leader, m, n, scaled):
    """Map one player's payoffs to [0, 1], the leader's actions in the rows; returns which difference of them rounding explains."""
    first = player * m * n
    low, high, _ = extremes(payoffs[first : first + m * n].reshape((m, n)), m, n)
    scale, base, inverse = units(low, high)
    for i in range(m):
        for j in range(n):
            scaled[i * n + j if leader == 0 else j * m + i] = (payoffs[first + i * n + j] * scale - base) * inverse
    return 8.0 * EPS * (max(abs(low), abs(high)) * scale * inverse if low < high else 1.0)


@inline_kernel
def expected(payoffs, i, m, n, mixed):
    """Return what player ``i`` expects; never outside the range of its payoffs."""
    total, low, high = 0.0, np.inf, -np.inf
    for a in range(m):
        for b in range(n):
            payoff = payoffs[(i * m + a) * n + b]
            total += mixed[a] * mixed[m + b] * payoff
            low, high = min(low, payoff), max(high, payoff)
    return min(max(total, low), high)


register_rule(StackelbergTables, update=update_stackelberg)

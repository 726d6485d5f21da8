"""The rule of independent Q-learning, hysteretic Q-learning included: every player for itself."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel
from gametheory_rl.learners._play_kernels import Play, play_mixed, play_surely
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate


class IndependentTables(NamedTuple):
    """One seed of independent Q-learning. A is the largest of the players' action counts."""

    play: Play
    q: np.ndarray
    """``[S, n, A]`` over own actions; -inf at illegal ones."""
    counts: np.ndarray
    """``[S, n, A]`` int64: updates of each entry."""
    value: np.ndarray
    """``[S, n]`` each player's largest entry."""
    discount: np.ndarray
    """``[n]``"""
    step_size: tuple[float, float, float, float, float]
    decrease: float
    """What the step size is multiplied by where the target lies below the entry; 1 is independent Q-learning."""


@fused_kernel
def update_independently(tables, state, step, actions, rewards, following, ended):
    """Move q_i(s, a_i) towards r_i + discount_i max q_i(s', .), then make player i greedy."""
    for i in range(len(actions)):
        size = count_step(tables, state, step, i, actions[i])
        old = tables.q[state, i, actions[i]]
        target = target_of(tables, i, rewards[i], following, ended)
        size = size if target >= old else size * tables.decrease
        tables.q[state, i, actions[i]] = old + size * (target - old)
        be_greedy(tables, state, i)


@fused_kernel
def count_step(tables, state, step, i, action):
    """Count an update of player ``i``'s entry and return its step size."""
    visits = tables.counts[state, i, action]
    tables.counts[state, i, action] = visits + 1
    return rate(tables.step_size, step, visits)


@fused_kernel
def target_of(tables, i, reward, following, ended):
    """Return what player ``i`` has earned and believes to earn from the next state on."""
    future = 0.0 if ended else tables.value[following, i]
    return reward + tables.discount[i] * future


@fused_kernel
def be_greedy(tables, state, i):
    """Make player ``i`` play the best of its entries at ``state``, uniformly over exact ties."""
    q = tables.q[state, i]
    top, first, last = q[0], np.int64(0), np.int64(0)
    for k in range(1, len(q)):
        first = k if q[k] > top else first
        last = k if q[k] >= top else last
        top = q[k] if q[k] > top else top
    tables.value[state, i] = top
    if first == last:
        play_surely(tables.play, state, i, first)
    else:
        share_ties(tables, state, i, top)


@inline_kernel
def share_ties(tables, state, i, top):
    """Make player ``i`` play uniformly over the actions whose entry is ``top``."""
    q, ties = tables.q[state, i], 0
    weights = np.zeros(len(q))
    for k in range(len(q)):
        ties += 1 if q[k] == top else 0
    for k in range(len(q)):
        weights[k] = 1.0 / ties if q[k] == top else 0.0
    play_mixed(tables.play, state, i, weights)


register_rule(IndependentTables, update=update_independently)

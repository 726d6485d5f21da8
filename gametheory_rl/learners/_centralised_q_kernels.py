"""The rule of centralised Q-learning: one super-agent over joint actions."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.learners._play_kernels import Play, act_together, play_surely
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate


class CentralisedTables(NamedTuple):
    """One seed of centralised Q-learning."""

    play: Play
    q: np.ndarray
    """``[S, J]`` over the joint actions; -inf at illegal ones."""
    counts: np.ndarray
    """``[S, J]`` int64: updates of each entry."""
    best: np.ndarray
    """``[S]`` int64: the first joint action with the largest entry."""
    strides: np.ndarray
    """``[n]`` int64: a joint action's number is the sum of action times stride."""
    weights: np.ndarray
    """``[n]`` of the players' rewards in the team's."""
    discount: float
    step_size: tuple[float, float, float, float, float]


@fused_kernel
def update_together(tables, state, step, actions, rewards, following, ended):
    """Move q(s, a) towards the team's reward + discount max q(s', .), then let the team play the first best joint action."""
    q, counts = tables.q[state], tables.counts[state]
    joint, reward = 0, 0.0
    for i in range(len(actions)):
        joint += actions[i] * tables.strides[i]
        reward += tables.weights[i] * rewards[i]
    size = rate(tables.step_size, step, counts[joint])
    counts[joint] += 1
    future = 0.0 if ended else tables.q[following, tables.best[following]]
    q[joint] += size * (reward + tables.discount * future - q[joint])
    old = tables.best[state]
    best = np.int64(old)
    if joint != old:
        if q[joint] > q[old] or (q[joint] == q[old] and joint < old):
            best = joint
    else:
        top = -np.inf
        for k in range(len(q)):
            best = k if q[k] > top else best
            top = q[k] if q[k] > top else top
    if best != old:
        tables.best[state] = best
        play_joint(tables, state, best)


@fused_kernel
def play_joint(tables, state, joint):
    """Make the policy at ``state`` the one joint action."""
    rest = joint
    for i in range(len(tables.strides)):
        play_surely(tables.play, state, i, rest // tables.strides[i])
        rest = rest % tables.strides[i]


register_rule(CentralisedTables, update=update_together, act=act_together)

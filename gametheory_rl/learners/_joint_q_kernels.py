"""The engine of joint-action learning: every player's table over joint actions, and the stage game that it says is played.

A rule of the family moves the tables by ``learn``, packs the stage game by ``pack_stage``, solves it by its own concept, and says
by ``play_packed`` and ``Joint.value`` what is played and what it is worth.
"""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel
from gametheory_rl.learners._play_kernels import play_mixed
from gametheory_rl.learners._schedule_kernels import rate


class Joint(NamedTuple):
    """What all players know: J is the number of joint actions, numbered in C order."""

    q: np.ndarray
    """``[S, n, J]`` each player's table"""
    counts: np.ndarray
    """``[S, J]`` int64: updates of each entry"""
    value: np.ndarray
    """``[S, n]`` what each player expects of the stage game, as it is played"""
    cells: np.ndarray
    """``[S, J]`` int64: the legal joint actions, packed to the left in C order"""
    menu: np.ndarray
    """``[S, n, A]`` int64: each player's legal actions, packed to the left"""
    sizes: np.ndarray
    """``[S, n]`` int64: how many are legal"""
    strides: np.ndarray
    """``[n]`` int64: a joint action's number is the sum of action times stride"""
    discount: np.ndarray
    """``[n]``"""
    step_size: tuple[float, float, float, float, float]


@fused_kernel
def learn(joint, state, step, actions, rewards, following, ended):
    """Move every Q_i(s, a) towards r_i + discount_i V_i(s'); returns whether any has changed."""
    number = 0
    for i in range(len(actions)):
        number += actions[i] * joint.strides[i]
    size = rate(joint.step_size, step, joint.counts[state, number])
    joint.counts[state, number] += 1
    changed = False
    for i in range(len(actions)):
        future = 0.0 if ended else joint.value[following, i]
        old = joint.q[state, i, number]
        new = old + size * (rewards[i] + joint.discount[i] * future - old)
        joint.q[state, i, number] = new
        changed |= new != old
    return changed


@inline_kernel
def pack_stage(joint, state, stage):
    """Write the legal block of the stage game at ``state``, player by player in C order, to ``stage``; returns its joint actions' count."""
    count = 1
    for i in range(joint.sizes.shape[1]):
        count *= joint.sizes[state, i]
    for i in range(joint.sizes.shape[1]):
        for c in range(count):
            stage[i * count + c] = joint.q[state, i, joint.cells[state, c]]
    return count


@inline_kernel
def play_packed(play, state, i, menu, packed, count, weights):
    """Let row ``i`` of the play mix as ``packed`` says of the ``count`` legal actions in ``menu``; ``weights`` (A,) is scratch."""
    for k in range(len(weights)):
        weights[k] = 0.0
    for k in range(count):
        weights[menu[k]] = packed[k]
    play_mixed(play, state, i, weights)

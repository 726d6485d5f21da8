"""The one tabular loop, compiled once for every rule; ``_loop.play_readably`` is the same, written to be read."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, kernel
from gametheory_rl._support._streams_kernels import uniform
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._rules_kernels import act, update

LONG_ROW = 16
"""Above so many successors the next state is found by bisection."""


class World(NamedTuple):
    """A game as the loop reads it; read-only, shared by all seeds."""

    rewards: np.ndarray
    """``[S * J, n]`` payoffs of each of the J joint actions."""
    offsets: np.ndarray
    """``[S * J + 1]`` int64: the successors of row r are ``offsets[r]:offsets[r + 1]``."""
    successors: np.ndarray
    """``[entries]`` int32"""
    cumulative: np.ndarray
    """``[entries]`` probabilities summed along each row; the last of a row is 1."""
    terminal: np.ndarray
    """``[S]`` bool"""
    strides: np.ndarray
    """``[n]`` int64: a joint action's number is the sum of action times stride."""
    start_states: np.ndarray
    """``[k]`` int64: where the start distribution is positive."""
    start_cumulative: np.ndarray
    """``[k]``"""
    joint_actions: int
    horizon: int


@fused_kernel
def find(cumulative, first, last, u):
    """Return the first position in ``[first, last)`` whose cumulative probability exceeds ``u``."""
    if last - first > LONG_ROW:
        last -= 1
        while first < last:
            middle = (first + last) // 2
            if u < cumulative[middle]:
                last = middle
            else:
                first = middle + 1
        return first
    while u >= cumulative[first]:
        first += 1
    return first


@kernel
def cumulate(offsets, probabilities, cumulative):
    """Fill ``cumulative`` with the running sums of each row; each ends at exactly 1."""
    for row in range(len(offsets) - 1):
        total = 0.0
        for k in range(offsets[row], offsets[row + 1]):
            total += probabilities[k]
            cumulative[k] = total
        if offsets[row + 1] > offsets[row]:
            cumulative[offsets[row + 1] - 1] = 1.0


@fused_kernel
def restart(world, place, u):
    """Put the seed at a state drawn from the start distribution; modifies ``place``."""
    found = find(world.start_cumulative, 0, len(world.start_cumulative), u)
    place[0] = world.start_states[found]
    place[1] = 0


def _play(tables, world, place, key, first, last):
    """Take the steps ``[first, last)`` of one seed.

    Modifies ``tables``, by its rule's update, and ``place``: the state, and the steps since the last restart. Step t owns the n + 2
    numbers of stream ``key`` that start at ``t * (n + 2)``: one for each player's action, one for the next state, one for a
    restart. So neither chunks nor resuming matter.
    """
    tables, world, place = borrow((tables, world, place))
    players = len(world.strides)
    draws, actions = np.empty(players), np.empty(players, np.int64)
    if first == 0 and last > 0:
        restart(world, place, uniform(key, -1))
    state, age = place[0], place[1]
    for step in range(first, last):
        counter = step * (players + 2)
        for i in range(players):
            draws[i] = uniform(key, counter + i)
        act(tables, state, step, tables.play.visits[state], draws, actions)
        row = state * world.joint_actions
        for i in range(players):
            row += actions[i] * world.strides[i]
        found = find(world.cumulative, world.offsets[row], world.offsets[row + 1], uniform(key, counter + players))
        following = np.int64(world.successors[found])
        ended = world.terminal[following]
        tables.play.visits[state] += 1
        update(tables, state, step, actions, world.rewards[row], following, ended)
        age += 1
        if ended or age >= world.horizon:
            restart(world, place, uniform(key, counter + players + 1))
            state, age = place[0], place[1]
        else:
            state = following
    place[0], place[1] = state, age


play = kernel(_play)
play_uncached = inline_kernel(_play)
"""For rules from outside the package: the disk cache would not notice that they have changed."""

"""The one tabular loop, compiled once for every rule; ``_loop.play_readably`` is the same, written to be read."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, kernel
from gametheory_rl._support._streams_kernels import uniform
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._play_kernels import stretch
from gametheory_rl.learners._rules_kernels import act, update
from gametheory_rl.learners._schedule_kernels import rate

LONG_ROW = 16
"""Above so many successors the next state is found by bisection."""
BLOCK = 64
"""Random numbers are drawn for so many steps at once, which the processor does eight at a time."""


class World(NamedTuple):
    """A game as the loop reads it; read-only, shared by all seeds."""

    outcomes: np.ndarray
    """``[S * J, 3 + n]`` float64, all that most steps need in one place: a row's next state is entry 1 for a number below entry 0,
    else entry 2, negative where the row has more successors; then the payoffs of the row's joint action."""
    offsets: np.ndarray
    """``[S * J + 1]`` int64: the successors of row r are ``offsets[r]:offsets[r + 1]``."""
    successors: np.ndarray
    """``[entries]`` int32"""
    cumulative: np.ndarray
    """``[entries]`` probabilities summed along each row; the last of a row is 1."""
    terminal: np.ndarray
    """``[S]`` bool"""
    strides: tuple[int, ...]
    """n of them: a joint action's number is the sum of action times stride. The length of a tuple is known to the compiler."""
    start_states: np.ndarray
    """``[k]`` int64: where the start distribution is positive."""
    start_cumulative: np.ndarray
    """``[k]``"""
    joint_actions: int
    horizon: int
    steered: bool
    """Whether ``coin`` decides who explores; else the learner itself does."""
    coin: tuple[float, float, float, float, float]
    """Schedule of the probability with which each player, by its own coin, acts uniformly at random instead of by its policy."""
    menu: np.ndarray
    """``[S, n, A]`` int64: the legal actions, packed to the left; of no state where the learner explores."""
    sizes: np.ndarray
    """``[S, n]`` int64: how many are legal."""


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


@fused_kernel
def next_state(world, row, u):
    """Return the state that follows a row of (state, joint action)."""
    near = world.outcomes[row]
    following = np.int64(near[1] if u < near[0] else near[2])
    if following < 0:
        following = np.int64(world.successors[find(world.cumulative, world.offsets[row], world.offsets[row + 1], u)])
    return following


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


@inline_kernel
def toss(world, step, visits, draws):
    """Return how probable it is that a player explores; turns ``draws``, which the coins read, into uniform numbers again."""
    chance = rate(world.coin, step, visits)
    for i in range(len(draws)):
        draws[i] = stretch(draws[i], chance, draws[i] < chance)
    return chance


@inline_kernel
def wander(world, state, chance, coins, draws, actions):
    """Replace the actions of the players whose coin is below ``chance`` by uniformly drawn legal ones."""
    for i in range(len(actions)):
        if coins[i] < chance:
            count = world.sizes[state, i]
            actions[i] = world.menu[state, i, min(np.int64(draws[i] * count), count - 1)]


def _play(tables, world, place, key, first, last):
    """Take the steps ``[first, last)`` of one seed.

    Modifies ``tables``, by its rule's update, and ``place``: the state, and the steps since the last restart. Step t owns the n + 2
    numbers of stream ``key`` that start at ``t * (n + 2)``: one for each player's action, one for the next state, one for a
    restart. So neither chunks nor resuming matter.
    """
    tables, world, place = borrow((tables, world, place))
    players = len(world.strides)
    owned = players + 2
    numbers, draws, actions = np.empty(BLOCK * owned), np.empty(players), np.empty(players, np.int64)
    if first == 0 and last > 0:
        restart(world, place, uniform(key, -1))
    state, age = place[0], place[1]
    for block in range(first, last, BLOCK):
        for j in range(len(numbers)):
            numbers[j] = uniform(key, block * owned + j)
        for step in range(block, min(block + BLOCK, last)):
            mine = (step - block) * owned
            for i in range(players):
                draws[i] = numbers[mine + i]
            chance = toss(world, step, tables.play.visits[state], draws) if world.steered else 0.0
            act(tables, state, step, tables.play.visits[state], draws, actions)
            if world.steered:
                wander(world, state, chance, numbers[mine : mine + players], draws, actions)
            row = state * world.joint_actions
            for i in range(players):
                row += actions[i] * world.strides[i]
            following = next_state(world, row, numbers[mine + players])
            ended = world.terminal[following]
            tables.play.visits[state] += 1
            update(tables, state, step, actions, world.outcomes[row, 3:], following, ended)
            age += 1
            if ended or age >= world.horizon:
                restart(world, place, numbers[mine + players + 1])
                state, age = place[0], place[1]
            else:
                state = following
    place[0], place[1] = state, age


play = kernel(_play)
play_uncached = inline_kernel(_play)
"""For rules from outside the package: the disk cache would not notice that they have changed."""

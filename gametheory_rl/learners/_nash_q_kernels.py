"""The rules of Nash-Q for two players: the equilibrium of Lemke and Howson's first path, or one chosen among all."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, linked_kernel
from gametheory_rl.equilibria._kernels._complementary import lemke_howson_each
from gametheory_rl.equilibria._kernels._extreme import CHOSEN, choose_equilibrium, extreme_equilibria
from gametheory_rl.learners._ask_kernels import FIRST, ask
from gametheory_rl.learners._borrow_kernels import borrow
from gametheory_rl.learners._joint_q_kernels import Joint, learn, pack_stage, play_packed
from gametheory_rl.learners._play_kernels import Play
from gametheory_rl.learners._rules_kernels import register_rule

TIES = 1e-12
"""Ratios of the first path that differ by less are a tie, see ``lemke_howson_each``."""
APART = 1e-9
"""Equilibria of which no weight differs by more are the same."""


class Stage(NamedTuple):
    """Where one stage game is solved; A is the largest action count, J the number of joint actions."""

    payoffs: np.ndarray
    """``[2 J]`` packed, both players' in turn"""
    mixed: np.ndarray
    """``[players, 2 A]`` packed mixed actions of both, one after the other: the equilibrium that each player has in mind"""
    values: np.ndarray
    """``[players, 2]`` what it pays"""
    weights: np.ndarray
    """``[A]``"""


class FirstTables(NamedTuple):
    """One seed of Nash-Q with the selection ``first``."""

    play: Play
    joint: Joint
    stage: Stage


class ChosenTables(NamedTuple):
    """One seed of Nash-Q with a selection among all equilibria, for both players or for each."""

    play: Play
    joint: Joint
    stage: Stage
    rules: np.ndarray
    """``[1 or 2]`` int64: places in ``SELECTIONS``"""
    apart: np.ndarray
    """``[S]`` bool: whether the players had different equilibria in mind when the stage game was last solved"""
    points: np.ndarray
    """``[2, V, A]`` room for the vertices of both best-response polytopes; none where there may be too many"""


@fused_kernel
def update_first(tables, state, step, actions, rewards, following, ended):
    """Learn from one step; then follow the path of label 0 through the stage game."""
    if learn(tables.joint, state, step, actions, rewards, following, ended):
        solve_first(tables.play, tables.joint, tables.stage, state)


@linked_kernel
def solve_first(play, joint, stage, state):
    """Solve the stage game at ``state`` and play the solution."""
    play, joint, stage = borrow((play, joint, stage))
    count = pack_stage(joint, state, stage.payoffs)
    m, n = joint.sizes[state, 0], joint.sizes[state, 1]
    A, B = stage.payoffs[:count].reshape((1, m, n)), stage.payoffs[count : 2 * count].reshape((1, m, n))
    x, y = stage.mixed[0, :m].reshape((1, m)), stage.mixed[0, m : m + n].reshape((1, n))
    only, label, length, fine = np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.bool_)
    regret, values = np.empty(1), stage.values[0].reshape((2, 1))
    lemke_howson_each(A, B, only, only, label, only, 1000 + 100 * (m + n), TIES, x, y, values, regret, length, fine)
    if not fine[0]:
        ask(FIRST, stage.payoffs[: 2 * count], joint.sizes[state], stage.mixed[0], stage.values[0])
    play_pair(play, joint, stage, state)


@inline_kernel
def play_pair(play, joint, stage, state):
    """Let each player play its part of the equilibrium that it has in mind, and expect what that pays."""
    last = len(stage.mixed) - 1
    for i in range(2):
        k, first = i * last, i * joint.sizes[state, 0]
        play_packed(play, state, i, joint.menu[state, i], stage.mixed[k, first:], joint.sizes[state, i], stage.weights)
        joint.value[state, i] = stage.values[k, i]


@fused_kernel
def update_chosen(tables, state, step, actions, rewards, following, ended):
    """Learn from one step; then choose among the equilibria of the stage game."""
    if learn(tables.joint, state, step, actions, rewards, following, ended):
        solve_chosen(tables.play, tables.joint, tables.stage, tables.rules, tables.apart, tables.points, state)


@linked_kernel
def solve_chosen(play, joint, stage, rules, apart, points, state):
    """Solve the stage game at ``state`` and play the solution, or each player's part of its own."""
    play, joint, stage, rules, apart, points = borrow((play, joint, stage, rules, apart, points))
    count = pack_stage(joint, state, stage.payoffs)
    m, n = joint.sizes[state, 0], joint.sizes[state, 1]
    A, B = stage.payoffs[:count].reshape((m, n)), stage.payoffs[count : 2 * count].reshape((m, n))
    room = points.shape[1]
    x, y = points[0].reshape(-1)[: room * m].reshape((room, m)), points[1].reshape(-1)[: room * n].reshape((room, n))
    pairs = np.empty((room, 2), np.int64)
    found, degenerate = extreme_equilibria(A, B, x, y, pairs)
    for k in range(len(rules)):
        mixed, values = stage.mixed[k], stage.values[k]
        ended = choose_equilibrium(rules[k], A, B, x, y, pairs[:found], degenerate, mixed[:m], mixed[m : m + n], values)
        if ended != CHOSEN:
            ask(rules[k], stage.payoffs[: 2 * count], joint.sizes[state], mixed, values)
    apart[state] = False
    for k in range(m + n):
        apart[state] |= abs(stage.mixed[0, k] - stage.mixed[len(rules) - 1, k]) > APART
    play_pair(play, joint, stage, state)


register_rule(FirstTables, update=update_first)
register_rule(ChosenTables, update=update_chosen)

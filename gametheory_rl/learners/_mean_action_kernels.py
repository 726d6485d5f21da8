"""Mean-field Q on a stochastic game: the table over mean actions, and the fixed point of policy and mean action.

Mean actions are counted: how many of the n - 1 others play each action. They are numbered by how many play other actions than the
first, fewest first, so that one more player never lowers the number.
"""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel, inline_kernel, kernel
from gametheory_rl.learners._play_kernels import Play, play_mixed
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate, slow_exp

ROUNDS = 40
"""Steps of one search for the fixed point; the next visit of the state goes on where it ended."""
SETTLED = 1e-12
"""Largest change of a probability at which the search is over."""
CLOSER = 1e-3
"""It also is where the change has shrunk by this factor: the table moves at the next visit anyway."""
QUICKEN, SLOW_DOWN, TURN_BACK = 1.25, 0.9, 0.5
"""Factors of the pace: while the answer comes nearer; while it does not; and where a step went too far, so that the next goes back."""
SLOWEST = 0.02
"""No step is slowed below this for not coming nearer: on its way from a fixed point that repels, it may not."""


class MeanActionTables(NamedTuple):
    """One seed of mean-field Q on a stochastic game. ``types`` is 1 where the players share a table, else n; M counts mean actions."""

    play: Play
    q: np.ndarray
    """``[types, S, M, A]``"""
    counts: np.ndarray
    """``[types, S, M, A]`` int64: updates of each entry."""
    value: np.ndarray
    """``[S, n]`` the mean-field value of each state."""
    residual: np.ndarray
    """``[S]`` by how much the answer to the policy differs from the policy, in its largest probability."""
    pace: np.ndarray
    """``[S]`` the part of the way to the answer that a step takes."""
    after: np.ndarray
    """``[M, A]`` int64: the mean action where one more plays so."""
    upto: np.ndarray
    """``[n]`` int64: how many mean actions k players can make."""
    discount: float
    temperature: float
    step_size: tuple[float, float, float, float, float]


@fused_kernel
def update_mean_field(tables, state, step, actions, rewards, following, ended):
    """Move Q_i(s, mean action of the others, a_i) towards r_i + discount v_i(s'), then settle the policy at ``state``."""
    learned = tables.residual[state] > SETTLED
    for i in range(len(actions)):
        met, action, kind = np.int64(0), actions[i], i if len(tables.q) > 1 else 0
        for j in range(len(actions)):
            met = met if i == j else tables.after[met, actions[j]]
        visits = tables.counts[kind, state, met, action]
        tables.counts[kind, state, met, action] = visits + 1
        target = rewards[i] + tables.discount * (0.0 if ended else tables.value[following, i])
        old = tables.q[kind, state, met, action]
        if target != old:
            tables.q[kind, state, met, action] = old + rate(tables.step_size, step, visits) * (target - old)
            learned = True
    if learned:
        settle(tables, state)


@kernel
def settle(tables, state):
    """Bring the policy at ``state`` towards its fixed point, and book value and residual there; modifies the arrays of ``tables``."""
    types, _, bins, count = tables.q.shape
    mixed, answers, expected = np.empty((types, count)), np.zeros((types, count)), np.empty((types, count))
    chances = np.empty(bins)
    for k in range(types):
        mixed[k] = tables.play.policy[state, k]
    first, before, way = 0.0, np.inf, np.zeros((types, count))
    for step in range(ROUNDS + 1):
        apart = 0.0
        for k in range(types):
            meet(tables, mixed, k, chances)
            expect(tables.q[k, state], chances, expected[k])
            be_boltzmann_over(tables, state, k, expected[k], answers[k])
            for a in range(count):
                apart = max(apart, abs(answers[k, a] - mixed[k, a]))
        first = apart if step == 0 else first
        tables.residual[state] = apart
        if apart <= max(SETTLED, CLOSER * first) or step == ROUNDS:
            break
        forwards = 0.0
        for k in range(types):
            for a in range(count):
                forwards += way[k, a] * (answers[k, a] - mixed[k, a])
                way[k, a] = answers[k, a] - mixed[k, a]
        pace = tables.pace[state]
        if forwards < 0.0:
            pace = TURN_BACK * pace
        elif apart > before:
            pace = max(min(pace, SLOWEST), SLOW_DOWN * pace)
        else:
            pace = min(1.0, QUICKEN * pace)
        tables.pace[state], before = pace, apart
        for k in range(types):
            for a in range(count):
                mixed[k, a] += pace * way[k, a]
    for i in range(tables.value.shape[1]):
        k, value = i if types > 1 else 0, 0.0
        for a in range(count):
            value += mixed[k, a] * expected[k, a]
        tables.value[state, i] = value
        play_mixed(tables.play, state, i, mixed[k])


@inline_kernel
def meet(tables, mixed, i, chances):
    """Fill ``chances`` ``(M,)`` with the distribution of the mean action that player ``i`` meets when all play ``mixed`` ``(types, A)``."""
    players, count, added = tables.value.shape[1], mixed.shape[1], 0
    chances[:] = 0.0
    chances[0] = 1.0
    for j in range(players):
        if j == i:
            continue
        theirs = mixed[j if len(mixed) > 1 else 0]
        for met in range(tables.upto[added] - 1, -1, -1):
            chance = chances[met]
            for a in range(1, count):
                chances[tables.after[met, a]] += chance * theirs[a]
            chances[met] = chance * theirs[0]
        added += 1


@inline_kernel
def expect(q, chances, expected):
    """Fill ``expected`` ``(A,)`` with the means of the columns of ``q`` ``(M, A)``: the table at a mean action between its entries."""
    expected[:] = 0.0
    for met in range(len(chances)):
        for a in range(len(expected)):
            expected[a] += chances[met] * q[met, a]


@inline_kernel
def be_boltzmann_over(tables, state, i, expected, answer):
    """Fill ``answer`` ``(A,)``, zero elsewhere, with the Boltzmann weights of the legal actions of player ``i`` at ``state``."""
    menu, size = tables.play.menu[state, i], tables.play.sizes[state, i]
    best, total = -np.inf, 0.0
    for k in range(size):
        best = max(best, expected[menu[k]])
    for k in range(size):
        answer[menu[k]] = slow_exp((expected[menu[k]] - best) / tables.temperature)
        total += answer[menu[k]]
    for k in range(size):
        answer[menu[k]] /= total


register_rule(MeanActionTables, update=update_mean_field)

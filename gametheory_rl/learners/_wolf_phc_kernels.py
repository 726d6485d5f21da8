"""The rule of policy hill-climbing, at one rate or at two: slower while winning."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.learners._independent_q_kernels import count_step, target_of
from gametheory_rl.learners._play_kernels import Play, play_mixed
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate


class HillTables(NamedTuple):
    """One seed of policy hill-climbing. A is the largest of the players' action counts.

    The average policy needs no table of its own: ``play`` sums up what was played.
    """

    play: Play
    q: np.ndarray
    """``[S, n, A]`` over own actions."""
    counts: np.ndarray
    """``[S, n, A]`` int64: updates of each entry."""
    value: np.ndarray
    """``[S, n]`` each player's largest entry among legal actions."""
    mixed: np.ndarray
    """``[A]`` where the next policy is made."""
    discount: np.ndarray
    """``[n]``"""
    step_size: tuple[float, float, float, float, float]
    winning: tuple[float, float, float, float, float]
    """The policy's step size while it earns more than its average, by visits of the state."""
    losing: tuple[float, float, float, float, float]


@fused_kernel
def update_hill(tables, state, step, actions, rewards, following, ended):
    """Move q_i(s, a_i) towards r_i + discount_i max q_i(s', .), then player i's policy a little towards its best action."""
    for i in range(len(actions)):
        size = count_step(tables, state, step, i, actions[i])
        target = target_of(tables, i, rewards[i], following, ended)
        tables.q[state, i, actions[i]] += size * (target - tables.q[state, i, actions[i]])
        climb(tables, state, step, i)


@fused_kernel
def climb(tables, state, step, i):
    """Take weight from all legal actions but the best, as much from each as it has, at most an equal share of the step."""
    play, q = tables.play, tables.q[state, i]
    policy, sums, menu = play.policy[state, i], play.sums[state, i], play.menu[state, i]
    count, visits = play.sizes[state, i], play.visits[state]
    unbooked = np.float64(visits - play.booked[state, i])
    best, top, now, earlier = menu[0], q[menu[0]], 0.0, 0.0
    for j in range(count):
        k = menu[j]
        now += policy[k] * q[k]
        earlier += (sums[k] + unbooked * policy[k]) * q[k]
        best = k if q[k] > top else best
        top = q[k] if q[k] > top else top
    tables.value[state, i] = top
    if policy[best] == 1.0:
        return
    # What was played in all visits, the last included, sums to the paper's C(s) times its average policy.
    winning = now * visits > earlier
    schedule = tables.winning if winning else tables.losing
    most = rate(schedule, step, visits - 1) / (count - 1)
    rest = 0.0
    for k in range(len(policy)):
        left = policy[k] - most
        left = left if left > 0.0 and k != best else 0.0
        tables.mixed[k] = left
        rest += left
    # One minus the rest, not the old weight plus what was taken: rounding does not add up over millions of steps.
    tables.mixed[best] = 1.0 - rest if rest < 1.0 else 0.0
    play_mixed(play, state, i, tables.mixed)


register_rule(HillTables, update=update_hill)

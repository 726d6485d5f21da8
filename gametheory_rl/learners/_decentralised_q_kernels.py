"""The rule of decentralised Q-learning: smoothed best responses to local entries, values that follow slowly."""

import math
from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.learners._independent_q_kernels import target_of
from gametheory_rl.learners._play_kernels import Play, play_mixed
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate, slow_exp


class DecentralisedTables(NamedTuple):
    """One seed of decentralised Q-learning. A is the largest of the players' action counts."""

    play: Play
    q: np.ndarray
    """``[S, n, A]`` over own actions."""
    value: np.ndarray
    """``[S, n]`` what each player believes to earn from a state on."""
    mixed: np.ndarray
    """``[A]`` where the next policy is made."""
    discount: np.ndarray
    """``[n]``"""
    temperature: float
    annealing: float
    step_size: tuple[float, float, float, float, float]
    value_step_size: tuple[float, float, float, float, float]


@fused_kernel
def update_decentralised(tables, state, step, actions, rewards, following, ended):
    """Move v_i(s) towards what the policy earns by q_i(s, .), q_i(s, a_i) towards r_i + discount_i v_i(s'), then respond again."""
    play, visits = tables.play, tables.play.visits[state] - 1
    chance = rate(play.exploration, step, visits)
    size, slow = rate(tables.step_size, step, visits), rate(tables.value_step_size, step, visits)
    # At the c-th visit, c = 1, 2, ..., the temperature has 1 + annealing * log(c) below the line; this is for the next visit.
    temperature = tables.temperature / (1.0 + tables.annealing * math.log(visits + 2.0))
    for i in range(len(actions)):
        action, policy, q = actions[i], play.policy[state, i], tables.q[state, i]
        expected = 0.0
        for k in range(len(q)):
            expected += policy[k] * q[k]
        tables.value[state, i] += slow * (expected - tables.value[state, i])
        # Actions are updated as often as they are played; divided by that, all entries move at one pace.
        played = (1.0 - chance) * policy[action] + chance / play.sizes[state, i]
        normalised = size / played if size < played else 1.0
        target = target_of(tables, i, rewards[i], following, ended)
        q[action] += normalised * (target - q[action])
        respond_smoothly(play, state, i, q, temperature, tables.mixed)


@fused_kernel
def respond_smoothly(play, state, i, logits, temperature, mixed):
    """Make softmax(logits / temperature) over legal actions the policy of player ``i``; ``mixed`` is where it is made."""
    menu, count = play.menu[state, i], play.sizes[state, i]
    top, total = logits[menu[0]], 0.0
    for j in range(1, count):
        top = logits[menu[j]] if logits[menu[j]] > top else top
    for k in range(len(mixed)):
        mixed[k] = 0.0
    for j in range(count):
        weight = slow_exp((logits[menu[j]] - top) / temperature)
        mixed[menu[j]] = weight
        total += weight
    for k in range(len(mixed)):
        mixed[k] /= total
    play_mixed(play, state, i, mixed)


register_rule(DecentralisedTables, update=update_decentralised)

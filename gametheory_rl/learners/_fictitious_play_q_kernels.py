"""The rule of fictitious-play Q-learning: best responses to how the others have played."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.learners._independent_q_kernels import target_of
from gametheory_rl.learners._play_kernels import Play, play_surely
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate


class FictitiousTables(NamedTuple):
    """One seed of fictitious-play Q-learning. A is the largest of the players' action counts, J counts joint actions."""

    play: Play
    q: np.ndarray
    """``[S, n, J]`` each player's own, over joint actions in C order; those that are illegal keep their first value."""
    counts: np.ndarray
    """``[S, J]`` int64: updates of each joint action."""
    belief: np.ndarray
    """``[S, n, A]`` how each player has played, as all others have seen it."""
    value: np.ndarray
    """``[S, n]`` what the best response to the beliefs earns."""
    expected: np.ndarray
    """``[n, A]`` where actions are weighed against the beliefs."""
    digits: np.ndarray
    """``[n]`` int64: a joint action, counted through."""
    strides: np.ndarray
    """``[n]`` int64: a joint action's number is the sum of action times stride."""
    discount: np.ndarray
    """``[n]``"""
    step_size: tuple[float, float, float, float, float]
    belief_step_size: tuple[float, float, float, float, float]


@fused_kernel
def update_fictitious(tables, state, step, actions, rewards, following, ended):
    """Move the beliefs towards what was played, q_i(s, a) towards r_i + discount_i v_i(s'), then answer the beliefs."""
    joint = 0
    for i in range(len(actions)):
        joint += actions[i] * tables.strides[i]
    size = rate(tables.step_size, step, tables.counts[state, joint])
    tables.counts[state, joint] += 1
    weight = rate(tables.belief_step_size, step, tables.play.visits[state] - 1)
    for i in range(len(actions)):
        target = target_of(tables, i, rewards[i], following, ended)
        tables.q[state, i, joint] += size * (target - tables.q[state, i, joint])
        belief = tables.belief[state, i]
        for k in range(len(belief)):
            seen = 1.0 if k == actions[i] else 0.0
            belief[k] += weight * (seen - belief[k])
    weigh_actions(tables.q[state], tables.belief[state], tables.play.num_actions, tables.digits, tables.expected)
    for i in range(len(actions)):
        menu, earned = tables.play.menu[state, i], tables.expected[i]
        best = menu[0]
        for j in range(1, tables.play.sizes[state, i]):
            best = menu[j] if earned[menu[j]] > earned[best] else best
        tables.value[state, i] = earned[best]
        play_surely(tables.play, state, i, best)


@fused_kernel
def weigh_actions(q, belief, num_actions, digits, expected):
    """Fill ``expected`` with what each action of each player earns by its table ``q`` if the others play as believed, apart."""
    players = len(digits)
    for i in range(players):
        digits[i] = 0
        for k in range(expected.shape[1]):
            expected[i, k] = 0.0
    for joint in range(q.shape[1]):
        for i in range(players):
            chance = 1.0
            for j in range(players):
                chance *= belief[j, digits[j]] if j != i else 1.0
            expected[i, digits[i]] += chance * q[i, joint]
        j = players - 1
        digits[j] += 1
        while j > 0 and digits[j] == num_actions[j]:
            digits[j] = 0
            j -= 1
            digits[j] += 1


register_rule(FictitiousTables, update=update_fictitious)

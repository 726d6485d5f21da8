"""The rule of independent policy gradient: every player a softmax policy and a critic of its own."""

from typing import NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.learners._decentralised_q_kernels import respond_smoothly
from gametheory_rl.learners._independent_q_kernels import target_of
from gametheory_rl.learners._play_kernels import Play
from gametheory_rl.learners._rules_kernels import register_rule
from gametheory_rl.learners._schedule_kernels import rate


class GradientTables(NamedTuple):
    """One seed of independent policy gradient. A is the largest of the players' action counts."""

    play: Play
    logits: np.ndarray
    """``[S, n, A]`` the policy is their softmax over legal actions."""
    value: np.ndarray
    """``[S, n]`` what each player believes its own policy to earn from a state on."""
    mixed: np.ndarray
    """``[A]`` where the next policy is made."""
    discount: np.ndarray
    """``[n]``"""
    step_size: tuple[float, float, float, float, float]
    policy_step_size: tuple[float, float, float, float, float]


@fused_kernel
def update_gradient(tables, state, step, actions, rewards, following, ended):
    """Move v_i(s) by the temporal difference, and the logits along the score of what was played, times the same difference."""
    play, visits = tables.play, tables.play.visits[state] - 1
    chance = rate(play.exploration, step, visits)
    size, slow = rate(tables.step_size, step, visits), rate(tables.policy_step_size, step, visits)
    for i in range(len(actions)):
        action, policy, logits = actions[i], play.policy[state, i], tables.logits[state, i]
        difference = target_of(tables, i, rewards[i], following, ended) - tables.value[state, i]
        tables.value[state, i] += size * difference
        # The policy's part in the action; the rest was exploration, which does not depend on the logits.
        meant = (1.0 - chance) * policy[action]
        played = meant + chance / play.sizes[state, i]
        gain = slow * difference * meant / played if meant > 0.0 else 0.0
        for k in range(len(logits)):
            logits[k] -= gain * policy[k]
        logits[action] += gain
        respond_smoothly(play, state, i, logits, 1.0, tables.mixed)


register_rule(GradientTables, update=update_gradient)

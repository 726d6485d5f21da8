"""The rule of a learner some of whose players are held to a policy that nobody learns."""

from typing import Any, NamedTuple

import numpy as np

from gametheory_rl._support._compile import fused_kernel
from gametheory_rl.learners._play_kernels import Play, pick
from gametheory_rl.learners._rules_kernels import act, register_rule, update


class AgainstTables(NamedTuple):
    """One seed. A is the largest of the players' action counts."""

    play: Play
    """The learner's own, the same arrays."""
    inner: Any
    """The learner's tables."""
    fixed: np.ndarray
    """``[n]`` bool: who does not learn."""
    policies: np.ndarray
    """``[S, n, A]`` theirs; 0 where a player learns."""
    edges: np.ndarray
    """``[S, n, A]`` running sums of ``policies``, as in ``Play``."""


@fused_kernel
def act_against(tables, state, step, visits, draws, actions):
    """Let the learner choose for all; then the fixed players draw by their own policies, without exploration."""
    act(tables.inner, state, step, visits, draws, actions)
    for i in range(len(actions)):
        if tables.fixed[i]:
            actions[i] = pick(tables.edges[state, i], draws[i])


@fused_kernel
def update_against(tables, state, step, actions, rewards, following, ended):
    """Let the learner learn; what it believes of the fixed players is its own affair."""
    update(tables.inner, state, step, actions, rewards, following, ended)


register_rule(AgainstTables, act=act_against, update=update_against)

"""Where the bold methods start from."""

from __future__ import annotations

import numpy as np

from gametheory_rl.stochastic._chain import chain_of, value_of_chain
from gametheory_rl.stochastic._zero_sum import ZeroSum

ROUGHLY = 3e-2


def informed_start(problem: ZeroSum) -> np.ndarray:
    """Return the values ``(S,)`` to start from: zero, or the value of uniform play where few states pay by themselves.

    Where most stage games are flat at first (soccer pays at the goals only), the first policies would be arbitrary and their values
    misleading; the value of uniform play already tells every state which way is which. Elsewhere it would cost more than it saves.
    """
    zero = np.zeros(problem.num_states)
    # The first and the last payoff tell most states that are not flat, and take little time to read.
    if problem.discount == 0.0 or (problem.payoff[:, 0] == problem.payoff[:, -1]).mean() <= 0.5:
        return zero
    flat = problem.payoff.max(axis=1) == problem.payoff.min(axis=1)
    if flat.mean() <= 0.5 or flat.all():
        return zero
    return value_of_chain(chain_of(problem, *uniform_policies(problem)), zero, ROUGHLY)


def uniform_policies(problem: ZeroSum) -> tuple[np.ndarray, np.ndarray]:
    """Return the policies ``(S, m)`` and ``(S, n)`` that play all legal actions alike."""
    row_counts, column_counts, row_lists, column_lists = problem.menu
    return _uniform(row_counts, row_lists, problem.rows), _uniform(column_counts, column_lists, problem.columns)


def _uniform(counts: np.ndarray, lists: np.ndarray, width: int) -> np.ndarray:
    policy = np.zeros((len(counts), width))
    played = np.where(np.arange(width) < counts[:, np.newaxis], 1.0 / counts[:, np.newaxis], 0.0)
    np.put_along_axis(policy, np.broadcast_to(lists, policy.shape), played, axis=1)
    return policy

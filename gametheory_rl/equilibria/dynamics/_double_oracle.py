"""The double oracle: a small game inside the large one, which grows by best replies until nobody wants to leave it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gametheory_rl._results import Status
from gametheory_rl.equilibria._minimax import minimax
from gametheory_rl.equilibria.dynamics._contest import Contest

REPLIES_AT_A_TIME = 10
"""Best replies that join on each side: more of them make fewer and larger games."""


class _Side(NamedTuple):
    """The actions of one player that are in, and what they pay against all of the other's."""

    actions: np.ndarray
    """``[k]`` int"""
    pays: np.ndarray
    """``[k, other's actions]``"""


def double_oracle(contest: Contest, *, limit: int) -> Status | None:
    """Solve ever larger games of the actions that are best replies, until the contest is settled (H. B. McMahan et al. 2003).

    None where it is not when a side has ``limit`` actions in the game, or nobody wants more of them.
    """
    matrix = contest.matrix
    m, n = matrix.shape
    rows = _Side(np.empty(0, np.int64), np.empty((0, n)))
    columns = _Side(np.empty(0, np.int64), np.empty((0, m)))
    earned, paid, value = matrix.times(contest.columns.strategy), matrix.transposed_times(contest.rows.strategy), None
    while True:
        slack = 0.0 if value is None else 0.25 * contest.tolerance
        more = _replies(earned, rows, -np.inf if value is None else value + slack)
        fewer = _replies(-paid, columns, -np.inf if value is None else slack - value)
        if more.size == fewer.size == 0 or max(len(rows.actions), len(columns.actions)) >= limit:
            return None
        rows = _Side(np.append(rows.actions, more), np.vstack([rows.pays, matrix.rows(more)]))
        columns = _Side(np.append(columns.actions, fewer), np.vstack([columns.pays, matrix.columns(fewer).T]))
        inner = minimax(rows.pays[:, columns.actions])
        x, y = inner.profile
        value, earned, paid = float(inner.value), y @ columns.pays, x @ rows.pays
        contest.rows.offer(_spread(x, rows.actions, m), -float(paid.min()))
        contest.columns.offer(_spread(y, columns.actions, n), float(earned.max()))
        status = contest.settled()
        if status is not None:
            return status


def _replies(earned: np.ndarray, side: _Side, above: float) -> np.ndarray:
    """Return the best actions that earn more than ``above`` and are not in yet."""
    count = min(REPLIES_AT_A_TIME, len(earned))
    best = np.argpartition(-earned, count - 1)[:count]
    return np.setdiff1d(best[earned[best] > above], side.actions)


def _spread(weights: np.ndarray, actions: np.ndarray, size: int) -> np.ndarray:
    """Return a mixed action over all ``size`` actions."""
    strategy = np.zeros(size)
    strategy[actions] = weights
    return strategy

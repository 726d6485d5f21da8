"""What keeps players from disobeying a device, as linear constraints on the distribution of joint actions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._kernels._incentives import incentive_rows

DENSE_UP_TO = 200_000
"""Matrices of so many entries are dense, for the compiled method: about 18 x 18 actions, past which HiGHS is as fast (measured)."""


def incentives(payoffs: np.ndarray, noise: np.ndarray, *, coarse: bool) -> Any:
    """Return the constraints as a matrix: a distribution p of joint actions, flat in C order, is obeyed where rows @ p >= 0.

    Each row is divided by its largest entry, so that rows of small stakes bind as exactly as others. Rows that rounding of the
    payoffs explains (a duplicated action, say) are left out.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Payoffs mapped to [0, 1].
    noise : (n,) array
        Up to which difference of these rounding may be the cause.
    coarse : bool
        One row per action that a player could settle on, rather than one per recommendation and disobedience.

    Returns
    -------
    (rows, A_1 * ... * A_n) array
        A ``scipy.sparse.csr_array`` where it would be large.
    """
    actions, cells = payoffs.shape[1:], payoffs[0].size
    count = sum(own if coarse else own * (own - 1) for own in actions)
    if count * cells <= DENSE_UP_TO:
        rows = np.zeros((count, cells))
        return rows[: incentive_rows(payoffs.reshape(len(payoffs), cells), np.array(actions), noise, coarse, rows)]
    require_memory((sum(own * cells for own in actions), 6), "the linear program", "use a game of fewer actions")
    places = np.arange(cells).reshape(actions)
    blocks = []
    for player, payoff in enumerate(payoffs):
        loses, where = _losses(payoff, places, player, coarse)
        size = np.abs(loses).max(axis=1)
        kept = size > noise[player]
        blocks.append((loses[kept] / size[kept, np.newaxis], where[kept]))
    return _sparse(blocks, cells)


def _sparse(blocks: list[tuple[np.ndarray, np.ndarray]], cells: int) -> Any:
    """Return the same rows without their zeros."""
    from scipy.sparse import csr_array, vstack

    rows = []
    for data, where in blocks:
        bounds = np.arange(len(data) + 1) * data.shape[1]
        rows.append(csr_array((data.ravel(), where.ravel(), bounds), shape=(len(data), cells)))
        rows[-1].eliminate_zeros()
    return csr_array(vstack(rows, format="csr"))


def _losses(payoff: np.ndarray, places: np.ndarray, player: int, coarse: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return what a player loses in each joint action by each way to disobey, and the numbers of those joint actions."""
    own = payoff.shape[player]
    earns, where = (np.moveaxis(array, player, 0).reshape(own, -1) for array in (payoff, places))
    loses = earns[:, np.newaxis] - earns[np.newaxis]  # [recommendation, action played, the others' actions]
    if coarse:
        return loses.swapaxes(0, 1).reshape(own, -1), np.broadcast_to(where.ravel(), (own, where.size))
    others = ~np.eye(own, dtype=np.bool_)
    return loses[others], np.broadcast_to(where[:, np.newaxis], loses.shape)[others]

"""What keeps players from disobeying a device, as linear constraints on the distribution of joint actions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._scaling import normalised, rounding

DENSE_UP_TO = 20_000
"""Matrices of so many entries are dense: building a small sparse one takes longer than solving the program (measured)."""


def incentives(payoffs: np.ndarray, *, coarse: bool) -> Any:
    """Return the constraints as a matrix: a distribution p of joint actions, flat in C order, is obeyed where rows @ p >= 0.

    Each row is divided by its largest entry, so that rows of small stakes bind as exactly as others. Rows that rounding of the
    payoffs explains (a duplicated action, say) are left out.

    Parameters
    ----------
    payoffs : (n, A_1, ..., A_n) array
        Checked payoffs.
    coarse : bool
        One row per action that a player could settle on, rather than one per recommendation and disobedience.

    Returns
    -------
    (rows, A_1 * ... * A_n) array
        A ``scipy.sparse.csr_array`` where it would be large.
    """
    cells = payoffs[0].size
    require_memory((sum(own * cells for own in payoffs.shape[1:]), 6), "the linear program", "use a game of fewer actions")
    places, noise = np.arange(cells).reshape(payoffs.shape[1:]), rounding(payoffs)
    blocks = []
    for player, payoff in enumerate(normalised(payoffs)):
        loses, where = _losses(payoff, places, player, coarse)
        size = np.abs(loses).max(axis=1)
        kept = size > noise[player]
        blocks.append((loses[kept] / size[kept, np.newaxis], where[kept]))
    if sum(len(data) for data, _ in blocks) * cells > DENSE_UP_TO:
        return _sparse(blocks, cells)
    rows = [np.zeros((len(data), cells)) for data, _ in blocks]
    for row, (data, where) in zip(rows, blocks, strict=True):
        np.put_along_axis(row, where, data, axis=1)
    return np.concatenate(rows)


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

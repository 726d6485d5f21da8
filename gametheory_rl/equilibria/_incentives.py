"""What keeps players from disobeying a device, as linear constraints on the distribution of joint actions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gametheory_rl._support._memory import require_memory
from gametheory_rl.equilibria._scaling import normalised, rounding


def incentives(payoffs: np.ndarray, *, coarse: bool) -> Any:
    """Return the constraints as a sparse matrix: a distribution p of joint actions, flat in C order, is obeyed where rows @ p >= 0.

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
    scipy.sparse.csr_array
        ``(rows, A_1 * ... * A_n)``.
    """
    from scipy.sparse import csr_array, vstack

    cells = payoffs[0].size
    numbers = sum(own * cells for own in payoffs.shape[1:])
    require_memory((numbers, 6), "the linear program", "use a game of fewer actions")
    places, noise = np.arange(cells).reshape(payoffs.shape[1:]), rounding(payoffs)
    blocks = [csr_array((0, cells))]
    for player, payoff in enumerate(normalised(payoffs)):
        loses, where = _losses(payoff, places, player, coarse)
        size = np.abs(loses).max(axis=1)
        kept = size > noise[player]
        data = loses[kept] / size[kept, np.newaxis]
        bounds = np.arange(len(data) + 1) * data.shape[1]
        block = csr_array((data.ravel(), where[kept].ravel(), bounds), shape=(len(data), cells))
        block.eliminate_zeros()
        blocks.append(block)
    return csr_array(vstack(blocks, format="csr"))


def _losses(payoff: np.ndarray, places: np.ndarray, player: int, coarse: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return what a player loses in each joint action by each way to disobey, and the numbers of those joint actions."""
    own = payoff.shape[player]
    earns, where = (np.moveaxis(array, player, 0).reshape(own, -1) for array in (payoff, places))
    loses = earns[:, np.newaxis] - earns[np.newaxis]  # [recommendation, action played, the others' actions]
    if coarse:
        return loses.swapaxes(0, 1).reshape(own, -1), np.broadcast_to(where.ravel(), (own, where.size))
    others = ~np.eye(own, dtype=np.bool_)
    return loses[others], np.broadcast_to(where[:, np.newaxis], loses.shape)[others]

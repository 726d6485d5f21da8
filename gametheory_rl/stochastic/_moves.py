"""Who moves the game where: the transitions of two players, their stage games, and what one faces when the other is fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory_rl import equilibria as eq
from gametheory_rl._games import StochasticGame
from gametheory_rl.stochastic._zero_sum import groups_of

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Moves:
    """Transitions seen by one of two players, or by the only one, whose opponent then has one action."""

    matrix: Any
    """CSR ``[S * m * n, S]``: own actions before the opponent's"""
    legal: tuple[np.ndarray, np.ndarray]
    """``[S, m]`` and ``[S, n]`` bool"""
    rounding: float
    """Largest relative error of an expectation over fixed play: its sums, and how far rows are from 1"""

    @classmethod
    def of(cls, game: StochasticGame) -> Moves:
        """Return the transitions as player 0 sees them; the game has one player or two."""
        from scipy.sparse import csr_array

        offsets, states, probabilities = game.successors
        matrix = csr_array((probabilities, states, offsets), shape=(game.num_states * game.num_joint_actions, game.num_states))
        own, other = (*game.legal, np.ones((game.num_states, 1), dtype=bool))[:2]
        sums = matrix.sum(axis=1)
        excess = float(np.abs(sums[sums > 0.0] - 1.0).max(initial=0.0))
        terms = int(np.diff(offsets).max(initial=0)) + sum(game.num_actions) + 16
        return cls(matrix, (own, other), terms * EPS + 2.0 * excess)

    @property
    def num_states(self) -> int:
        """Number of states, S."""
        return self.matrix.shape[1]

    @property
    def sizes(self) -> tuple[int, int]:
        """Numbers of own and of the opponent's actions."""
        return self.legal[0].shape[1], self.legal[1].shape[1]

    def swapped(self) -> Moves:
        """Return the same transitions as the opponent sees them."""
        rows = np.arange(self.matrix.shape[0]).reshape(self.num_states, *self.sizes).transpose(0, 2, 1)
        return Moves(self.matrix[rows.ravel()], (self.legal[1], self.legal[0]), self.rounding)

    def expected(self, values: np.ndarray) -> np.ndarray:
        """Return what comes next ``(S, m, n)``, in expectation of ``values`` ``(S,)``."""
        return (self.matrix @ values).reshape(self.num_states, *self.sizes)

    def against(self, policy: np.ndarray) -> Any:
        """Return the transitions CSR ``[S * m, S]`` of own actions while the opponent keeps to ``policy`` ``(S, n)``."""
        from scipy.sparse import csr_array

        own, other = self.sizes
        weights = np.repeat(policy, own, axis=0).ravel()
        total = self.num_states * own
        mixed = csr_array((weights, np.arange(total * other), np.arange(0, total * other + 1, other)), shape=(total, total * other))
        mixed.eliminate_zeros()
        rows = mixed @ self.matrix
        rows.eliminate_zeros()
        rows.sort_indices()
        return rows

    def optimal(self, stages: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Solve the stage games ``(S, m, n)`` of ``states``: values ``(S,)`` and both players' optimal play; NaN and 0 elsewhere."""
        own, other = self.legal
        values, x, y = np.full(len(stages), np.nan), np.zeros(own.shape), np.zeros(other.shape)
        for members, rows, columns in groups_of(own[states].sum(axis=1), other[states].sum(axis=1)):
            chosen = states[members]
            left = np.nonzero(own[chosen])[1].reshape(-1, rows)
            right = np.nonzero(other[chosen])[1].reshape(-1, columns)
            found = eq.minimax(np.ascontiguousarray(stages[chosen[:, None, None], left[:, :, None], right[:, None, :]]))
            values[chosen] = found.value
            x[chosen[:, None], left], y[chosen[:, None], right] = found.profile
        return values, x, y

    def secured(self, stages: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what ``x`` is paid at least and ``y`` pays at most ``(S,)`` in the stage games, whoever found them."""
        own, other = self.legal
        low = np.where(other, np.einsum("sm,smn->sn", x, stages), np.inf).min(axis=1)
        high = np.where(own, np.einsum("smn,sn->sm", stages, y), -np.inf).max(axis=1)
        return low, high

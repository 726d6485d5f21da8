"""A game of n players in the form that the compiled kernels of n players take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gametheory_rl.equilibria._scaling import normalised


@dataclass(frozen=True, eq=False)
class Flat:
    """A game with each player's payoffs mapped to [0, 1], and the spans that were divided out: those are ``spans * 2 ** exponent``."""

    payoffs: np.ndarray
    """``[n, cells]`` in C order"""
    shape: np.ndarray
    """``[n]`` int64: numbers of actions"""
    offsets: np.ndarray
    """``[n + 1]`` int64: where each player's actions begin in a vector over all of them"""
    strides: np.ndarray
    """``[n]`` int64: how many cells a player's next action is away"""
    spans: np.ndarray
    """``[n]`` the largest in [1/2, 2), or all 0"""
    exponent: int

    @classmethod
    def of(cls, payoffs: np.ndarray) -> Flat:
        """Return checked payoffs (n, A_1, ..., A_n) in this form."""
        players, shape = len(payoffs), np.array(payoffs.shape[1:], np.int64)
        axes = tuple(range(1, payoffs.ndim))
        _, exponents = np.frexp(np.abs(payoffs).max(axis=axes))
        scaled = np.ldexp(payoffs, -exponents.reshape(-1, *[1] * players))  # the span cannot overflow
        mantissas, more = np.frexp(scaled.max(axis=axes) - scaled.min(axis=axes))
        exponents = np.where(mantissas > 0.0, exponents + more, -4_000)
        exponent = int(exponents.max())
        spans = np.ldexp(mantissas, exponents - exponent)
        unit = np.ascontiguousarray(normalised(payoffs).reshape(players, -1))
        strides = np.concatenate([np.cumprod(shape[:0:-1])[::-1], [1]]).astype(np.int64)
        return cls(unit, shape, np.concatenate([[0], np.cumsum(shape)]), strides, spans, exponent)

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What every kernel takes first: payoffs, offsets, strides."""
        return self.payoffs, self.offsets, self.strides

    def split(self, x: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return a vector (..., N) over all actions player by player."""
        return tuple(np.ascontiguousarray(part) for part in np.split(x, self.offsets[1:-1], axis=-1))

    def uniform(self) -> np.ndarray:
        """Return the log-probabilities of uniform play."""
        return -np.log(np.repeat(self.shape, self.shape).astype(np.float64))

    def units(self, tol: float) -> np.ndarray:
        """Return ``(n,)`` what a player's regret in [0, 1] is times to be 1 at ``tol``, in payoff units."""
        with np.errstate(over="ignore", divide="ignore"):
            return np.minimum(np.ldexp(self.spans / tol, self.exponent), 1e300)


def expected(payoffs: np.ndarray, profile: Sequence[np.ndarray]) -> np.ndarray:
    """Return ``(n,)`` what a profile pays to each player; payoffs (n, A_1, ..., A_n)."""
    for mixed in reversed(profile):
        payoffs = payoffs @ mixed
    return payoffs

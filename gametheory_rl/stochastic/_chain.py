"""The Markov chain of a policy pair, and its value; all work runs over fixed chunks of states."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from gametheory_rl._support._threads import chunks, run_chunks
from gametheory_rl.stochastic._kernels import _pair
from gametheory_rl.stochastic._zero_sum import ZeroSum

MAX_ITERATIONS = 10_000
SMALL, LARGE = 1e-90, 1e120
"""Between these, squares of values and of what is left of them after 50 digits are plain numbers."""
CHUNKS, SMALLEST_CHUNK = 32, 4096
"""A chain is cut into at most so many chunks, of at least so many states, whatever the number of threads."""


@dataclass(frozen=True, eq=False)
class Chain:
    """What happens when both players keep to their policies."""

    arrays: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    """``starts (S,)``, ``ends (S,)``, ``columns``, ``entries`` and ``rewards (S,)``: row s is ``starts[s]:ends[s]`` of two of them."""
    discount: float
    ranges: list[tuple[int, int]]
    """The chunks of states; they depend on the game alone, so sums over them do too."""

    def swept(self, values: np.ndarray, times: int) -> np.ndarray:
        """Return ``values`` after ``times`` sweeps of ``v <- rewards + discount P v``."""
        here, there = values.copy(), np.empty_like(values)
        for _ in range(times):
            run_chunks(partial(_sweep, self, here, there), self.ranges)
            here, there = there, here
        return here


def _sweep(chain: Chain, here: np.ndarray, there: np.ndarray, first: int, last: int) -> None:
    _pair.sweep(first, last, chain.discount, chain.arrays, here, there)


def chain_of(problem: ZeroSum, row_policy: np.ndarray, column_policy: np.ndarray) -> Chain:
    """Return the chain that the two policies induce; only actions that are played count, duplicate successors are merged."""
    size = problem.num_states
    ranges = chunks(size, max(SMALLEST_CHUNK, -(-size // CHUNKS)))
    pair = (row_policy, column_policy)
    counts = run_chunks(lambda first, last: _pair.count_pair(first, last, problem.offsets, *pair), ranges)
    begins = dict(zip((first for first, _ in ranges), np.concatenate([[0], np.cumsum(counts)]).tolist(), strict=False))
    total = int(sum(counts))
    arrays = (np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(total, np.uint32), np.empty(total), np.empty(size))

    def fill(first: int, last: int) -> None:
        marker = np.full(size, -1, np.int64)
        _pair.fill_pair(first, last, begins[first], *problem.transitions, *pair, marker, arrays)

    run_chunks(fill, ranges)
    return Chain(arrays, problem.discount, ranges)


def value_of_chain(chain: Chain, guess: np.ndarray, tolerance: float) -> np.ndarray:
    """Return the value ``(S,)`` of a policy pair by BiCGStab (van der Vorst 1992) from ``guess``.

    The residual is reduced to ``tolerance`` times its first norm. A breakdown ends the iteration with the best that was reached: the
    caller certifies the outcome by its own bound, so nothing is asked of this one.
    """
    unit = _unit(chain, guess)
    if unit != 1.0:
        chain = replace(chain, arrays=(*chain.arrays[:-1], chain.arrays[-1] / unit))
    state = _Iterate(chain, guess / unit)
    while state.best > tolerance * state.first and state.advance():
        pass
    return state.best_guess * unit


def _unit(chain: Chain, guess: np.ndarray) -> float:
    """Return 1, or the power of two by which numbers must be divided for their squares neither to overflow nor to vanish."""
    size = max(float(np.abs(chain.arrays[-1]).max()), float(np.abs(guess).max()))
    if size == 0.0 or SMALL < size < LARGE:
        return 1.0
    return math.ldexp(1.0, min(max(math.frexp(size)[1], -1021), 1023))


class _Iterate:
    """BiCGStab's vectors between two steps; sums run over fixed chunks, so the numbers do not depend on the number of threads."""

    def __init__(self, chain: Chain, guess: np.ndarray) -> None:
        self.chain = chain
        self.guess = guess.copy()
        self.residual = chain.swept(guess, 1) - guess
        self.shadow = self.residual.copy()
        self.direction, self.image, self.second = np.zeros_like(guess), np.zeros_like(guess), np.empty_like(guess)
        self.rho_before, self.alpha, self.omega = 1.0, 1.0, 1.0
        self.rho = math.fsum(self._sums(_pair.full_step, 0.0, self.image, self.shadow, self.guess, self.residual)[0])
        self.first = self.best = math.sqrt(self.rho)
        self.best_guess = self.guess.copy()
        self.count = 0

    def _sums(self, kernel: Any, *arguments: Any) -> list[list[float]]:
        """Run ``kernel`` over all chunks; returns its results, one list per returned number."""
        results = run_chunks(lambda first, last: kernel(first, last, *arguments), self.chain.ranges)
        return [list(column) for column in zip(*((r if isinstance(r, tuple) else (r,)) for r in results), strict=True)]

    def advance(self) -> bool:
        """Take one step; returns whether another one makes sense."""
        chain = self.chain
        beta = (self.rho / self.rho_before) * (self.alpha / self.omega)
        self._sums(_pair.direct, beta, self.omega, self.residual, self.image, self.direction)
        across = sum(self._sums(_pair.apply_to_direction, chain.discount, chain.arrays, self.direction, self.shadow, self.image)[0])
        if across == 0.0:
            return False
        self.alpha = self.rho / across
        self._sums(_pair.half_step, self.alpha, self.direction, self.image, self.guess, self.residual)
        square, along = map(sum, self._sums(_pair.apply_to_residual, chain.discount, chain.arrays, self.residual, self.second))
        self.omega = along / square if square > 0.0 else 0.0
        self.rho_before = self.rho
        self.rho, norm = map(sum, self._sums(_pair.full_step, self.omega, self.second, self.shadow, self.guess, self.residual))
        self.count += 1
        if not math.isfinite(norm):
            return False
        if math.sqrt(norm) < self.best:
            self.best, self.best_guess = math.sqrt(norm), self.guess.copy()
        return self.rho != 0.0 and self.omega != 0.0 and self.count < MAX_ITERATIONS

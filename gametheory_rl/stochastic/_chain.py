"""The Markov chain of a policy pair, and its value; all work runs over fixed chunks of states."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from gametheory_rl._support._threads import chunks, num_threads, run_chunks
from gametheory_rl.stochastic._kernels import _pair
from gametheory_rl.stochastic._zero_sum import ZeroSum

PHASES = _pair.FULL
"""Phases of one iteration of BiCGStab, after the first phase of all."""
MOST_PHASES = 1 + 10_000 * PHASES
AT_ONCE = 1 << 24
"""States times phases of one call of a kernel: a call cannot be interrupted."""
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

    @property
    def chunk(self) -> int:
        """Return how many states a chunk has; it depends on the game alone, so sums over chunks do too."""
        return max(SMALLEST_CHUNK, -(-len(self.arrays[0]) // CHUNKS))

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """Return the chunks of states."""
        return chunks(len(self.arrays[0]), self.chunk)

    def swept(self, values: np.ndarray, times: int) -> np.ndarray:
        """Return ``values`` after ``times`` sweeps of ``v <- rewards + discount P v``."""
        here, there, ranges = values.copy(), np.empty_like(values), self.ranges
        for _ in range(times):
            run_chunks(partial(_sweep, self, here, there), ranges)
            here, there = there, here
        return here

    def followed(self, values: np.ndarray, *, paid: bool) -> np.ndarray:
        """Return ``discount P values``, the rewards added if ``paid``; ``values`` may be those of more states than the chain has."""
        out = np.empty(len(self.arrays[0]))
        chain = self if paid else replace(self, arrays=(*self.arrays[:-1], np.zeros_like(self.arrays[-1])))
        run_chunks(partial(_sweep, chain, values, out), self.ranges)
        return out


def _sweep(chain: Chain, here: np.ndarray, there: np.ndarray, first: int, last: int) -> None:
    _pair.sweep(first, last, chain.discount, *chain.arrays, here, there)


def chain_of(problem: ZeroSum, row_policy: np.ndarray, column_policy: np.ndarray, reach: int | None = None) -> Chain:
    """Return the chain that the two policies induce; only actions that are played count, duplicate successors are merged.

    Next states are numbered below ``reach``; None: they are the problem's own.
    The lists have room for all successors of all actions; what is not played is never written, so that it takes no memory.
    """
    size, total = problem.num_states, len(problem.successors)
    arrays = (np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(total, np.uint32), np.empty(total), np.empty(size))
    markers: deque[np.ndarray] = deque()

    def fill(first: int, last: int) -> None:
        marker = markers.pop() if markers else np.empty(size if reach is None else reach, np.int64)
        _pair.fill_pair(first, last, *problem.transitions, row_policy, column_policy, marker, *arrays)
        markers.append(marker)

    chain = Chain(arrays, problem.discount)
    run_chunks(fill, chain.ranges)
    return chain


def value_of_chain(chain: Chain, guess: np.ndarray, tolerance: float) -> np.ndarray:
    """Return the value ``(S,)`` of a policy pair by BiCGStab (van der Vorst 1992) from ``guess``.

    The residual is reduced to ``tolerance`` times its first norm. A breakdown ends the iteration with the best that was reached: the
    caller certifies the outcome by its own bound, so nothing is asked of this one.
    """
    unit = _unit(chain, guess)
    if unit != 1.0:
        chain = replace(chain, arrays=(*chain.arrays[:-1], chain.arrays[-1] / unit))
    work, state = np.empty((_pair.GUESS + 2, len(guess))), np.zeros(_pair.BEST_AT + 1)
    np.divide(guess, unit, out=work[_pair.GUESS])
    state[_pair.TOLERANCE] = tolerance
    ranges = chain.ranges
    sums = np.zeros((len(ranges), 2))
    if len(ranges) > 1 and num_threads() > 1:
        _run_in_threads(chain, ranges, state, work, sums)
    else:
        _run_alone(chain, state, work, sums)
    best = work[int(state[_pair.BEST_AT])]
    return best * unit if unit != 1.0 else best.copy()


def _run_alone(chain: Chain, state: np.ndarray, work: np.ndarray, sums: np.ndarray) -> None:
    """Run the phases in one thread, many in one call."""
    phase, left = _pair.BEGIN, MOST_PHASES
    while left > 0:
        steps = min(left, max(PHASES, AT_ONCE // work.shape[1]))
        phase = _pair.run_phases(phase, steps, chain.chunk, chain.discount, *chain.arrays, state, work, sums)
        left = left - steps if phase != _pair.BEGIN else 0


def _run_in_threads(chain: Chain, ranges: list[tuple[int, int]], state: np.ndarray, work: np.ndarray, sums: np.ndarray) -> None:
    """Run the phases one by one, each in all threads."""
    common, phase = (chain.chunk, chain.discount, *chain.arrays, state, work, sums), _pair.BEGIN
    for _ in range(MOST_PHASES):
        run_chunks(lambda first, last, phase=phase: _pair.run_phase(phase, first, last, *common), ranges)
        if not _pair.settle(phase, sums, state):
            return
        phase = phase + 1 if phase < _pair.FULL else _pair.DIRECT


def _unit(chain: Chain, guess: np.ndarray) -> float:
    """Return 1, or the power of two by which numbers must be divided for their squares neither to overflow nor to vanish."""
    size = max(float(bound) for numbers in (chain.arrays[-1], guess) for bound in (numbers.max(), -numbers.min()))
    if size == 0.0 or SMALL < size < LARGE:
        return 1.0
    return math.ldexp(1.0, min(max(math.frexp(size)[1], -1021), 1023))

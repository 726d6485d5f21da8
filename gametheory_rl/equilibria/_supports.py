"""Supports of a game of n players one after the other, the small and balanced ones first; Newton's method on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, islice, product

import numpy as np

from gametheory_rl.equilibria._flat import Flat
from gametheory_rl.equilibria._kernels._indifference import polish

STARTS = 4
"""Starts of Newton's method on one support: the middle, then random ones."""
PATIENCE = 25
"""Newton steps a start."""


def supports_of(shape: np.ndarray, most: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield up to ``most`` supports, one tuple of action numbers per player.

    Those whose largest strategy has few actions come first, among them the balanced ones: most games have an equilibrium there
    (R. Porter, E. Nudelman & Y. Shoham 2008).
    """
    largest = int(max(shape))
    sizes = (s for top in range(1, largest + 1) for s in _sizes(shape, top))
    every = (
        support for size in sizes for support in product(*(combinations(range(n), k) for n, k in zip(shape.tolist(), size, strict=True)))
    )
    yield from islice(every, most)


def _sizes(shape: np.ndarray, top: int) -> list[tuple[int, ...]]:
    """Return the sizes whose largest is ``top``, balanced ones first; at most 100,000 of them."""
    every = product(*(range(1, min(int(n), top) + 1) for n in shape))
    found = list(islice((size for size in every if max(size) == top), 100_000))
    return sorted(found, key=lambda size: (max(size) - min(size), sum(size)))


def by_support(game: Flat, units: np.ndarray, supports: Iterable[tuple[tuple[int, ...], ...]]) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield the profiles that Newton's method finds on ``supports`` and that no player gains from leaving, up to ``1 / units``."""
    rng = np.random.default_rng(0)  # the same starts in every call
    for support in supports:
        allowed = np.zeros(int(game.offsets[-1]), np.bool_)
        for start, actions in zip(game.offsets[:-1], support, strict=True):
            allowed[start + np.array(actions)] = True
        for k in range(STARTS if allowed.sum() > len(support) else 1):
            x, inside = allowed * (1.0 if k == 0 else rng.exponential(size=len(allowed)) + 1e-3), allowed.copy()
            if polish(*game.arrays, units, PATIENCE, inside, x) <= 1.0:
                yield game.split(x)

"""What is seen of a policy between records: samples at fixed steps, from which cycles are told from settling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gametheory_rl._results import Watch
from gametheory_rl.learners._loop import Seed

PER_OCTAVE = 64
"""Samples between a number of steps and its double, evenly spaced."""
BURST, RATIO = 64, 4
"""Before every power of 4 there are bursts of so many samples, one every 1, 4, 16, ... steps: periods of all lengths leave a mark."""
MOST_SEEDS = 256
"""Later seeds are not watched."""
MOST_STATES = 64
"""In larger games so many states are watched, evenly spread."""
WHOLE, SKETCH = 16, 6
"""A policy of at most 16 numbers is kept whole, a larger one as 6 fixed random projections: they keep distances, on average."""

WATCH_ROWS = ("watch_steps", "watch_sketches", "start_values", "average_start_values")
"""Entries of a record that are no columns of the trace."""


def watch_steps(steps: int) -> np.ndarray:
    """Return the ascending steps up to ``steps`` at which policies are sampled: they depend on no plan, so resuming changes none."""
    found = [np.arange(1, min(steps, 2 * PER_OCTAVE) + 1)]
    octave = 2 * PER_OCTAVE
    while octave < steps:
        found.append(octave + np.arange(1, PER_OCTAVE + 1) * (octave // PER_OCTAVE))
        octave *= 2
    end = 4 * BURST
    while end < 2 * steps:  # a burst begins at half its end: its first samples are taken by runs that stop within it too
        stride = 1
        while 2 * BURST * stride <= end:
            found.append(end - stride * np.arange(BURST))
            stride *= RATIO
        end *= 4
    every = np.unique(np.concatenate(found))
    return every[every <= steps].astype(np.int64)


class Watcher:
    """Plays, and samples the policies on the way; ``taken`` hands over what was seen since it was last asked."""

    def __init__(self, play: Callable[[Any, int, int], None], seeds: Sequence[Seed], steps: int) -> None:
        self._play = play
        self._steps = watch_steps(steps)
        self._seen: dict[int, list[np.ndarray]] = {id(seed): [] for seed in seeds[:MOST_SEEDS]}
        self._sketch = sketcher(seeds[0].tables.play.policy)
        self._width = len(self._sketch(seeds[0].tables.play.policy))

    def play(self, seed: Seed, first: int, last: int) -> None:
        """Take the steps ``[first, last)`` of one seed; modifies its arrays."""
        seen = self._seen.get(id(seed))
        if seen is not None:
            begin, end = np.searchsorted(self._steps, (first, last), side="right")
            for step in self._steps[begin:end].tolist():
                self._play(seed, first, step)
                seen.append(self._sketch(seed.tables.play.policy))
                first = step
        self._play(seed, first, last)

    def taken(self, first: int, last: int) -> dict[str, np.ndarray]:
        """Return the record's entries for the steps ``(first, last]``, and forget them."""
        begin, end = np.searchsorted(self._steps, (first, last), side="right")
        sketches = np.array(list(self._seen.values()), np.float32)
        for seen in self._seen.values():
            seen.clear()
        return {"watch_steps": self._steps[begin:end], "watch_sketches": sketches.reshape(len(self._seen), end - begin, self._width)}


def sketcher(policy: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return ``sketch(policy)``: what is kept of policies ``(S, n, A)`` like this one, ``(k,)``."""
    states = np.unique(np.linspace(0, len(policy) - 1, min(len(policy), MOST_STATES)).astype(np.int64))
    size = len(states) * policy[0].size
    if size <= WHOLE:
        return lambda policy: policy.ravel().copy()
    weights = np.random.default_rng(0).standard_normal((SKETCH, size)) / np.sqrt(SKETCH)
    everywhere = len(states) == len(policy)

    def sketch(policy: np.ndarray) -> np.ndarray:
        seen = policy if everywhere else policy[states]
        # Neither BLAS nor einsum: their sums depend on how many threads there are, or on where an array lies in memory.
        return (weights * seen.ravel()).sum(axis=1)

    return sketch


def watch_of(rows: Sequence[Mapping[str, np.ndarray]], num_seeds: int, num_players: int) -> Watch:
    """Return what was seen in all records; records of a checkpoint that has seen nothing are passed over."""
    seen = [row for row in rows if "watch_steps" in row]
    unknown = np.full((num_seeds, num_players), np.nan)
    values = [row.get("start_values", unknown) for row in rows]
    width = seen[0]["watch_sketches"].shape[2] if seen else 0
    return Watch(
        np.concatenate([row["watch_steps"] for row in seen] or [np.zeros(0, np.int64)]),
        np.concatenate([row["watch_sketches"] for row in seen] or [np.zeros((num_seeds, 0, width), np.float32)], axis=1),
        np.stack(values, axis=1) if values else np.zeros((num_seeds, 0, num_players)),
    )

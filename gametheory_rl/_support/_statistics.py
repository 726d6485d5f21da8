"""Numbers that stand for many runs: robust centres, and intervals that the runs themselves vouch for.

Source: Agarwal, Schwarzer, Castro, Courville & Bellemare, "Deep reinforcement learning at the edge of the statistical precipice",
NeurIPS 2021: the interquartile mean and percentile bootstrap intervals, here over the runs of one group.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gametheory_rl._support._errors import GameError, UnknownNameError

RESAMPLES = 2000
"""Draws of a bootstrap: the ends of a 95 % interval then vary by a few hundredths of its width."""


def interquartile_mean(values: Any, axis: int = -1) -> Any:
    """Return the mean of the middle half: a quarter of the values, rounded down, is left out at either end.

    Parameters
    ----------
    values : (..., k, ...) array
        At least one along ``axis``.
    axis : int
        Along which to average.
    """
    return _middle(np.sort(np.asarray(values, dtype=float), axis=axis), axis)


def _middle(found: Any, axis: int = -1) -> Any:
    """Return the mean of the middle half of values that are sorted along ``axis``."""
    count = found.shape[axis]
    cut = count // 4
    return found.take(np.arange(cut, count - cut), axis=axis).mean(axis=axis)


def _mean(values: Any, axis: int = -1) -> Any:
    return np.asarray(values, dtype=float).mean(axis=axis)


def _median(values: Any, axis: int = -1) -> Any:
    return np.median(np.asarray(values, dtype=float), axis=axis)


CENTRES: dict[str, Callable[..., Any]] = {"iqm": interquartile_mean, "mean": _mean, "median": _median}
"""By name: the interquartile mean, the mean, the median."""


def centre_named(name: str) -> Callable[..., Any]:
    """Return one of ``CENTRES``; an unknown name is refused with the nearest."""
    if name not in CENTRES:
        raise UnknownNameError("aggregate", name, CENTRES)
    return CENTRES[name]


def bootstrap_interval(
    values: Any, centre: Callable[..., Any] = interquartile_mean, *, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of ``centre`` of independent values ``(k,)``.

    Parameters
    ----------
    values : (k,) array
        One of each run. Of one value alone nothing is known: the interval is (NaN, NaN).
    centre : callable
        ``centre(values, axis=-1)``, such as those of ``CENTRES``.
    level : float
        In (0, 1): the share of such intervals that hold the truth, if there are many runs; with few it is less.
    resamples : int
        How many draws of k values, with replacement.
    seed : int
        Where the draws come from: the same values have the same interval.

    Raises
    ------
    GameError
        No values, or a level outside (0, 1).
    """
    given = np.asarray(values, dtype=float).ravel()
    if not given.size:
        raise GameError("there are no values to take an interval of, one for each run was expected")
    if not 0 < level < 1:
        raise GameError(f"level is {level!r}, a number between 0 and 1 was expected")
    if given.size == 1:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    rows = max(1, 2_000_000 // given.size)  # memory: at most so many numbers at once
    wanted, order = centre, None
    if centre is interquartile_mean and given.size <= np.iinfo(np.uint16).max:
        # Whatever the draws are, they are sorted: sorting their small ranks by digits takes a tenth of the time, and gives the same bits.
        wanted, order = _middle, np.argsort(given, kind="stable")
    given, ranks = (given, None) if order is None else (given[order], np.argsort(order).astype(np.uint16))
    drawn = []
    for first in range(0, resamples, rows):
        picks = rng.integers(given.size, size=(min(rows, resamples - first), given.size))
        if ranks is not None:
            picks = np.sort(ranks[picks], axis=-1, kind="stable")
        drawn.append(wanted(given[picks], axis=-1))
    low, high = np.quantile(np.concatenate(drawn), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

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
    found = np.sort(np.asarray(values, dtype=float), axis=axis)
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


def share_interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of which ``count`` of ``total`` independent trials were successes: Wilson's score (1927).

    Unlike the normal one it stays in [0, 1], and says something where all trials, or none, succeeded.

    Raises
    ------
    GameError
        No trials, or more successes than trials.
    """
    if not 0 <= count <= total or total < 1:
        raise GameError(f"{count} of {total} were given, from 0 to all of at least one trial was expected")
    z = 1.959963984540054
    share, shrink = count / total, 1 + z * z / total
    middle = (share + z * z / (2 * total)) / shrink
    half = z / shrink * (share * (1 - share) / total + z * z / (4 * total * total)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


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
        Where the draws come from: the same values, in any order, have the same interval.

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
    given = np.sort(given)
    small = given.size <= np.iinfo(np.uint16).max
    drawn = []
    for first in range(0, resamples, rows):
        shape = (min(rows, resamples - first), given.size)
        picks = rng.integers(given.size, size=shape, dtype=np.uint16 if small else np.int64)
        if centre is interquartile_mean:
            # The values are sorted, so that sorting the draws sorts what they draw: small integers, by digits, in a tenth of the time.
            picks.sort(axis=-1, kind="stable")
            cut = given.size // 4
            drawn.append(given.take(picks[:, cut : given.size - cut]).mean(axis=-1))
        else:
            drawn.append(centre(given.take(picks), axis=-1))
    low, high = np.quantile(np.concatenate(drawn), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

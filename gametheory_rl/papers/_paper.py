"""What a paper's file says of itself: one ``Paper``, which the registry names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from gametheory_rl.papers._lab import Lab

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Paper:
    """A paper's experiment, and how it is drawn."""

    title: str
    """What was done, in a few words."""
    source: str
    """Authors, title, where and when; the section or table that is run again."""
    experiment: Callable[[Lab], None]
    """Runs it, and puts rows, claims, differences and data into the lab as they come: Ctrl-C may stop it anywhere."""
    panels: Callable[[Mapping[str, np.ndarray]], Sequence[Callable[[Axes], object]]]
    """Returns the panels of the paper's plot, from the data that the lab was given; each draws on its Axes."""
    minutes: float
    """About how long the full size takes on one core."""
    seeds: int = 5
    """Independent runs, unless the user says otherwise; ``quick`` takes ``quick_seeds``."""
    quick_seeds: int = 3
    summary: Literal["median", "interquartile"] = "median"
    """What the printed table has: the median and the range of seeds, or the interquartile mean and its bootstrap interval."""
    needs: tuple[str, ...] = ()
    """Packages beyond the base installation."""

"""Results of a sweep: a point and its interval for each group of runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import BLUE, GREY, INK, PALE, axes_for, few_decades, house_style

FLOOR = 1e-12
"""Gaps below are rounding: they are drawn here."""
DECADES = 30.0
"""Values that differ by more than this factor get a logarithmic axis."""


@house_style()
def sweep_groups(groups: Sequence[Any], *, metric: str = "nash_gap", aggregate: str = "iqm", ax: Axes | None = None) -> Axes:
    """Draw groups of runs one under another: the aggregate as a dot, its bootstrap interval as a bar, the range of runs as a thin line.

    Parameters
    ----------
    groups : sequence of Group
        What ``Results.group`` returns.
    metric, aggregate : str
        What was aggregated and how, for the axis and the title.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes
        The axis is logarithmic where the groups lie far apart and none is below 0.

    Raises
    ------
    GameError
        No groups, or something else.
    """
    named = list(groups) if isinstance(groups, Sequence) and not isinstance(groups, str) else []
    if not named or not all(hasattr(group, "centre") and hasattr(group, "label") for group in named):
        raise GameError("groups holds nothing to draw, what Results.group returns was expected, one group or more")
    ax = axes_for(ax, (9.6, 1.7 + 0.42 * len(named)))
    ends = np.array([[group.smallest, group.centre, group.largest] for group in named])
    logarithmic = bool(ends.min() >= 0 and ends.max() > DECADES * max(ends[:, 1].min(), FLOOR))
    floor = FLOOR if logarithmic else -np.inf
    for row, group in enumerate(named):
        _draw(ax, row, group, floor)
    if logarithmic:
        ax.set_xscale("log")
        shown = np.maximum(ends, FLOOR)
        few_decades(ax.xaxis, float(shown.min()), float(shown.max()))
    ax.set_yticks(range(len(named)), [f"{group.label}  ({group.runs})".replace("_", " ") for group in named])
    ax.set_ylim(len(named) - 0.4, -0.6)
    ax.set_xlabel(f"{metric.replace('_', ' ')} at the end")
    words = {"iqm": "interquartile mean"}.get(aggregate, aggregate)
    ax.set_title(f"{words[0].upper()}{words[1:]}, its 95 % interval, all runs", loc="right")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.grid(True, axis="x", color=PALE, linewidth=0.9)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=11, color=GREY, labelcolor=INK)
    ax.tick_params(axis="y", length=0)
    return ax


def _draw(ax: Axes, row: int, group: Any, floor: float) -> None:
    low, high, middle = (max(number, floor) for number in (group.smallest, group.largest, group.centre))
    ax.plot([low, high], [row, row], color=GREY, linewidth=1.2, solid_capstyle="butt")
    if np.isfinite(group.low):
        ax.plot([max(group.low, floor), max(group.high, floor)], [row, row], color=BLUE, linewidth=6, alpha=0.45, solid_capstyle="butt")
    ax.plot([middle], [row], "o", color=BLUE, markersize=8, markeredgecolor="white")

"""Columns of runs over steps: the median of the seeds with a band around it. The engine of nash_gap and value_error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._diagnosis import iqm, iqm_interval
from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.plots._style import DASHES, MARKERS, axes_for, colour, dress_curves, few_decades, labelled

Runs = Run | Sequence[Run] | Mapping[str, Run]
BANDS: dict[str, tuple[float, float] | None] = {"range": (0.0, 1.0), "quartiles": (0.25, 0.75), "iqm": None}
"""Name -> the quantiles over seeds that bound the band; None: the interval of the interquartile mean, which is then the line."""


def draw_runs(runs: Runs, column: str, band: str, ax: Axes | None, title: str, quantity: str) -> Axes:
    """Draw ``column`` of each run over its steps, both axes logarithmic.

    Parameters
    ----------
    runs : Run, sequence of Run or mapping from labels to Run
    column : str
        A column of every run's trace.
    band : str
        ``range`` (smallest to largest seed), ``quartiles``, or ``iqm``: the interquartile mean and its 95 % interval.
    ax : Axes, optional
    title, quantity : str
        Title, and label of the vertical axis.

    Raises
    ------
    GameError
        A run without that column or without records, an unknown band, something that is no run.
    """
    named = labelled(Run, runs, "run_or_runs", lambda run: str(run.settings.get("learner", "run")))
    if band not in BANDS:
        raise UnknownNameError("band", band, BANDS)
    columns = {label: _columns(run, label, column) for label, run in named.items()}
    ax = axes_for(ax)
    for index, (label, (steps, numbers)) in enumerate(columns.items()):
        _draw_run(ax, index, label, steps, numbers, BANDS[band])
    ax.set_xscale("log", nonpositive="mask")
    # Where every number is 0, a logarithmic axis would be empty.
    if any((numbers > 0).any() for _, numbers in columns.values()):
        ax.set_yscale("log", nonpositive="mask")
        few_decades(ax.yaxis, *ax.get_ylim())
    dress_curves(ax, title, "environment steps", quantity)
    ax.legend(loc="best", title=_band_note(columns, band), alignment="left", title_fontsize=10.5)
    return ax


def _columns(run: Run, label: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return steps ``(records,)`` and numbers ``(seeds, records)``."""
    if column not in run.trace:
        known = ", ".join(sorted(set(run.trace) - {"step"})) or "none"
        raise GameError(f"the run {label!r} has no column {column!r} in its trace; it has: {known}")
    steps, numbers = np.asarray(run.trace["step"], dtype=float), np.asarray(run.trace[column], dtype=float)
    if numbers.ndim != 2 or steps.shape != numbers.shape or not numbers.size:
        raise GameError(f"column {column!r} of the run {label!r} has shape {numbers.shape}, (seeds, records), one or more, was expected")
    return steps[0], numbers


def _draw_run(ax: Axes, index: int, label: str, steps: np.ndarray, numbers: np.ndarray, quantiles: tuple[float, float] | None) -> None:
    shade = colour(index)
    line = np.median(numbers, axis=0) if quantiles else iqm(numbers)
    low, high = np.quantile(numbers, quantiles, axis=0) if quantiles else iqm_interval(numbers)
    if len(numbers) > (1 if quantiles else 2):
        ax.fill_between(steps, low, high, color=shade, alpha=0.2, linewidth=0)
    # A marker at every tenth of the axis: enough to tell the curves apart without colour, few enough to see the line.
    every = (index * max(1, len(steps) // 30), max(1, len(steps) // 8))
    dashes, marker = DASHES[index % len(DASHES)], MARKERS[index % len(MARKERS)]
    ax.plot(steps, line, color=shade, label=label, linestyle=dashes, marker=marker, markevery=every)


def _band_note(columns: Mapping[str, tuple[np.ndarray, np.ndarray]], band: str) -> str | None:
    seeds = {len(numbers) for _, numbers in columns.values()}
    if seeds == {1}:
        return None
    count = f"{min(seeds)} seeds" if len(seeds) == 1 else f"{min(seeds)} to {max(seeds)} seeds"
    if band == "iqm":
        return f"interquartile mean of {count}, band: its 95 % interval" + (" (3 seeds or more)" if min(seeds) < 3 else "")
    return f"median of {count}, band: {'smallest to largest' if band == 'range' else 'quartiles'}"

"""When a policy comes back to where it was: stripes are a cycle, a full square is rest, a haze is wandering."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.ticker import FuncFormatter

from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import BLUE, GREY, INK, axes_for, house_style

MOST_SIDE = 400
NEAR = 0.1
"""Two policies are the same if their Euclidean distance is at most this."""


@house_style()
def recurrence(run: Run, seed: int = 0, *, last: float = 1.0, ax: Axes | None = None) -> Axes:
    """Draw at which pairs of steps the policy was the same: a recurrence plot.

    Parameters
    ----------
    run : Run
        With ``watch``, as ``learn`` returns it.
    seed : int
        Which of its seeds.
    last : float
        The share of the run that is drawn, its end: 0.75 for the last three quarters.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes
        One image: blue where policies are the same. Both axes are linear in steps.

    Raises
    ------
    GameError
        Something that is no run, one that was not watched, no such seed, a share outside (0, 1].

    Notes
    -----
    Eckmann, Kamphorst & Ruelle, "Recurrence plots of dynamical systems", Europhysics Letters 4, 1987.
    """
    steps, path = _watched(run, seed)
    if isinstance(last, bool) or not isinstance(last, int | float) or not 0 < last <= 1:
        raise GameError(f"last is {last!r}, a share of the run above 0 and at most 1 was expected")
    wanted = np.linspace(max(1.0, (1 - last) * steps[-1]), steps[-1], min(MOST_SIDE, int(steps[-1])))
    # What was played at a step is what was last seen before it.
    seen = path[np.searchsorted(steps, wanted, side="right").clip(1) - 1]
    same = ((seen[:, np.newaxis] - seen) ** 2).sum(axis=2) <= NEAR**2
    ax = axes_for(ax, (5.8, 5.6))
    low, high = float(wanted[0]), float(wanted[-1])
    ax.imshow(
        same, origin="lower", extent=(low, high, low, high), cmap=ListedColormap(["white", BLUE]), vmin=0, vmax=1, interpolation="nearest"
    )
    who = f"{run.settings.get('learner', 'run')} on {run.settings.get('game', '?')}".replace("_", " ")
    ax.set_title(f"Recurrence: {who}")
    ax.set_xlabel("environment steps (blue: the same policy at both)")
    ax.set_ylabel("environment steps")
    ax.tick_params(labelsize=11, color=GREY, labelcolor=INK)
    ax.locator_params(nbins=5)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}"))
    return ax


def _watched(run: Run, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps ``(samples,)`` and the seed's policies there ``(samples, k)``."""
    if not isinstance(run, Run):
        raise GameError(f"run is {type(run).__name__}, a Run was expected (learn and load_run return one)")
    watch = run.watch
    if watch is None or len(watch.steps) < 2 or not len(watch.sketches):
        raise GameError("the run's policies were not watched between records, so their recurrence is unknown: train it anew with learn")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < len(watch.sketches):
        raise GameError(f"seed is {seed!r}, a seed from 0 to {len(watch.sketches) - 1} was expected")
    return watch.steps.astype(np.float64), watch.sketches[int(seed)].astype(np.float64)

"""By how much each iteration shrinks what is left: the ratio that Shapley's theorem bounds by the discount."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gametheory_rl._results import GameSolution
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import DASHES, GREY, MARKERS, axes_for, colour, dress_curves, house_style, labelled
from gametheory_rl.plots._value_trace import Solutions


@house_style()
def contraction(solution: Solutions, *, discount: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the contraction ratio of an iteration: each change of the values over the one before.

    Parameters
    ----------
    solution : GameSolution, sequence of GameSolution or mapping from labels to GameSolution
        Whose traces have the column ``contraction``, as value iteration's have, or ``residual``, of which the ratios are taken.
    discount : float, optional
        In (0, 1): the bound of Shapley's contraction is drawn as a line.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        A trace of fewer than two iterations, a discount outside (0, 1), something that is no solution.
    """
    named = labelled(GameSolution, solution, "solution", lambda found: found.method)
    if discount is not None and not 0 < discount < 1:
        raise GameError(f"discount is {discount!r}, a number strictly between 0 and 1 is needed for the bound")
    ratios = {label: _ratios(found, label) for label, found in named.items()}
    ax = axes_for(ax)
    for index, (label, (sweeps, ratio)) in enumerate(ratios.items()):
        style = {"color": colour(index), "linestyle": DASHES[index % len(DASHES)], "marker": MARKERS[index % len(MARKERS)]}
        ax.plot(sweeps, ratio, markevery=max(1, len(sweeps) // 12), label=label.replace("_", " "), **style)
    if discount is not None:
        ax.axhline(discount, color=GREY, linewidth=5, alpha=0.35, label=f"the discount, {discount:g}: no sweep can do worse", zorder=1.5)
    highest = max([float(np.nanmax(ratio)) for _, ratio in ratios.values()] + [discount or 0.0])
    ax.set_ylim(0.0, 1.12 * highest if highest > 0 else 1.0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    dress_curves(ax, "How much of the change each iteration leaves", "iteration", "change / change before (ratio)")
    ax.legend(loc="best")
    return ax


def _ratios(found: GameSolution, label: str) -> tuple[np.ndarray, np.ndarray]:
    """Return iterations and ratios, those that are numbers."""
    if "contraction" in found.trace:
        ratio = np.asarray(found.trace["contraction"], dtype=float)
        sweeps = np.arange(1, len(ratio) + 1)
    else:
        residual = np.asarray(found.trace.get("residual", ()), dtype=float)
        sweeps = np.arange(2, len(residual) + 1)
        ratio = np.divide(residual[1:], residual[:-1], out=np.full(max(0, len(residual) - 1), np.nan), where=residual[:-1] > 0)
    fine = np.isfinite(ratio)
    if not fine.any():
        raise GameError(f"the trace of {label!r} has no two iterations with a change, of which a ratio could be taken")
    return sweeps[fine], ratio[fine]

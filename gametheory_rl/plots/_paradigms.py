"""The paradigms side by side as the number of agents grows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes

from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import DASHES, MARKERS, axes_for, colour, dress_curves, house_style

if TYPE_CHECKING:
    from gametheory_rl._paradigms import ParadigmTable

QUANTITIES = {
    "entries": ("Numbers to learn", "numbers in all tables"),
    "steps_to_near": ("Steps until the team is near its optimum", "steps (median over seeds)"),
    "team_loss": ("What the team still loses, exactly", "loss / payoff span (median)"),
    "nash_gap": ("What one agent gains by deviating, exactly", "Nash gap / payoff span (median)"),
    "step_ns": ("What a step costs", "nanoseconds a step"),
    "near_share": ("Seeds that are near the optimum at the end", "share of seeds"),
}
LOGARITHMIC = ("entries", "steps_to_near", "step_ns")


@house_style()
def paradigms(table: ParadigmTable, *, quantity: str = "entries", ax: Axes | None = None) -> Axes:
    """Draw a quantity of each learner against the number of agents.

    Parameters
    ----------
    table : ParadigmTable
        What ``compare_paradigms`` returns.
    quantity : str
        ``entries``, ``steps_to_near`` (where the team was near its optimum at all), ``team_loss``, ``nash_gap``, ``step_ns`` or
        ``near_share``.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        An unknown quantity, or something that is no such table.
    """
    rows: Any = getattr(table, "rows", None)
    if rows is None:
        raise GameError(f"table is {type(table).__name__}, what compare_paradigms returns was expected")
    if quantity not in QUANTITIES:
        raise GameError(f"quantity is {quantity!r}, one of {', '.join(QUANTITIES)} was expected")
    ax = axes_for(ax)
    title, label = QUANTITIES[quantity]
    for k, learner in enumerate(dict.fromkeys(row.learner for row in rows)):
        mine = [row for row in rows if row.learner == learner]
        name = f"{learner.replace('_', ' ')} ({next(row.paradigm for row in rows if row.learner == learner)})"
        heights = [float(getattr(row, quantity)) for row in mine]
        points = [row.agents for row in mine], [height if math.isfinite(height) else math.nan for height in heights]
        ax.plot(*points, color=colour(k), linestyle=DASHES[k % len(DASHES)], marker=MARKERS[k % len(MARKERS)], label=name)
    if quantity in LOGARITHMIC:
        ax.set_yscale("log")
    ax.set_xticks(sorted({row.agents for row in rows}))
    dress_curves(ax, title, "agents", label)
    ax.legend()
    return ax

"""Networks of three paradigms side by side as the number of agents grows, with what was refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes

from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import DASHES, MARKERS, axes_for, colour, dress_curves, house_style

if TYPE_CHECKING:
    from gametheory_rl._deep_paradigms import DeepParadigmTable

QUANTITIES = {
    "welfare_loss": ("What all together still lose", "loss of the mean payoff / span"),
    "nash_gap": ("What one agent gains by deviating", "gap / payoff span"),
    "parameters": ("Numbers in all networks", "numbers"),
    "cpu_seconds": ("What a run costs", "CPU-seconds a run (median)"),
}
LOGARITHMIC = ("parameters",)
LEAST = 0.05
"""Where an axis of losses ends at least, in spans."""
APART = 0.09
"""Agents between neighbouring methods' points, so that intervals do not hide each other."""


@house_style()
def deep_paradigms(table: DeepParadigmTable, *, quantity: str = "welfare_loss", game: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a quantity of each method against the number of agents: interquartile means, 95 % intervals as bars, crosses where refused.

    Parameters
    ----------
    table : DeepParadigmTable
        What ``compare_deep_paradigms`` returns.
    quantity : str
        ``welfare_loss``, ``nash_gap``, ``parameters`` or ``cpu_seconds``.
    game : str, optional
        Which kind of game; None: the table's first.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        An unknown quantity or game, or something that is no such table.
    """
    rows: Any = getattr(table, "rows", None)
    if rows is None or not all(hasattr(row, "welfare_loss") for row in rows):
        raise GameError(f"table is {type(table).__name__}, what compare_deep_paradigms returns was expected")
    if quantity not in QUANTITIES:
        raise GameError(f"quantity is {quantity!r}, one of {', '.join(QUANTITIES)} was expected")
    kinds = list(dict.fromkeys(row.game for row in rows))
    kind = game if game is not None else next(iter(kinds), None)
    if kind not in kinds:
        raise GameError(f"game is {game!r}, one of {', '.join(kinds) or 'those of a table with rows'} was expected")
    ax = axes_for(ax)
    methods = list(dict.fromkeys(row.method for row in rows))
    for k, method in enumerate(methods):
        mine = [row for row in rows if row.method == method and row.game == kind]
        _draw(ax, mine, quantity, k, (k - (len(methods) - 1) / 2) * APART)
    if quantity in LOGARITHMIC:
        ax.set_yscale("log")
    else:
        # What is nothing shall not fill the panel, and points at 0 shall be seen whole.
        top = 1.25 * max(ax.get_ylim()[1], LEAST)  # and the legend hide nothing
        ax.set_ylim(-0.03 * top, top)
    ax.set_xticks(sorted({row.agents for row in rows}))
    title, label = QUANTITIES[quantity]
    dress_curves(ax, f"{title} ({kind})" if len(kinds) > 1 else title, "agents", label)
    ax.legend(loc="upper left")
    return ax


def _draw(ax: Axes, rows: list[Any], quantity: str, place: int, shift: float) -> None:
    """Draw one method's points, intervals and refusals."""
    own = colour(place)
    done, refused = [row for row in rows if not row.refused], [row for row in rows if row.refused]
    if not rows:
        return
    values = [getattr(row, quantity) for row in done]
    heights = [float(getattr(value, "centre", value)) for value in values]
    spread = [(value.low, value.high) if hasattr(value, "low") else (math.nan, math.nan) for value in values]
    # Percentile intervals of few values may leave their centre out by rounding.
    bars = [[max(0.0, y - low) for y, (low, _) in zip(heights, spread, strict=True)]]
    bars.append([max(0.0, high - y) for y, (_, high) in zip(heights, spread, strict=True)])
    known = all(math.isfinite(x) for pair in spread for x in pair)
    ax.errorbar(
        [row.agents + shift for row in done],
        heights,
        yerr=bars if known and spread else None,
        color=own,
        linestyle=DASHES[place % len(DASHES)],
        marker=MARKERS[place % len(MARKERS)],
        elinewidth=1.4,
        capsize=3,
        label=f"{rows[0].method.replace('_', ' ')} ({rows[0].paradigm})",
    )
    for row in refused:
        at = {"xycoords": ax.get_xaxis_transform(), "color": own, "ha": "left", "annotation_clip": False}
        ax.annotate("x", (row.agents + shift, 0.03), va="center", fontweight="bold", **at)
        ax.annotate("refused", (row.agents + shift, 0.07), va="bottom", rotation=90, fontsize=10, **at)

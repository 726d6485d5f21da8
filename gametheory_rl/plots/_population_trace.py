"""What a population does over the sweeps of training: its order, what it earns, and how far from its best answers it is."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes

from gametheory_rl._support._errors import GameError, UnknownNameError
from gametheory_rl.plots._curves import Runs, draw_runs
from gametheory_rl.plots._style import GREY, INK, house_style

POPULATION_COLUMNS = {
    "order_parameter": ("How alike the agents act", "order parameter"),
    "mean_payoff": ("What a turn earns", "mean payoff (payoff units)"),
    "population_gap": ("What an agent gains by its best action", "population gap (payoff units)"),
    "average_population_gap": ("What an agent gains over past play", "population gap (payoff units)"),
}
"""Name -> title, label of the vertical axis."""


@house_style()
def population_trace(
    run_or_runs: Runs,
    *,
    column: str = "order_parameter",
    truth: Mapping[str, float] | None = None,
    band: str = "range",
    ax: Axes | None = None,
) -> Axes:
    """Draw a column of runs on a population over sweeps: median over seeds with a band, sweeps on a logarithmic axis.

    Parameters
    ----------
    run_or_runs : Run, sequence of Run or mapping from labels to Run
        Several are overlaid; without labels each is called by its learner.
    column : str
        ``order_parameter``, ``mean_payoff``, ``population_gap`` or ``average_population_gap``; gaps on a logarithmic axis.
    truth : mapping from labels to float, optional
        Levels to compare with, each a thin line with its label: ``heat_bath(...).order``, say, or ``squeeze_optimum()[1]``.
    band : str
        ``range``: from the smallest to the largest seed; ``quartiles``: the middle half.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Another column, a run without it, an unknown band, something that is no run.
    """
    if column not in POPULATION_COLUMNS:
        raise UnknownNameError("column of a population's run", column, POPULATION_COLUMNS)
    title, quantity = POPULATION_COLUMNS[column]
    ax = draw_runs(run_or_runs, column, band, ax, title, quantity)
    ax.set_xlabel("sweeps")
    if not column.endswith("gap"):
        ax.set_yscale("linear")
    if column == "order_parameter":
        ax.set_ylim(-0.03, 1.03)
    for label, level in _levels(truth):
        ax.axhline(level, color=GREY, linewidth=1.4, linestyle=(0, (2, 2)), zorder=1)
        ax.annotate(
            label, (0.995, level), xycoords=("axes fraction", "data"), xytext=(0, 3), textcoords="offset points", ha="right", color=INK
        )
    return ax


def _levels(truth: Mapping[str, float] | None) -> list[tuple[str, float]]:
    if truth is not None and not isinstance(truth, Mapping):
        raise GameError(f"truth is {type(truth).__name__}, a dict of levels by label was expected")
    return [(str(label), float(level)) for label, level in (truth or {}).items()]

"""How far the learned policies are from equilibrium, over the steps of training."""

from __future__ import annotations

from matplotlib.axes import Axes

from gametheory_rl.plots._curves import Runs, draw_runs
from gametheory_rl.plots._style import house_style

_TITLES = {
    "nash_gap": ("Exact distance from equilibrium, worst state", "Nash gap (payoff units)"),
    "start_gap": ("Exact distance from equilibrium, at the start", "gap at the start (payoff units)"),
    "average_nash_gap": ("Exact distance of the average policy, worst state", "Nash gap (payoff units)"),
    "average_start_gap": ("Exact distance of the average policy, at the start", "gap at the start (payoff units)"),
    "team_gap": ("Exact distance from the best joint policy", "team gap (payoff units)"),
}


@house_style()
def nash_gap(run_or_runs: Runs, *, column: str = "nash_gap", band: str = "range", ax: Axes | None = None) -> Axes:
    """Draw the exact best-response gap over steps: median over seeds with a band, both axes logarithmic.

    Parameters
    ----------
    run_or_runs : Run, sequence of Run or mapping from labels to Run
        Several are overlaid; without labels each is called by its learner.
    column : str
        ``nash_gap``, ``start_gap``, ``average_nash_gap``, ``team_gap``, or any other column of the traces.
    band : str
        ``range``: from the smallest to the largest seed; ``quartiles``: the middle half; ``iqm``: the line is the interquartile mean, the
        band its 95 % bootstrap interval over seeds.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        A run without that column, an unknown band, something that is no run.
    """
    title, quantity = _TITLES.get(column, (column.replace("_", " "), column.replace("_", " ")))
    return draw_runs(run_or_runs, column, band, ax, title, quantity)

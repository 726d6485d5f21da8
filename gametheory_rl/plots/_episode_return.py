"""What evaluation episodes on a world earn, over the steps of training."""

from __future__ import annotations

from matplotlib.axes import Axes

from gametheory_rl.plots._curves import Runs, draw_runs
from gametheory_rl.plots._style import house_style

_TITLES = {
    "episode_return": ("Evaluation episodes, actions sampled", "return, summed over agents"),
    "greedy_episode_return": ("Evaluation episodes, most likely actions", "return, summed over agents"),
}


@house_style()
def episode_return(run_or_runs: Runs, *, column: str = "episode_return", band: str = "range", ax: Axes | None = None) -> Axes:
    """Draw a column of runs on a world over steps: median over seeds with a band, both axes linear.

    Parameters
    ----------
    run_or_runs : Run, sequence of Run or mapping from labels to Run
        Several are overlaid; without labels each is called by its learner.
    column : str
        ``episode_return``, ``greedy_episode_return``, or any other column of the traces.
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
    ax = draw_runs(run_or_runs, column, band, ax, title, quantity)
    ax.set_xscale("linear")
    ax.set_yscale("linear")
    return ax

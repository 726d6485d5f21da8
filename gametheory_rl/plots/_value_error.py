"""How far the learned values are from the true ones, over the steps of training."""

from __future__ import annotations

from matplotlib.axes import Axes

from gametheory_rl.plots._curves import Runs, draw_runs
from gametheory_rl.plots._style import house_style


@house_style()
def value_error(run_or_runs: Runs, *, band: str = "range", ax: Axes | None = None) -> Axes:
    """Draw the error of the values over steps: median over seeds with a band, both axes logarithmic.

    Parameters
    ----------
    run_or_runs : Run, sequence of Run or mapping from labels to Run
        Their traces need the column ``value_error``, which is there where the truth was known.
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
    return draw_runs(run_or_runs, "value_error", band, ax, "Error of the values, worst state", "largest value error (payoff units)")

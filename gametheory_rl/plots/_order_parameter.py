"""Order against temperature: what populations learned, beside the exact curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._population import ising_order
from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import BLUE, GREY, axes_for, dress_curves, house_style


@house_style()
def order_parameter(
    orders: Mapping[float, Any],
    *,
    exact: Callable[[float], float] | None = ising_order,
    label: str = "learned",
    last: float = 0.5,
    ax: Axes | None = None,
) -> Axes:
    """Draw the order of a population against its temperature: a dot for the median seed, a bar from the smallest to the largest.

    Parameters
    ----------
    orders : mapping from temperature to Run, or to an array of orders
        Runs on the ising family at each temperature, whose traces have the column ``order_parameter``; or one number for each seed.
    exact : callable or None
        ``exact(temperature)``, drawn as a curve: by default Onsager's of the infinite lattice; None: no curve.
    label : str
        What the dots are called.
    last : float
        The share of a run's records over which the order is averaged, its end.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        No temperatures, one that is not positive, a run without that column, a share outside (0, 1].
    """
    if not isinstance(orders, Mapping) or not orders:
        raise GameError(f"orders is {orders!r:.80}, a dict from temperatures to runs, one or more, was expected")
    if isinstance(last, bool) or not isinstance(last, int | float) or not 0 < last <= 1:
        raise GameError(f"last is {last!r}, a share of the records above 0 and at most 1 was expected")
    temperatures = np.array(sorted(float(t) for t in orders))
    if not (temperatures > 0).all():
        raise GameError(f"orders holds the temperature {temperatures.min():g}, positive ones were expected")
    by_heat = {float(t): _seeds(each, last) for t, each in orders.items()}
    middle = np.array([np.median(by_heat[t]) for t in temperatures])
    ends = np.array([(by_heat[t].min(), by_heat[t].max()) for t in temperatures])
    ax = axes_for(ax, (7.2, 5.2))
    if exact is not None:
        dense = np.linspace(0.9 * temperatures[0], 1.05 * temperatures[-1], 400)
        curve = "exact (Onsager, infinite lattice)" if exact is ising_order else "exact"
        ax.plot(dense, [exact(float(t)) for t in dense], color=GREY, linewidth=2.2, linestyle="--", label=curve, zorder=2)
    reach = np.stack([middle - ends[:, 0], ends[:, 1] - middle])
    seeds = max(map(len, by_heat.values()))
    text = f"{label}: median of {seeds} seeds, bar: smallest to largest" if seeds > 1 else label
    ax.errorbar(temperatures, middle, yerr=reach, fmt="o", color=BLUE, markersize=7, capsize=4, linewidth=1.8, label=text, zorder=4)
    ax.set_ylim(-0.03, 1.06)
    dress_curves(ax, "Order is lost as the temperature rises", "temperature (payoff units)", "order parameter (0 to 1)")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=1)
    return ax


def _seeds(each: Any, last: float) -> np.ndarray:
    """Return an order for each seed."""
    if not isinstance(each, Run):
        numbers = np.atleast_1d(np.asarray(each, dtype=float))
        if numbers.ndim != 1 or not numbers.size or not np.isfinite(numbers).all():
            raise GameError(f"orders holds an array of shape {numbers.shape}, finite numbers, one for each seed, were expected")
        return numbers
    if "order_parameter" not in each.trace:
        raise GameError("a run has no column 'order_parameter' in its trace: one on a population of the ising family was expected")
    column = np.asarray(each.trace["order_parameter"], dtype=float)
    return column[:, -max(1, round(last * column.shape[1])) :].mean(axis=1)

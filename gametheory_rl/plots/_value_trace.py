"""An exact solver at work: the certified error after each iteration, or chosen values with the certified band closing in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gametheory_rl._results import GameSolution
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import DASHES, GREY, MARKERS, axes_for, colour, dress_curves, few_decades, house_style, labelled

Solutions = GameSolution | Sequence[GameSolution] | Mapping[str, GameSolution]


@house_style()
def value_trace(
    solution: Solutions,
    *,
    states: Iterable[int] | Mapping[str, int] | None = None,
    discount: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how a solver came to its answer.

    Without ``states``: certified error (of methods that have one) and residual after each iteration, on a logarithmic axis; several
    solutions are overlaid.
    With ``states``: player 1's value of those states after each iteration, the certified band around each.

    Parameters
    ----------
    solution : GameSolution, sequence of GameSolution or mapping from labels to GameSolution
        Without labels each is called by its method.
    states : iterable of int or mapping from labels to int, optional
        The states whose values are drawn; one solution only, whose trace holds values, lower and upper.
    discount : float, optional
        In (0, 1): the slope of Shapley's contraction, ``discount ** k``, is drawn beside the first solution.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        A trace without the columns, an unknown state, several solutions with ``states``, a discount outside (0, 1).
    """
    named = labelled(GameSolution, solution, "solution", lambda found: found.method)
    if discount is not None and not 0 < discount < 1:
        raise GameError(f"discount is {discount!r}, a number strictly between 0 and 1 is needed for the reference line")
    if states is not None:
        return _draw_values(named, states, ax)
    return _draw_errors(named, discount, ax)


def _draw_errors(named: Mapping[str, GameSolution], discount: float | None, ax: Axes | None) -> Axes:
    bounds = {label: _column(found, label, "bound") for label, found in named.items() if "bound" in found.trace}
    residuals = {label: _column(found, label, "residual") for label, found in named.items()}
    ax = axes_for(ax)
    alone = len(named) == 1
    for index, label in enumerate(named):
        if label in bounds:
            text = "certified error" if alone else f"{_spoken(label)} ({len(bounds[label])})"
            _draw_line(ax, np.arange(1, len(bounds[label]) + 1), _positive(bounds[label]), index, text)
    for index, residual in enumerate(residuals.values()):
        # All residuals look alike: one entry of the legend speaks for them.
        text = "residual (last change)" if index == 0 else "_residual"
        dash = DASHES[2] if bounds else DASHES[index % len(DASHES)]
        ax.plot(np.arange(1, len(residual) + 1), _positive(residual), color=colour(index), linestyle=dash, linewidth=1.8, label=text)
    if discount is not None:
        _draw_reference(ax, next(iter((bounds or residuals).values())), discount)
    ax.set_yscale("log", nonpositive="mask")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    drawn = "certified error" if bounds else "change"
    title = f"{_spoken(next(iter(named)))}: {drawn} after each iteration" if alone else f"{drawn.capitalize()} after each iteration"
    dress_curves(ax, title, "iteration", "payoff units")
    low, high = ax.get_ylim()
    if alone:
        if not bounds and discount is None:  # a line that may go up and down for ever: the legend stands above it
            ax.set_ylim(low, high * (high / low) ** 0.15)
            few_decades(ax.yaxis, *ax.get_ylim())
        ax.legend(loc="best" if bounds or discount is not None else "upper right")
        return ax
    # Lines that fall this steeply leave no corner free whatever the game is, so the legend gets room of its own above them.
    ax.set_ylim(low, high * (high / low) ** 0.4)
    ax.legend(loc="upper right", ncols=2, title="certified error (iterations)", alignment="left", title_fontsize=10.5)
    return ax


def _draw_line(ax: Axes, x: np.ndarray, y: np.ndarray, index: int, label: str) -> None:
    ax.plot(x, y, color=colour(index), marker=MARKERS[index % len(MARKERS)], markevery=max(1, len(x) // 12), label=label)


def _spoken(label: str) -> str:
    return label.replace("_", " ")


def _draw_reference(ax: Axes, bound: np.ndarray, discount: float) -> None:
    sweeps = np.arange(1, len(bound) + 1)
    label = f"${discount:g}^k$ (the discount)"
    line = bound[0] * discount ** (sweeps - 1)
    ax.plot(sweeps, line, color=GREY, linewidth=5, alpha=0.35, label=label, solid_capstyle="round", zorder=1.5)


def _draw_values(named: Mapping[str, GameSolution], states: Iterable[int] | Mapping[str, int], ax: Axes | None) -> Axes:
    if len(named) > 1:
        raise GameError(f"{len(named)} solutions were given with states, one solution was expected: draw each on axes of its own")
    label, found = next(iter(named.items()))
    values, lower, upper = (_column(found, label, name) for name in ("values", "lower", "upper"))
    chosen = _chosen(states, values.shape[1])
    ax = axes_for(ax)
    sweeps = np.arange(1, len(values) + 1)
    for index, (name, state) in enumerate(chosen.items()):
        ax.fill_between(sweeps, lower[:, state], upper[:, state], color=colour(index), alpha=0.18, linewidth=0)
        _draw_line(ax, sweeps, values[:, state], index, f"{name}: {_number(values[-1, state])}")
    ax.set_ylim(*_window(values, lower, upper, list(chosen.values())))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    dress_curves(ax, f"{_spoken(label)}: the certified band closes on the value", "iteration", "value to player 1")
    ax.legend(loc="best", title="state: value at the end", alignment="left")
    return ax


def _window(values: np.ndarray, lower: np.ndarray, upper: np.ndarray, states: list[int]) -> tuple[float, float]:
    """Return limits that show the values and the band's last stretch: its first widths are many times the values."""
    drawn = values[:, states]
    span = float(np.ptp(drawn))
    width = float(np.median((upper - lower)[:, states].max(axis=1)))
    room = max(0.8 * span, width) or 1.0
    return float(drawn.min()) - room, float(drawn.max()) + room


def _chosen(states: Iterable[int] | Mapping[str, int], count: int) -> dict[str, int]:
    if isinstance(states, int | np.integer):
        states = [int(states)]
    if not isinstance(states, Mapping):
        states = {f"state {state}": state for state in states}
    for state in states.values():
        if not isinstance(state, int | np.integer) or not 0 <= state < count:
            raise GameError(f"states holds {state!r}, integers from 0 to {count - 1} were expected")
    if not states:
        raise GameError("states is empty, at least one state was expected")
    return {str(name): int(state) for name, state in states.items()}


def _column(found: GameSolution, label: str, name: str) -> np.ndarray:
    if name not in found.trace or not len(found.trace[name]):
        known = ", ".join(sorted(found.trace)) or "none"
        raise GameError(f"the trace of {label!r} has no column {name!r}; it has: {known} (values are kept only where the game is small)")
    return np.asarray(found.trace[name], dtype=float)


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "\N{MINUS SIGN}")


def _positive(numbers: np.ndarray) -> np.ndarray:
    """Zeros as NaN: a logarithmic axis has no place for them."""
    return np.where(numbers > 0, numbers, np.nan)

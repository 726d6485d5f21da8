"""The one house style: colours that the colour-blind can tell apart, sizes that a projector and a page can carry.

Colours: Okabe & Ito, "Color universal design", 2008. Every series also has its own dashes and marker, so that grey print is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError

T = TypeVar("T")

BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"
INK, GREY, PALE = "#1a1a1a", "#6b6b6b", "#e4e4e4"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
"""One per series or player, in this order."""
DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
MARKERS = ("o", "s", "^", "D", "v", "P")

_PARAMETERS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 12.0,
    "axes.titlesize": 14.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.labelsize": 13.0,
    "xtick.labelsize": 12.0,
    "ytick.labelsize": 12.0,
    "legend.fontsize": 11.5,
    "legend.frameon": False,
    "lines.linewidth": 2.4,
    "lines.markersize": 6.0,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.facecolor": "white",
    "figure.facecolor": "white",
    "figure.dpi": 120.0,
    "text.usetex": False,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style inside the block, or the decorated function; the user's rcParams are as before afterwards."""
    interactive = matplotlib.is_interactive()
    try:
        with matplotlib.rc_context(_PARAMETERS):
            try:
                yield
            finally:
                interactive = matplotlib.is_interactive()
    finally:
        # A notebook's backend, loaded by the first figure, turns this on: taken back, no later figure would be shown.
        matplotlib.interactive(interactive)


def axes_for(ax: Axes | None, size: tuple[float, float] = (7.2, 4.5)) -> Axes:
    """Return ``ax``, or new axes in a figure of pyplot's (so that notebooks show it) of ``size`` inches."""
    if ax is None:
        from matplotlib import pyplot as plt

        return plt.subplots(figsize=size, layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise GameError(f"ax is {type(ax).__name__}, matplotlib Axes or None were expected")
    return ax


def dress_curves(ax: Axes, title: str, x: str, y: str) -> None:
    """Give axes with curves their title, labels, grid and ticks; said outright, since ticks are made later, outside the style."""
    ax.set_title(title)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(True, which="major", color=PALE, linewidth=0.9, linestyle="-")
    ax.tick_params(which="major", labelsize=12, length=4, color=GREY, labelcolor=INK)
    ax.tick_params(which="minor", length=2, color=GREY, labelleft=False, labelbottom=False)


def few_decades(axis: Axis, low: float, high: float) -> None:
    """Give a logarithmic axis over less than a decade and a half the labels 1, 2, 5: powers of ten alone would leave it bare."""
    if high < 30 * low:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:g}"))
        axis.set_minor_formatter(NullFormatter())


def dress_board(ax: Axes, title: str) -> None:
    """Give axes with a drawing their title, and no frame, no ticks, square units."""
    ax.set_title(title)
    ax.set_aspect("equal")
    ax.set_axis_off()


def at_state(game: StochasticGame, state: int) -> str:
    """Return `` at`` and the state's name, for a title; of the only state nothing."""
    if game.num_states == 1:
        return ""
    return f" at {game.labels.state(state)}" if game.labels.states else f" at state {state}"


def colour(index: int) -> str:
    """Return the colour of series or player ``index``."""
    return COLOURS[index % len(COLOURS)]


def labelled(kind: type[T], given: object, what: str, name: Callable[[T], str]) -> dict[str, T]:
    """Return ``{label: object}`` of one object, a sequence of them or a mapping from labels to them.

    Parameters
    ----------
    kind : type
        What each object must be.
    given : object
        What the user passed.
    what : str
        Its name in messages.
    name : callable
        ``name(object) -> label``, used where no labels were given; repeated labels are numbered.
    """
    if isinstance(given, kind):
        given = [given]
    if isinstance(given, Mapping):
        pairs = [(str(label), value) for label, value in given.items()]
    elif isinstance(given, Sequence) and not isinstance(given, str):
        pairs = [(name(value) if isinstance(value, kind) else "", value) for value in given]
    else:
        raise GameError(f"{what} is {type(given).__name__}, a {kind.__name__}, several in a list, or a dict of them by label was expected")
    if not pairs:
        raise GameError(f"{what} is empty, at least one {kind.__name__} was expected")
    found: dict[str, T] = {}
    for label, value in pairs:
        if not isinstance(value, kind):
            raise GameError(f"{what} holds a {type(value).__name__}, only objects of type {kind.__name__} were expected")
        count = sum(other == label or other.startswith(f"{label} (") for other in found)
        found[label if not count else f"{label} ({count + 1})"] = value
    return found

"""The payoff table of a one-shot game: best responses underlined, equilibria framed."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gametheory_rl.plots._one_shot import OneShot, minus, one_shot, payoff_text
from gametheory_rl.plots._payoff_text import best_marks, mixed_lines, refuse_large
from gametheory_rl.plots._style import GREEN, GREY, INK, PALE, axes_for, colour, dress_board, house_style

MOST_ACTIONS = 12
_WRAP = 14
"""Letters of a column's name in a line."""


@house_style()
def payoff_table(game: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the payoffs of a one-shot game of two players as a table of pairs.

    Underlined, in the player's colour: a best response to the other's action. Framed and starred: an equilibrium. Mixed equilibria
    are named below, where players have up to 9 actions. ``payoff_table_text`` writes the same for LaTeX, a page or a terminal.

    Parameters
    ----------
    game : StochasticGame or array_like
        Of one state and two players, at most 12 actions each; or payoffs ``(2, m, n)``, or ``(m, n)`` of a zero-sum game.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Not two players, several states, more actions.
    """
    stage = one_shot(game)
    refuse_large(stage, MOST_ACTIONS)
    rows, columns = stage.payoffs.shape[1:]
    numbers = [[[minus(payoff_text(p)) for p in stage.payoffs[:, i, j]] for j in range(columns)] for i in range(rows)]
    heads = [textwrap.fill(name, _WRAP) for name in stage.actions[1]]
    sides = [textwrap.fill(name, 2 * _WRAP) for name in stage.actions[0]]
    widest = max(len(text) for row in numbers for cell in row for text in cell)
    # Layout in inches at size 13, so that it shrinks as one where the axes are given and small.
    cell = max(0.115 * (2 * widest + 5), 0.115 * max(len(line) for head in heads for line in head.split("\n")) + 0.2, 1.0)
    side = 0.115 * max(len(line) for text in (*sides, *stage.players) for line in text.split("\n")) + 0.25
    top = 0.75 + 0.2 * max(head.count("\n") for head in heads)
    width = max(side + cell * columns + 0.15, 5.6)
    notes = [textwrap.fill(line, int(width / 0.074), subsequent_indent="   ") for line in mixed_lines(stage)]
    below = 0.3 + 0.2 * sum(1 + note.count("\n") for note in ("", *notes))
    size = (width, top + 0.6 * rows + below)
    ax = axes_for(ax, (size[0] + 0.2, size[1] + 0.5))
    dress_board(ax, stage.titled("payoffs and best responses"))
    ax.set_xlim(-side, size[0] - side)
    ax.set_ylim(0.6 * rows + below, -top)
    scale = _scale(ax, size)
    ax.set_title(ax.get_title(loc="left"), fontsize=max(14 * scale, 7.0))
    _draw_names(ax, stage, (heads, sides), cell, scale)
    _draw_cells(ax, stage, numbers, cell, scale)
    text = "\n".join(["Underlined: best response. Framed, with a star: equilibrium in pure actions.", *notes])
    ax.text(-side, 0.6 * rows + 0.16, text, ha="left", va="top", fontsize=10.5 * scale, color=GREY, linespacing=1.25)
    return ax


def _scale(ax: Axes, size: tuple[float, float]) -> float:
    """Return by how much letters shrink for the drawing to fit the axes as they are now."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_window_extent()
    return float(np.clip(min(box.width / figure.dpi / size[0], box.height / figure.dpi / size[1]), 0.1, 1.0))


def _draw_names(ax: Axes, stage: OneShot, names: tuple[list[str], list[str]], cell: float, scale: float) -> None:
    heads, sides = names
    look: dict[str, Any] = {"fontsize": 13 * scale, "linespacing": 0.95}
    for j, head in enumerate(heads):
        ax.text((j + 0.5) * cell, -0.08, head, ha="center", va="bottom", color=colour(1), **look)
    for i, side in enumerate(sides):
        ax.text(-0.12, 0.6 * i + 0.3, side, ha="right", va="center", color=colour(0), **look)
    above = -0.4 - 0.2 * max(head.count("\n") for head in heads)
    ax.text(0.5 * cell * len(heads), above, stage.players[1], ha="center", va="bottom", fontweight="bold", color=colour(1), **look)
    ax.text(-0.12, -0.08, stage.players[0], ha="right", va="bottom", fontweight="bold", color=colour(0), **look)


def _draw_cells(ax: Axes, stage: OneShot, numbers: list[list[list[str]]], cell: float, scale: float) -> None:
    best = best_marks(stage.payoffs)
    for i, j in np.ndindex(best.shape[1:]):
        ax.add_patch(Rectangle((j * cell, 0.6 * i), cell, 0.6, facecolor="white", edgecolor=PALE, linewidth=1.0, zorder=1))
        for player, place in enumerate((0.28, 0.72)):
            x, y = (j + place) * cell, 0.6 * i + 0.29
            ax.text(x, y, numbers[i][j][player], ha="center", va="center", fontsize=13 * scale, color=colour(player), zorder=5)
            if best[player, i, j]:
                half = 0.058 * len(numbers[i][j][player]) + 0.04
                ax.plot([x - half, x + half], [y + 0.17] * 2, color=colour(player), linewidth=2.6 * scale, solid_capstyle="butt", zorder=5)
        if best[:, i, j].all():
            inner = (j * cell + 0.05, 0.6 * i + 0.05)
            frame = Rectangle(
                inner, cell - 0.1, 0.5, facecolor="#e3f4ee", edgecolor=GREEN, linewidth=2.6 * scale, zorder=2, gid="equilibrium"
            )
            ax.add_patch(frame)
            ax.text((j + 0.5) * cell, 0.6 * i + 0.29, "★", ha="center", va="center", fontsize=12 * scale, color=GREEN, zorder=5)
    ax.add_patch(Rectangle((0, 0), cell * best.shape[2], 0.6 * best.shape[1], fill=False, edgecolor=INK, linewidth=1.8 * scale, zorder=4))

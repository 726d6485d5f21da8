"""The convergence matrix: learners by games, coloured by the exact gap that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import GREY, INK, PALE, axes_for, house_style

if TYPE_CHECKING:
    from gametheory_rl._convergence_matrix import ConvergenceMatrix

LOW, HIGH = 1e-4, 1.0
"""Gaps, in payoff spans, at the ends of the colours."""


@house_style()
def convergence_matrix(matrix: ConvergenceMatrix, *, ax: Axes | None = None) -> Axes:
    """Draw every game as a row and every learner as a column: the darker the cell, the farther from equilibrium.

    Parameters
    ----------
    matrix : ConvergenceMatrix
        What ``gametheory_rl.convergence_matrix`` returns.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes
        Each cell holds the median over seeds of the exact gap in payoff spans; blank: the learner does not play the game.

    Raises
    ------
    GameError
        It is no convergence matrix.
    """
    gaps = getattr(matrix, "gaps", None)
    if not isinstance(gaps, np.ndarray) or gaps.ndim != 2:
        raise GameError(f"matrix is {type(matrix).__name__}, what convergence_matrix returns was expected")
    gaps = gaps.T
    ax = axes_for(ax, (2.6 + 0.62 * gaps.shape[1], 2.0 + 0.34 * gaps.shape[0]))
    image = ax.imshow(np.clip(gaps, LOW, None), cmap="cividis_r", norm=LogNorm(LOW, HIGH), aspect="auto")
    for row, column in np.ndindex(gaps.shape):
        _write(ax, row, column, float(gaps[row, column]))
    _name(ax.xaxis, matrix.learners, rotation=50, ha="left")
    _name(ax.yaxis, matrix.games)
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(gaps.shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(gaps.shape[0] + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    if ax.figure is not None:
        bar = ax.figure.colorbar(image, ax=ax, shrink=0.5, pad=0.02)
        bar.set_label("exact gap / payoff span", color=INK)
        bar.ax.tick_params(labelsize=11, color=GREY, labelcolor=INK)
    ax.set_title(f"Exact gap after {matrix.settings['steps']:,} steps")
    return ax


def _name(axis: Any, names: tuple[str, ...], **text: Any) -> None:
    axis.set_ticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=11, color=INK, **text)


def _write(ax: Axes, row: int, column: int, gap: float) -> None:
    """Write the gap into its cell, two figures; a blank cell is grey, with nothing in it."""
    if np.isnan(gap):
        ax.fill([column - 0.5, column + 0.5, column + 0.5, column - 0.5], [row - 0.5, row - 0.5, row + 0.5, row + 0.5], color=PALE)
        return
    text = "0" if gap < LOW else f"{gap:.2g}" if gap < 100 else f"{gap:.0e}"
    ax.text(column, row, text, ha="center", va="center", fontsize=9, color="white" if gap > 0.02 else INK)

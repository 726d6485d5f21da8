"""Where training went: how often each state was visited, or each cell of the board was stood on."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gametheory_rl._games import StochasticGame
from gametheory_rl._results import Run
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._board import board_axes, board_of, checked_player, draw_cells
from gametheory_rl.plots._style import BLUE, INK, axes_for, colour, dress_curves, house_style


@house_style()
def visits(run: Run, game: StochasticGame | None = None, *, player: int = 0, ax: Axes | None = None) -> Axes:
    """Draw how a run's steps are spread over the states.

    Without a game, or of one without a board: the states in order of their visits, median and range over seeds, on a logarithmic axis;
    the title says how many no seed visited. Of a game on a board: each cell's share of the steps at which ``player`` stood there.

    Parameters
    ----------
    run : Run
        With ``visits``, as ``learn`` returns it.
    game : StochasticGame, optional
        The game of the run; one with a ``board`` is drawn on it.
    player : int
        Whose cells, counted from 0.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Something that is no run, one that counted no visits, a game with other states, no such player.
    """
    if not isinstance(run, Run):
        raise GameError(f"run is {type(run).__name__}, a Run was expected (learn and load_run return one)")
    if run.visits is None or not run.visits.sum():
        raise GameError("the run counted no visits of states: populations and files of an earlier version have none")
    counts = np.asarray(run.visits, dtype=float)
    if game is not None and game.num_states != counts.shape[1]:
        raise GameError(f"{game!r} has {game.num_states} states, the run visited {counts.shape[1]}: the game of the run was expected")
    if game is not None and game.board is not None:
        return _on_board(game, counts, checked_player(game, player, "player"), ax)
    return _ranked(counts, str(run.settings.get("game", "")).replace("_", " "), ax)


def _ranked(counts: np.ndarray, name: str, ax: Axes | None) -> Axes:
    shares = np.sort(counts / counts.sum(axis=1, keepdims=True), axis=1)[:, ::-1]
    ax = axes_for(ax)
    ranks = np.arange(1, counts.shape[1] + 1)
    middle = np.median(shares, axis=0)
    seeds = f"median of {len(counts)} seeds, band: smallest to largest" if len(counts) > 1 else "one seed"
    marker = "o" if len(ranks) <= 40 else None
    ax.plot(ranks, np.where(middle > 0, middle, np.nan), color=BLUE, marker=marker, label=seeds)
    if len(counts) > 1:
        ax.fill_between(ranks, shares.min(axis=0), shares.max(axis=0), color=BLUE, alpha=0.2, linewidth=0)
    ax.set_yscale("log", nonpositive="mask")
    missed = int((counts.sum(axis=0) == 0).sum())
    told = f"{missed} of {len(ranks)} states never" if missed else f"all {len(ranks)} states at least once"
    dress_curves(ax, f"{name + ': ' if name else ''}visited {told}", "states, the most visited first (rank)", "share of the steps")
    ax.legend(loc="best")
    return ax


def _on_board(game: StochasticGame, counts: np.ndarray, player: int, ax: Axes | None) -> Axes:
    board = board_of(game)
    shares = counts.sum(axis=0) / counts.sum()
    cells = np.zeros(board.shape)
    rows, columns = board.positions[player].T
    inside = (rows >= 0) & (rows < board.shape[0]) & (columns >= 0) & (columns < board.shape[1])
    np.add.at(cells, (rows[inside], columns[inside]), shares[inside])
    ax = board_axes(board, ax)
    who = game.labels.player(player)
    draw_cells(ax, board, game, f"{game.name.replace('_', ' ') or 'game'}: where {who} stood", "share of the steps")
    most = cells.max() or 1.0
    for (row, column), share in np.ndenumerate(cells):
        strength = float(share / most)
        square = Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour(player), alpha=0.55 * strength, linewidth=0, zorder=1.5)
        ax.add_patch(square)
        text = f"{100 * share:.1f} %" if share else "never"
        ax.text(column, row, text, ha="center", va="center", fontsize=11.5, color=INK, zorder=6)
    return ax

"""What a game of finitely many stages is worth, against the stages that are left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gametheory_rl._game_checks import checked_index
from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import DASHES, MARKERS, at_state, axes_for, colour, dress_curves, house_style

if TYPE_CHECKING:
    from gametheory_rl.stochastic._finite_horizon import FiniteHorizonSolution

MOST_MARKS = 30
"""Longer games are drawn without a mark at each stage."""


@house_style()
def horizon_trace(
    game: StochasticGame, solution: FiniteHorizonSolution, state: int = 0, *, player: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw each player's value of ``state`` against the number of stages left.

    Where the lines level off, the end of the game no longer matters; where they go up and down for ever, as in NoSDE, the selection at
    each stage has no limit.

    Parameters
    ----------
    game : StochasticGame
    solution : FiniteHorizonSolution
        What ``stochastic.finite_horizon`` returned for this game.
    state : int
    player : int, optional
        Draw this player's value alone; None: everybody's.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        A solution of another shape, an unknown state or player.
    """
    values = np.asarray(getattr(solution, "values", ()), dtype=float)
    if values.ndim != 3 or values.shape[1:] != (game.num_players, game.num_states):
        need = f"(stages + 1, {game.num_players}, {game.num_states})"
        raise GameError(f"the solution has values of shape {values.shape}, {need} was expected: what finite_horizon returns for this game")
    state = checked_index(state, game.num_states, "state")
    players = range(game.num_players) if player is None else [checked_index(player, game.num_players, "player")]
    ax = axes_for(ax)
    left = np.arange(len(values))[::-1]
    for rank, i in enumerate(players):
        # Values of players often coincide: a later line is thinner, so that the one below shows.
        mark = MARKERS[i % len(MARKERS)] if len(values) <= MOST_MARKS else None
        line = {"color": colour(i), "linestyle": DASHES[i % len(DASHES)], "linewidth": max(1.2, 3.0 - 0.9 * rank)}
        ax.plot(left, values[:, i, state], marker=mark, label=game.labels.player(i), **line)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    ax.ticklabel_format(axis="y", useOffset=False)
    dress_curves(ax, f"Value{at_state(game, state)}", "stages left", "payoff units")
    ax.legend(loc="best")
    return ax

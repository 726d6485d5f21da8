"""The path to an equilibrium: how likely each action is at every point of it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._game_checks import checked_index
from gametheory_rl._games import StochasticGame
from gametheory_rl._results import GameSolution
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import DASHES, GREY, at_state, axes_for, colour, dress_curves, house_style

MOST_LINES = 12
"""Lines that a legend can still name."""


@house_style()
def solution_path(
    game: StochasticGame, solution: GameSolution, state: int = 0, *, player: int | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the path that ``homotopy`` followed: the probability of each legal action at ``state`` against the path's parameter.

    A colour for each player, and a way of dashing for each action; later players have thinner lines, so that lines that coincide both
    show. Where the path turns back, so do the lines. The end, which the solver settles exactly, is a dot; the stretch to it is pale.

    Parameters
    ----------
    game : StochasticGame
    solution : GameSolution
        Of ``homotopy``, in whose trace the policies were kept.
    state : int
    player : int, optional
        Draw this player's actions alone; None: everybody's.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        A solution without a path, an unknown state or player.
    """
    state = checked_index(state, game.num_states, "state")
    players = range(game.num_players) if player is None else [checked_index(player, game.num_players, "player")]
    if "parameter" not in solution.trace or any(f"policy_{i}" not in solution.trace for i in players):
        raise GameError(f"the solution by {solution.method} holds no path of policies; homotopy keeps one where the game is small")
    ax = axes_for(ax)
    parameter = np.asarray(solution.trace["parameter"], dtype=float)
    quantal = bool(parameter.max() > 1.0)
    end = parameter[-1] if quantal else 1.0
    lines = 0
    for rank, i in enumerate(players):
        width, size = max(1.2, 5.0 - 1.9 * rank), max(3.0, 9.0 - 2.5 * rank)
        for shade, action in enumerate(np.flatnonzero(game.legal[i][state])):
            likely = np.asarray(solution.trace[f"policy_{i}"])[:, state, action]
            label = f"{game.labels.player(i)}: {game.labels.action(i, int(action))}"
            dash, pale = DASHES[shade % len(DASHES)], 1.0 if shade < len(DASHES) else 0.55
            there = solution.profile[i][state, action]
            ax.plot(parameter, likely, color=colour(i), linestyle=dash, linewidth=width, alpha=pale, label=label)
            ax.plot([parameter[-1], end], [likely[-1], there], color=colour(i), linewidth=width, alpha=0.3 * pale)
            ax.plot([end], [there], marker="o", color=colour(i), markersize=size, linestyle="none")
            lines += 1
    if quantal:
        ax.set_xscale("symlog", linthresh=1.0)
        ax.axvline(end, color=GREY, linewidth=0.8)
    ax.set_ylim(-0.03, 1.03)
    across = "precision, in units of 1 / payoff span" if quantal else "weight of the others' true play"
    dress_curves(ax, f"{solution.method}: the path{at_state(game, state)}", across, "probability")
    if lines <= MOST_LINES:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax

"""Phase portraits of 2 x 2 games on the unit square: arrows of a dynamic, paths of learners, equilibria."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl.plots._best_responses import draw_equilibria, dress_square
from gametheory_rl.plots._one_shot import one_shot
from gametheory_rl.plots._portraits import draw_arrows, draw_path, dynamic_of, field, follow, name_of, paths_of
from gametheory_rl.plots._style import axes_for, house_style


@house_style()
def unit_square(
    game: Any,
    dynamic: Any = "replicator",
    *,
    starts: Any = None,
    duration: float | None = None,
    paths: Any = None,
    state: int = 0,
    average: bool = False,
    grid: int = 13,
    ax: Axes | None = None,
) -> Axes:
    """Draw how play moves in a 2 x 2 game: arrows of a dynamic over the square of mixed actions, with paths and equilibria.

    Across: how often player 1 plays its first action; up: how often player 2 does. A path starts at a hollow circle and ends at a
    filled one. Arrows of dynamics in rounds show where the average of play moves after one round.

    Parameters
    ----------
    game : StochasticGame or array_like
        Of one state, two players and two actions each; or payoffs ``(2, 2, 2)``, or ``(2, 2)`` of a zero-sum game.
    dynamic : str, callable or None
        A name in ``equilibria.dynamics``, or a function with the same arguments; None: no arrows.
    starts : array_like, shape (K, 2), optional
        Points (across, up) from which the dynamic's paths are drawn too.
    duration : float, optional
        Time, or rounds, of those paths; None: 60, or 2,000 rounds.
    paths : Trajectory, Run, a sequence or a mapping by label of these, optional
        Ready paths: what a dynamic returned, or runs of any learner with ``learn(..., policy_states=...)``.
    state : int
        Which of the runs' ``policy_states``, counted from 0.
    average : bool
        Draw the averages of trajectories instead of play.
    grid : int
        Arrows along each side.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Another number of players or actions, several states, an unknown dynamic, runs without policies.
    """
    stage = one_shot(game, actions=2)
    rule = dynamic_of(dynamic)
    drawn = dict(paths_of(paths, (2, 2), state, average=average))
    if starts is not None and rule is not None:
        begin = np.atleast_2d(np.asarray(starts, dtype=float))
        found = follow(rule, stage.payoffs, tuple(np.stack([p, 1 - p], axis=-1) for p in begin.T), duration)
        drawn |= paths_of({name_of(dynamic): found}, (2, 2), 0, average=average)
    ax = axes_for(ax, (6.4, 6.2))
    if rule is not None:
        side = (np.arange(grid) + 0.5) / grid
        points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        moves = field(rule, stage.payoffs, tuple(np.stack([p, 1 - p], axis=-1) for p in points.T))
        draw_arrows(ax, points, np.stack([move[:, 0] for move in moves], axis=1), 1 / grid)
    for index, (label, several) in enumerate(drawn.items()):
        for number, path in enumerate(several):
            draw_path(ax, np.stack([part[:, 0] for part in path], axis=1), index, f"_{label}" if number else label)
    draw_equilibria(ax, stage)
    what = f"where play moves ({name_of(dynamic)})" if rule is not None else "where play went"
    dress_square(ax, stage, stage.titled(what))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2)
    return ax

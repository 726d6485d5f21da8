"""Phase portraits on the simplex of three actions: one population, or two players side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._games import StochasticGame
from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._one_shot import OneShot, enumerated, one_shot
from gametheory_rl.plots._portraits import draw_arrows, draw_path, dynamic_of, field, follow, name_of, paths_of
from gametheory_rl.plots._style import GREY, INK, PALE, axes_for, colour, dress_board, house_style

CORNERS = np.array([(0.0, 0.0), (1.0, 0.0), (0.5, 3**0.5 / 2)])
"""Where the three actions are drawn."""
APART = 1.45
"""From one player's triangle to the next."""


@house_style()
def simplex(
    game: Any,
    dynamic: Any = "replicator",
    *,
    starts: Any = None,
    duration: float | None = None,
    paths: Any = None,
    state: int = 0,
    average: bool = False,
    grid: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw how play moves among three actions: a triangle for one population, one for each of two players.

    Every corner is an action; a point's share of it grows towards the corner. Of one population arrows show where the dynamic
    moves, and stars its symmetric equilibria. Two players' motions depend on one another: only their paths can be drawn, each in its
    own triangle, with the equilibria. A path starts at a hollow circle and ends at a filled one.

    Parameters
    ----------
    game : array_like, shape (3, 3) or (2, 3, 3), or StochasticGame
        A matrix is one population that plays against itself; two matrices, or a game of one state, two players.
    dynamic : str, callable or None
        A name in ``equilibria.dynamics``, or a function with the same arguments; None: only ``paths``. One population:
        replicator, best_response or logit, which know it.
    starts : array_like, optional
        Shares from which the dynamic's paths are drawn: ``(K, 3)``, or for two players a pair of these. None: six points, two for
        two players, where no ``paths`` are given.
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
        Another number of actions or players, several states, an unknown dynamic, runs without policies.
    """
    alone = not isinstance(game, StochasticGame) and np.ndim(game) == 2
    stage = one_shot(np.stack([np.asarray(game), np.asarray(game).T]) if alone else game, actions=3)
    payoffs = np.asarray(game, dtype=float) if alone else stage.payoffs
    players, rule = (1 if alone else 2), dynamic_of(dynamic)
    drawn = dict(paths_of(paths, (3,) * players, state, average=average))
    if rule is not None and (starts is not None or not drawn):
        found = follow(rule, payoffs, _starts(payoffs, players, starts), duration)
        drawn |= paths_of({name_of(dynamic): found}, (3,) * players, 0, average=average)
    ax = axes_for(ax, (6.2, 6.0) if alone else (10.0, 5.4))
    if alone and rule is not None:
        _draw_field(ax, rule, payoffs, grid)
    for player in range(players):
        _draw_triangle(ax, stage, player, alone=alone)
    for index, (label, several) in enumerate(drawn.items()):
        for number, path in enumerate(several):
            for player, part in enumerate(path):
                draw_path(ax, spots(part, player), index, f"_{label}" if number or player else label)
    _draw_equilibria(ax, stage, players)
    what = f"where play moves ({name_of(dynamic)})" if rule is not None else "where play went"
    dress_board(ax, stage.titled(what))
    ax.set_xlim(-0.22, 1.22 + APART * (players - 1))
    ax.set_ylim(-0.30, 1.02)
    ax.legend(loc="lower center", ncols=3, bbox_to_anchor=(0.5, -0.09))
    return ax


def spots(shares: np.ndarray, player: int = 0) -> np.ndarray:
    """Return where shares ``(..., 3)`` are drawn, ``(..., 2)``."""
    return shares @ CORNERS + np.array([APART * player, 0.0])


def _starts(payoffs: np.ndarray, players: int, given: Any) -> tuple[np.ndarray, ...]:
    if given is None:
        # Spread over the triangle, off its lines of symmetry, where paths would be straight.
        chosen = np.array([(0.7, 0.2, 0.1), (0.1, 0.7, 0.2), (0.2, 0.1, 0.7), (0.45, 0.35, 0.2), (0.85, 0.03, 0.12), (0.05, 0.9, 0.05)])
        return (chosen,) if players == 1 else (chosen[:2], chosen[[2, 4]])
    parts = (given,) if players == 1 else tuple(given)
    if len(parts) != players:
        raise GameError(f"starts has {len(parts)} parts, a pair of arrays (K, 3) was expected, one per player")
    del payoffs
    return tuple(np.atleast_2d(np.asarray(part, dtype=float)) for part in parts)


def _draw_field(ax: Axes, rule: Any, payoffs: np.ndarray, grid: int) -> None:
    counts = np.array([(a, b, grid - 1 - a - b) for a in range(grid) for b in range(grid - a)], dtype=float)
    # Drawn in a little from the border, where arrows of shares that stay zero would lie on the triangle's sides.
    shares = (counts + 0.25) / (grid - 0.25)
    (moves,) = field(rule, payoffs, (shares,))
    draw_arrows(ax, spots(shares), moves @ CORNERS, 1 / grid)


def _draw_triangle(ax: Axes, stage: OneShot, player: int, *, alone: bool) -> None:
    corners = spots(np.eye(3), player)
    ax.plot(*np.vstack([corners, corners[:1]]).T, color=INK, linewidth=1.8, zorder=3)
    middle = corners.mean(axis=0)
    for k, corner in enumerate(corners):
        ax.plot(*np.stack([corner, (corners.sum(axis=0) - corner) / 2]).T, color=PALE, linewidth=1.0, zorder=1)
        x, y = corner + 0.07 * (corner - middle) / np.linalg.norm(corner - middle)
        ax.text(x, y, stage.actions[player][k], ha=("right", "left", "center")[k] if len(stage.actions[player][k]) < 3 else "center",
                va=("top", "top", "bottom")[k], fontsize=12, color=INK if alone else colour(player))  # fmt: skip
    if not alone:
        ax.text(
            corners[:, 0].mean(), -0.13, stage.players[player], ha="center", va="top", fontsize=12, fontweight="bold", color=colour(player)
        )


def _draw_equilibria(ax: Axes, stage: OneShot, players: int) -> None:
    found = enumerated(stage)
    if players == 1:
        same = [x for x, y in found.profiles if np.abs(x - y).max() < 1e-9]
        points, label = [spots(x) for x in same], "symmetric equilibrium"
    else:
        points = [spots(mixed, i) for i, strategies in enumerate((found.x, found.y)) for mixed in strategies]
        label = "equilibrium strategy"
    if points:
        style: dict[str, Any] = {"marker": "*", "s": 260, "color": INK, "edgecolor": "white", "linewidth": 1.0}
        ax.scatter(*np.array(points).T, label=label, zorder=6, **style)
    if len(found.components) < len(found.profiles):
        ax.text(-0.2, 0.98, "degenerate: some equilibria\nspan whole sets", ha="left", va="top", fontsize=10, color=GREY)

"""Best-response curves of 2 x 2 games, whole stretches where somebody is indifferent, and the equilibria where they cross."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gametheory_rl.plots._one_shot import OneShot, one_shot
from gametheory_rl.plots._style import DASHES, INK, axes_for, colour, dress_curves, house_style

HATCHES = ("///", "\\\\\\")
"""Of the square in which a player is indifferent everywhere."""


@house_style()
def best_responses(game: Any, *, ax: Axes | None = None) -> Axes:
    """Draw both players' best-response curves of a 2 x 2 game, and mark their crossings: the equilibria.

    Across: how often player 1 plays its first action; up: how often player 2 does. A player that is indifferent whatever the
    other does has the whole square, hatched. In degenerate games the curves meet in segments or areas, drawn thick and filled.

    Parameters
    ----------
    game : StochasticGame or array_like
        Of one state, two players and two actions each; or payoffs ``(2, 2, 2)``, or ``(2, 2)`` of a zero-sum game.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Another number of players or actions, several states.
    """
    stage = one_shot(game, actions=2)
    ax = axes_for(ax, (6.4, 6.2))
    for player in (0, 1):
        _draw_curve(ax, stage, player)
    draw_equilibria(ax, stage)
    dress_square(ax, stage, stage.titled("best responses meet at equilibria"))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2)
    return ax


def dress_square(ax: Axes, stage: OneShot, title: str) -> None:
    """Give the square of both players' mixed actions its title, labels and limits."""
    labels = [f"probability of {stage.actions[i][0]} ({stage.players[i]})" for i in (0, 1)]
    dress_curves(ax, title, *labels)
    ax.set_xlim(-0.04, 1.04)
    ax.set_ylim(-0.04, 1.04)
    ax.set_aspect("equal")


def draw_equilibria(ax: Axes, stage: OneShot) -> None:
    """Mark the equilibria of a 2 x 2 game by stars, and the segments or areas that they span."""
    from gametheory_rl.equilibria import vertex_enumeration

    found = vertex_enumeration(*stage.payoffs)
    for component in found.components:
        for subset in component.subsets:
            p, q = np.sort(found.x[list(subset.x), 0]), np.sort(found.y[list(subset.y), 0])
            if len(p) > 1 and len(q) > 1:
                ax.add_patch(Rectangle((p[0], q[0]), p[-1] - p[0], q[-1] - q[0], color=INK, alpha=0.25, zorder=3, gid="equilibria"))
            elif len(p) > 1 or len(q) > 1:
                ends = np.array([(p[0], q[0]), (p[-1], q[-1])]).T
                ax.plot(*ends, color=INK, linewidth=9, alpha=0.3, solid_capstyle="round", zorder=2.5, gid="equilibria")
    points = np.array([(x[0], y[0]) for x, y in found.profiles])
    sets = len(found.components) < len(found.profiles)
    label = "equilibria (shaded: whole sets)" if sets else "equilibrium" if len(points) == 1 else "equilibria"
    style: dict[str, Any] = {"marker": "*", "s": 260, "color": INK, "edgecolor": "white", "linewidth": 1.0}
    ax.scatter(points[:, 0], points[:, 1], label=label, zorder=6, clip_on=False, **style)


def _draw_curve(ax: Axes, stage: OneShot, player: int) -> None:
    """Draw a player's best responses: a step at the other's mix that makes it indifferent, or the whole square."""
    label = f"{stage.players[player]} responds"
    corners = _corners(stage.payoffs, player)
    if corners is None:
        square = Rectangle((0, 0), 1, 1, fill=False, edgecolor=colour(player), hatch=HATCHES[player], linewidth=0, alpha=0.7)
        square.set_label(f"{label} (indifferent)")
        ax.add_patch(square)
        return
    other, own = corners.T
    x, y = (own, other) if player == 0 else (other, own)
    width = (4.6, 2.8)[player]  # where both lie on one another, both show
    ax.plot(x, y, color=colour(player), linestyle=DASHES[player], linewidth=width, label=label, zorder=4 + player, clip_on=False)


def _corners(payoffs: np.ndarray, player: int) -> np.ndarray | None:
    """Return the corners ``(k, 2)`` of a player's curve: the other's probability of its first action, and its own; None: indifferent."""
    from gametheory_rl.equilibria import best_responses as best

    def own(other: int) -> list[float]:
        profile = [other, other]
        return [1.0 - a for a in best(payoffs, profile, player).tolist()]

    at_zero, at_one = own(1), own(0)
    if len(at_zero) == len(at_one) == 2:
        return None
    if len(at_zero) == 2:
        return np.array([(0.0, 1.0 - at_one[0]), (0.0, at_one[0]), (1.0, at_one[0])])
    if len(at_one) == 2:
        return np.array([(0.0, at_zero[0]), (1.0, at_zero[0]), (1.0, 1.0 - at_zero[0])])
    if at_zero == at_one:
        return np.array([(0.0, at_zero[0]), (1.0, at_one[0])])
    table = np.moveaxis(payoffs[player], player, 0)
    first, second = table[0] - table[1]
    turn = second / (second - first)
    return np.array([(0.0, at_zero[0]), (turn, at_zero[0]), (turn, at_one[0]), (1.0, at_one[0])])

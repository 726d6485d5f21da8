"""The branch of quantal response equilibria: how likely each action is as players become more precise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from gametheory_rl._game_checks import checked_index
from gametheory_rl.plots._one_shot import one_shot, short
from gametheory_rl.plots._style import DASHES, GREY, INK, axes_for, colour, dress_curves, house_style

if TYPE_CHECKING:
    from gametheory_rl.equilibria import LogitPath

MOST_LINES = 12
"""Lines that a legend can still name."""


@house_style()
def logit_branch(game: Any, path: LogitPath | None = None, *, player: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw the logit equilibria that begin with uniform play: the probability of each action against the precision.

    A colour for each player, and a way of dashing for each action. Precision 0 is uniform play, large precisions are nearly best
    responses; diamonds mark where the branch turns back, dots its end.

    Parameters
    ----------
    game : StochasticGame or array_like
        Of one state; or payoffs ``(n, A_1, ..., A_n)``, or ``(m, n)`` of a zero-sum game.
    path : LogitPath, optional
        What ``equilibria.logit_path`` returned of this game; None: it is followed from uniform play.
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
        Several states, no such player.
    SolverError
        The branch could not be followed.
    """
    from gametheory_rl.equilibria import logit_path

    stage = one_shot(game, players=None)
    players = range(len(stage.players)) if player is None else [checked_index(player, len(stage.players), "player")]
    found = logit_path(stage.payoffs) if path is None else path
    span = max(float(np.ptp(payoff)) for payoff in stage.payoffs) or 1.0
    # Beyond this nothing moves that could be seen, but the path goes on for many decades.
    shown = _shown(found, 1e-3)
    ax = axes_for(ax, (7.2, 5.6))
    lines = 0
    for rank, i in enumerate(players):
        width, size = max(1.2, 4.4 - 1.5 * rank), max(4.0, 9.0 - 2.5 * rank)
        for k, name in enumerate(stage.actions[i]):
            likely = found.profiles[i][: shown + 1, k]
            dash, pale = DASHES[k % len(DASHES)], 1.0 if k < len(DASHES) else 0.55
            style = {
                "color": colour(i),
                "linestyle": dash,
                "linewidth": width,
                "alpha": pale,
                "label": f"{short(stage.players[i], 18)}: {short(name, 24)}",
            }
            ax.plot(found.precisions[: shown + 1], likely, **style)
            ax.plot(found.precisions[shown], likely[-1], marker="o", color=colour(i), markersize=size, linestyle="none")
            turns = [int(t) for t in found.turning_points if t <= shown]
            ax.plot(found.precisions[turns], likely[turns], marker="D", color=INK, markersize=5, linestyle="none")
            lines += 1
    ax.set_xscale("symlog", linthresh=1.0 / span)
    ax.set_xlim(0.0, None)
    ax.set_xticks(_ticks(1.0 / span, float(found.precisions[: shown + 1].max())))
    ax.set_ylim(-0.03, 1.03)
    dress_curves(ax, stage.titled("logit equilibria from uniform play"), "precision (1 / payoff unit)", "probability")
    if lines <= MOST_LINES:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2)
    else:
        ax.text(0.99, 0.97, f"{lines} actions", transform=ax.transAxes, ha="right", va="top", color=GREY)
    return ax


def _shown(path: LogitPath, near: float) -> int:
    """Return the number of the first point from which on no probability moves by more than ``near``; the last is the end."""
    apart = np.max([np.abs(part - part[-1]).max(axis=1) for part in path.profiles], axis=0)
    moving = np.flatnonzero(apart > near)
    return min(int(moving[-1]) + 2 if moving.size else 1, len(path.precisions) - 1)


def _ticks(linear: float, most: float) -> list[float]:
    """Return 0 and the powers of ten from ``linear``, where the axis turns logarithmic, to ``most``, seven or fewer."""
    decades = np.arange(np.ceil(np.log10(linear) + 0.3), np.floor(np.log10(most)) + 1)
    return [0.0, *(10.0 ** decades[:: max(1, -(-len(decades) // 6))])]

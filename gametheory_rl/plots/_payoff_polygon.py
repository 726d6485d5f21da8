"""What a game of two players can pay: outcomes, correlated and Nash equilibria, and what each player can guarantee."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from gametheory_rl.plots._one_shot import OneShot, enumerated, one_shot, short
from gametheory_rl.plots._style import BLUE, DASHES, GREEN, GREY, INK, PALE, VERMILION, axes_for, dress_curves, house_style

MOST_NAMED = 16
"""Outcomes that are named; of larger games only the dots are drawn."""
_FLAT = 1e-7
"""Of the spans of payoffs: a corner that sticks out less is none."""
_MOST_CORNERS = 200


@house_style()
def payoff_polygon(game: Any, *, correlated: bool = True, ax: Axes | None = None) -> Axes:
    """Draw the payoffs that a game of two players makes possible, and those of its equilibria.

    Grey: mixtures of outcomes. Blue, hatched: all correlated equilibria, a polygon whose corners linear programs find. Stars: Nash
    equilibria, joined where they span sets. Dashed lines: each player's security level, what it can guarantee alone.

    Parameters
    ----------
    game : StochasticGame or array_like
        Of one state and two players; or payoffs ``(2, m, n)``, or ``(m, n)`` of a zero-sum game.
    correlated : bool
        Whether the correlated equilibria are drawn: a linear program for each corner and each side.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Not two players, several states.
    """
    from gametheory_rl.equilibria import security

    stage = one_shot(game)
    outcomes = stage.payoffs.reshape(2, -1).T
    ax = axes_for(ax, (7.2, 7.0))
    ax.set_xlim(*_window(outcomes[:, 0]))
    ax.set_ylim(*_window(outcomes[:, 1]))
    style = {"closed": True, "facecolor": PALE, "edgecolor": GREY, "linewidth": 1.4, "zorder": 1, "label": "mixtures of outcomes"}
    ax.add_patch(Polygon(hull(outcomes), gid="outcomes", **style))
    if correlated:
        _draw_correlated(ax, correlated_corners(stage.payoffs))
    levels = [security(stage.payoffs, player).value for player in (0, 1)]
    noise = 1e-12 * np.abs(outcomes).max()
    for level, draw, shade, dash in zip(levels, (ax.axvline, ax.axhline), (BLUE, VERMILION), DASHES[1:3], strict=True):
        who = short(stage.players[int(shade == VERMILION)], 24)
        draw(
            level,
            color=shade,
            linewidth=1.8,
            linestyle=dash,
            zorder=3,
            label=f"{who} can guarantee {level if abs(level) > noise else 0.0:.4g}",
        )
    _draw_outcomes(ax, stage, outcomes)
    _draw_nash(ax, stage)
    labels = [f"payoff to {short(player, 24)} (payoff units)" for player in stage.players]
    dress_curves(ax, stage.titled("what can be paid, and what is stable"), *labels)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2)
    return ax


def correlated_corners(payoffs: np.ndarray) -> np.ndarray:
    """Return the corners ``(K, 2)`` of the payoffs of correlated equilibria, counterclockwise.

    The equilibria are a polytope and payoffs are linear, so the payoffs are a polygon. Wherever a linear program in the direction
    across the side between two corners finds nothing beyond it, the side is one of the polygon; otherwise there is a new corner.

    Parameters
    ----------
    payoffs : (2, m, n) array
    """
    from gametheory_rl.equilibria import correlated

    spans = np.maximum(np.ptp(payoffs.reshape(2, -1), axis=1), np.finfo(float).tiny)

    def farthest(direction: np.ndarray) -> np.ndarray:
        found = correlated(payoffs, (direction / spans)[:, np.newaxis, np.newaxis] * payoffs)
        return found.values / spans

    corners = [farthest(np.array(direction)) for direction in ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))]
    k, sides = 0, 0
    while k < len(corners) and sides < _MOST_CORNERS:
        one, other = corners[k], corners[(k + 1) % len(corners)]
        side = other - one
        length = np.hypot(*side)
        sides += 1
        if length > _FLAT:
            outward = np.array([side[1], -side[0]]) / length
            beyond = farthest(outward)
            if outward @ (beyond - one) > _FLAT:
                corners.insert(k + 1, beyond)
                continue
        k += 1
    return hull(np.array(corners)) * spans


def hull(points: np.ndarray) -> np.ndarray:
    """Return the corners of the convex hull of points ``(K, 2)``, counterclockwise; of one point or a segment its ends.

    A. M. Andrew's monotone chain, 1979, on points scaled to the unit square.
    """
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    scaled = (points - low) / np.where(span > 0, span, 1.0)
    order = np.lexsort((scaled[:, 1], scaled[:, 0]))
    chains = []
    for walk in (order, order[::-1]):
        chain: list[int] = []
        for place in walk.tolist():
            while len(chain) > 1 and _turn(scaled[chain[-2]], scaled[chain[-1]], scaled[place]) <= 1e-12:
                chain.pop()
            chain.append(place)
        chains += chain[:-1]
    return points[list(dict.fromkeys(chains)) or [0]]


def _turn(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _window(numbers: np.ndarray) -> tuple[float, float]:
    room = 0.12 * float(np.ptp(numbers)) or max(1.0, 0.1 * abs(float(numbers[0])))
    return float(numbers.min()) - room, float(numbers.max()) + room


def _draw_correlated(ax: Axes, corners: np.ndarray) -> None:
    area = Polygon(corners, closed=True, facecolor="#cfe3f1", edgecolor=BLUE, hatch="//", linewidth=2.2, zorder=2)
    area.set_gid("correlated")
    area.set_label("correlated equilibria")
    ax.add_patch(area)


def _draw_outcomes(ax: Axes, stage: OneShot, outcomes: np.ndarray) -> None:
    ax.scatter(*outcomes.T, s=34, color=INK, zorder=5, label="outcomes", gid="outcomes")
    if len(outcomes) > MOST_NAMED:
        return
    low, span = outcomes.min(axis=0), np.maximum(np.ptp(outcomes, axis=0), np.finfo(float).tiny)
    places, names = list[np.ndarray](), list[list[str]]()
    for place, (i, j) in zip((outcomes - low) / span, np.ndindex(*stage.payoffs.shape[1:]), strict=True):
        # Outcomes that would be named on top of one another share a name.
        near = next((k for k, other in enumerate(places) if np.abs(other - place).max() < 0.06), len(places))
        if near == len(places):
            places.append(place)
            names.append([])
        names[near].append(f"{short(stage.actions[0][i], 11)}, {short(stage.actions[1][j], 11)}")
    for place, several in zip(places, names, strict=True):
        text = short("; ".join(several[:2]), 27) + (f" +{len(several) - 2}" if len(several) > 2 else "")
        right, up = place[0] <= 0.5, place[1] >= 0.5
        where: dict[str, Any] = {"ha": "left" if right else "right", "va": "bottom" if up else "top", "textcoords": "offset points"}
        ax.annotate(text, low + place * span, xytext=(7 if right else -7, 6 if up else -6), fontsize=10.5, zorder=7, **where)


def _draw_nash(ax: Axes, stage: OneShot) -> None:
    from gametheory_rl.equilibria import pure

    found = enumerated(stage)
    values = pure(stage.payoffs).values if found is None else found.values
    if found is not None:
        numbers = {pair: k for k, pair in enumerate(map(tuple, found.pairs.tolist()))}
        for subset in (each for component in found.components for each in component.subsets):
            corners = hull(values[:, [numbers[i, j] for i in subset.x for j in subset.y]].T)
            if len(corners) > 1:
                ax.plot(*np.vstack([corners, corners[:1]]).T, color=GREEN, linewidth=4, alpha=0.7, zorder=4, gid="component")
    if values.size:
        label = "pure equilibria" if found is None else "Nash equilibrium" if values.shape[1] == 1 else "Nash equilibria"
        ax.scatter(*values, marker="*", s=300, color=GREEN, edgecolor="white", linewidth=1.0, zorder=6, label=label)

"""Best-response polytopes with their labels, and the path of Lemke and Howson over their edges."""

from __future__ import annotations

import textwrap
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke

from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._one_shot import OneShot, one_shot
from gametheory_rl.plots._style import GREEN, GREY, INK, axes_for, colour, dress_board, house_style

_SIDE = np.array([-0.55, 0.83, 0.0])
_UP = np.array([-0.26, -0.17, 0.95])
"""Where three-dimensional polytopes are seen from: their far corner in front, the origin behind."""
_APART = 1.75


class _Solid(NamedTuple):
    """A polytope as it is drawn."""

    spots: np.ndarray
    """``[V, 2]`` on the page"""
    labels: tuple[frozenset[int], ...]
    facets: dict[int, tuple[list[int], bool]]
    """Label -> its vertices in order around it, and whether it is in front."""


@house_style()
def polytopes(game: Any, *, label: int | None = 0, steps: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw both players' best-response polytopes side by side, every facet with its label, and the path of Lemke and Howson.

    A point of a player's polytope is a mixed action, divided by what it leaves the other to earn; the hollow square is the origin.
    A facet's label is an own action that is not played on it, or the other's best response to it; the colour says whose action. The
    path starts at both origins, leaves one label, and alternates between the polytopes until no label is missing: the stars.

    Parameters
    ----------
    game : StochasticGame or array_like
        Of one state, two players and 2 or 3 actions each; or payoffs ``(2, m, n)``, or ``(m, n)`` of a zero-sum game.
    label : int, optional
        Whose label is dropped first: 0 .. m-1 are player 1's actions, m .. m+n-1 player 2's. None: no path.
    steps : int, optional
        Draw so many pivots of the path, 0: none yet; None: all.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Another number of players or actions, several states, a label out of range, a negative number of steps.

    Notes
    -----
    The vertices and the path are those of ``equilibria.exact.best_response_polytopes`` and ``lemke_howson_path``; each axis is
    stretched to the polytope's size. Of a degenerate game a vertex can have more labels than dimensions, and a pivot can stay.
    """
    from gametheory_rl.equilibria import exact

    stage = one_shot(game)
    sizes = stage.payoffs.shape[1:]
    if not set(sizes) <= {2, 3}:
        raise GameError(
            f"the game has {sizes[0]} x {sizes[1]} actions, 2 or 3 for each player were expected: a polytope has as many dimensions"
        )
    if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 0):
        raise GameError(f"steps is {steps!r}, a number of pivots from 0 up was expected")
    A, B = stage.payoffs
    both = exact.best_response_polytopes(A, B)
    path = None if label is None else exact.lemke_howson_path(A, B, label)
    ax = axes_for(ax, (10.4, 5.6))
    places = []
    for player, polytope in enumerate(both):
        points = polytope.points.astype(float)
        scale = points.max(axis=0)
        shift = np.array([_APART * player, 0.0])
        spots = _page(points / scale)
        low, high = spots.min(axis=0), spots.max(axis=0)
        solid = _solid(points / scale, (spots - low) / (high - low).max() + shift, polytope.labels)
        _draw_solid(ax, solid, sizes[0])
        ax.text(
            shift[0] + 0.5, 1.2, f"{stage.players[player]}'s polytope", ha="center", fontsize=12.5, fontweight="bold", color=colour(player)
        )
        if path is not None:
            places.append((_page(path.points[player].astype(float) / scale) - low) / (high - low).max() + shift)
    title = stage.titled("best-response polytopes")
    if path is not None:
        shown = len(path.moved) if steps is None else min(int(steps), len(path.moved))
        _draw_path(ax, path, places, shown)
        title = stage.titled(f"the path of label {label}, {_steps(shown, len(path.moved))}")
    dress_board(ax, title)
    ax.set_xlim(-0.28, 1.28 + _APART)
    ax.set_ylim(-0.62, 1.32)
    _draw_key(ax, stage)
    return ax


def _steps(shown: int, total: int) -> str:
    return f"{total} pivots" if shown == total else f"pivot {shown} of {total}"


def _page(points: np.ndarray) -> np.ndarray:
    """Return points of 2 or 3 dimensions as points of the page."""
    return points if points.shape[1] == 2 else np.stack([points @ _SIDE, points @ _UP], axis=1)


def _solid(points: np.ndarray, spots: np.ndarray, labels: tuple[frozenset[int], ...]) -> _Solid:
    """Return the facets: the labels whose vertices span one dimension less than the polytope."""
    centre, facets = points.mean(axis=0), dict[int, tuple[list[int], bool]]()
    for label in sorted(frozenset().union(*labels)):
        members = [k for k, each in enumerate(labels) if label in each]
        flat = points[members] - points[members].mean(axis=0)
        _, sizes, directions = np.linalg.svd(flat)
        rank = int((sizes > 1e-9).sum())
        if rank < points.shape[1] - 1:
            continue  # the label of a constraint that only touches: its vertices have it, no facet does
        if points.shape[1] == 2:
            facets[label] = (members, True)
            continue
        normal = directions[2] * np.sign(directions[2] @ (points[members].mean(axis=0) - centre))
        around = np.arctan2(flat @ directions[1], flat @ directions[0])
        facets[label] = ([members[k] for k in np.argsort(around)], bool(normal @ np.cross(_SIDE, _UP) > 0))
    return _Solid(spots, labels, facets)


def _draw_solid(ax: Axes, solid: _Solid, rows: int) -> None:
    spots, middle = solid.spots, solid.spots.mean(axis=0)
    outline = spots[_around(spots)]
    ax.add_patch(Polygon(outline, closed=True, facecolor="#f4f4f4", edgecolor="none", zorder=1, gid="polytope"))
    visible, hidden = _edges(solid)
    for edges, style in (
        (hidden, {"linestyle": (0, (3, 2.5)), "linewidth": 1.1, "color": GREY}),
        (visible, {"linewidth": 1.9, "color": INK}),
    ):
        for a, b in sorted(edges):
            ax.plot(*spots[[a, b]].T, zorder=2, gid="edge", **style)  # type: ignore[arg-type]
    for label, (members, front) in solid.facets.items():
        x, y = spots[members].mean(axis=0)
        if len(members) == 2:  # of two dimensions: beside the edge
            across = np.array([spots[members[1]][1] - spots[members[0]][1], spots[members[0]][0] - spots[members[1]][0]])
            across = across / np.hypot(*across)
            side = np.sign(across @ (np.array([x, y]) - middle)) or 1.0
            x, y = np.array([x, y]) + 0.085 * side * across
        shade = colour(int(label >= rows))
        box: dict[str, Any] = {"boxstyle": "circle,pad=0.25", "fc": "white", "ec": shade, "lw": 1.6, "ls": "-" if front else "--"}
        ax.text(
            x,
            y,
            str(label),
            ha="center",
            va="center",
            fontsize=10.5,
            color=shade,
            bbox=box,
            alpha=1.0 if front else 0.75,
            zorder=4,
            gid="facet",
        )
    for k, (x, y) in enumerate(spots):
        ax.plot(
            x, y, marker="o" if k else "s", markersize=6 if k else 8, markerfacecolor=INK if k else "white", markeredgecolor=INK, zorder=5
        )
        names = ",".join(map(str, sorted(solid.labels[k])))
        away = spots[k] - middle
        right, up = away[0] >= 0, away[1] >= 0
        where: dict[str, Any] = {"ha": "left" if right else "right", "va": "bottom" if up else "top", "textcoords": "offset points"}
        ax.annotate(
            names, (x, y), xytext=(8 if right else -8, 7 if up else -7), fontsize=9.5, color=INK, zorder=9, **where
        ).set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _around(spots: np.ndarray) -> list[int]:
    """Return the corners of the outline, in order."""
    from gametheory_rl.plots._payoff_polygon import hull

    places = {(float(x), float(y)): k for k, (x, y) in enumerate(spots)}
    return [places[float(x), float(y)] for x, y in hull(spots)]


def _edges(solid: _Solid) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Return the edges that are seen and those that are not: those between facets that are all behind."""
    seen, behind = set[tuple[int, int]](), set[tuple[int, int]]()
    for members, front in solid.facets.values():
        for a, b in zip(members, members[1:] + members[:1], strict=True):
            (seen if front else behind).add((min(a, b), max(a, b)))
    return seen, behind - seen


def _draw_path(ax: Axes, path: Any, places: list[np.ndarray], shown: int) -> None:
    for k in range(shown):
        player = int(path.moved[k])
        before, after = places[player][k], places[player][k + 1]
        if np.hypot(*(after - before)) < 1e-9:
            ax.annotate(
                f"{k + 1} stays", after, xytext=(0, -22), textcoords="offset points", ha="center", fontsize=10, color=GREEN, zorder=7
            )
            continue
        arrow = {"arrowstyle": "-|>", "color": GREEN, "lw": 3.4, "mutation_scale": 22, "shrinkA": 2, "shrinkB": 3}
        ax.annotate("", after, before, arrowprops=arrow, zorder=6)
        x, y = before + 0.5 * (after - before)
        box = {"boxstyle": "round,pad=0.2", "fc": GREEN, "ec": "white"}
        ax.text(x, y, str(k + 1), ha="center", va="center", fontsize=11, fontweight="bold", color="white", bbox=box, zorder=7, gid="pivot")
        note = f"leaves {path.dropped[k]}, meets {path.found[k]}"
        line = int((path.moved[:k] == player).sum())
        ax.text(_APART * player + 0.5, -0.16 - 0.075 * line, f"{k + 1}: {note}", ha="center", va="top", fontsize=10.5, color=INK)
    ended = shown == len(path.moved)
    for spots in places:
        if ended:
            ax.plot(*spots[-1], marker="*", markersize=20, color=GREEN, markeredgecolor="white", zorder=8, linestyle="none")
        elif shown:
            ax.plot(*spots[shown], marker="o", markersize=11, color=GREEN, markeredgecolor="white", zorder=8, linestyle="none")


def _draw_key(ax: Axes, stage: OneShot) -> None:
    """Say below whose action each label is."""
    first = 0
    for player, names in enumerate(stage.actions):
        told = ", ".join(f"{first + k} {name}" if name != str(k) else f"{first + k}" for k, name in enumerate(names))
        text = textwrap.fill(f"labels of {stage.players[player]}: {told}", 48)
        ax.text(_APART * player + 0.5, -0.47, text, ha="center", va="top", fontsize=10.5, color=colour(player))
        first += len(names)

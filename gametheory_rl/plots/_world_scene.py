"""Worlds as pictures: one moment as axes, an episode as an animation. What is drawn is a ``Scene``: shapes in numpy, whoever made them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch, Rectangle

from gametheory_rl._support._errors import GameError
from gametheory_rl.plots._style import COLOURS, DASHES, GREY, INK, PALE, axes_for, dress_board, house_style

if TYPE_CHECKING:
    from gametheory_rl.deep.envs import Scene

SHADES = (PALE, GREY, "#b0b0b0", INK)
"""Of squares, in the order of their kinds: they are the ground that discs stand on."""

HATCHES = ("", "////", "....", "xx", "\\\\\\\\", "oo")
"""Kinds of discs differ in print without colours, too."""

PIXELS_PER_INCH = 80
MOST_FRAMES = 2000


@house_style()
def world_scene(scene: Scene, *, title: str = "", legend: bool = True, ax: Axes | None = None) -> Axes:
    """Draw one moment of a world.

    Parameters
    ----------
    scene : Scene
        What ``world.scene(state)`` returns.
    title : str
    legend : bool
        Whether to say what the kinds are, below the drawing.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    GameError
        Something that is not a scene.
    """
    require_scene(scene)
    ax = axes_for(ax, _size(scene))
    dress_board(ax, title)
    left, right, bottom, top = scene.extent
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    ax.add_patch(Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=GREY, linewidth=1.0, clip_on=False))
    _draw_squares(ax, scene)
    _draw_lines(ax, scene)
    _draw_circles(ax, scene)
    for x, y, words in scene.texts:
        ax.text(x, y, words, ha="center", va="center", fontsize=11, fontweight="bold", clip_on=True, bbox=_CARD)
    if legend:
        handles = _handles(scene)
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.01), ncol=min(3, len(handles)))
    return ax


_CARD = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0}


def world_image(scene: Scene, *, title: str = "") -> np.ndarray:
    """Return what ``world_scene`` draws as pixels, without a window and without pyplot.

    Parameters
    ----------
    scene, title
        As of ``world_scene``.

    Returns
    -------
    ndarray, shape (height, width, 3)
        uint8, red, green and blue.
    """
    figure = Figure(figsize=(6.0, 6.4), dpi=PIXELS_PER_INCH, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    world_scene(scene, title=title, ax=figure.subplots())
    canvas.draw()
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])


def world_animation(scenes: Sequence[Scene], path: Path, *, titles: Sequence[str] = (), per_second: float = 5.0) -> None:
    """Write scenes as an animated GIF, one frame each, all with the same extent; the last one stays for a second.

    Parameters
    ----------
    scenes : sequence of Scene
        From 1 to 2,000.
    path : Path
        Ends in .gif; overwritten.
    titles : sequence of str
        One for each scene, or none.
    per_second : float
        Frames a second.

    Raises
    ------
    GameError
        No scenes, too many, or another number of titles.
    """
    from matplotlib.animation import PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if not 1 <= len(scenes) <= MOST_FRAMES:
        raise GameError(f"{len(scenes)} scenes were given, from 1 to {MOST_FRAMES} were expected")
    if titles and len(titles) != len(scenes):
        raise GameError(f"{len(titles)} titles were given for {len(scenes)} scenes")
    for scene in scenes:
        require_scene(scene)
    corners = np.array([scene.extent for scene in scenes])
    (left, bottom), (right, top) = corners[:, ::2].min(axis=0), corners[:, 1::2].max(axis=0)
    scenes = [scene._replace(extent=(float(left), float(right), float(bottom), float(top))) for scene in scenes]
    figure = Figure(figsize=_size(scenes[0]), dpi=PIXELS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    writer = PillowWriter(fps=max(1, round(per_second)))
    with writer.saving(figure, str(path), PIXELS_PER_INCH):
        for k, scene in enumerate([*scenes, *scenes[-1:] * round(per_second)]):
            ax.clear()
            world_scene(scene, title=titles[min(k, len(scenes) - 1)] if titles else "", ax=ax)
            if not k:
                figure.canvas.draw()
                figure.set_layout_engine("none")  # what was found once is found again, and takes half of a frame's time
            writer.grab_frame()


def require_scene(scene: Any) -> None:
    """Refuse what is no scene."""
    if not all(hasattr(scene, field) for field in ("extent", "circles", "lines", "squares", "texts", "kinds")):
        raise GameError(f"scene is {type(scene).__name__}, a Scene was expected: what world.scene(state) returns")


def _size(scene: Scene) -> tuple[float, float]:
    """Return inches that suit the extent, with room for title and legend."""
    left, right, bottom, top = scene.extent
    width, height = right - left, top - bottom
    scale = 5.6 / max(width, height)
    rows = -(-len(scene.kinds) // 3)
    return max(3.6, width * scale), height * scale + 0.5 + 0.3 * rows


def _ranks(scene: Scene) -> tuple[dict[int, int], dict[int, int]]:
    """Return the order of kinds among squares and lines, and among discs: all that are no squares may be discs."""
    ground = sorted({int(kind) for kind in scene.squares[:, 3]})
    return {kind: k for k, kind in enumerate(ground)}, {
        kind: k for k, kind in enumerate(kind for kind in range(len(scene.kinds)) if kind not in ground)
    }


def _draw_squares(ax: Axes, scene: Scene) -> None:
    ground, _ = _ranks(scene)
    for kind, rank in ground.items():
        boxes = scene.squares[scene.squares[:, 3] == kind]
        patches = [Rectangle((x - side / 2, y - side / 2), side, side) for x, y, side, _ in boxes]
        ax.add_collection(PatchCollection(patches, facecolor=SHADES[rank % len(SHADES)], edgecolor="white", linewidth=1.0, zorder=1))


def _draw_lines(ax: Axes, scene: Scene) -> None:
    for kind in np.unique(scene.lines[:, 4]):
        rows = scene.lines[scene.lines[:, 4] == kind]
        dash: Any = DASHES[int(kind) % len(DASHES)]
        ax.add_collection(LineCollection(list(rows[:, :4].reshape(-1, 2, 2)), colors=INK, linestyles=[dash], linewidths=1.2, zorder=1.5))


def _draw_circles(ax: Axes, scene: Scene) -> None:
    _, discs = _ranks(scene)
    # In the scene's order, so that what it names last lies on top.
    patches = [Circle((x, y), radius) for x, y, radius, _ in scene.circles]
    for patch, kind in zip(patches, scene.circles[:, 3].astype(int), strict=True):
        patch.set(**_look(discs[int(kind)], len(discs)), zorder=2)
        ax.add_patch(patch)


def _look(rank: int, count: int) -> dict[str, Any]:
    """Return how a kind of disc is filled: a colour and a hatch of its own; of many kinds, numbered actions, a shade from dark to light."""
    if count > len(HATCHES):
        return {"facecolor": colormaps["cividis"](rank / (count - 1)), "edgecolor": INK, "linewidth": 0.8}
    return {
        "facecolor": COLOURS[rank % len(COLOURS)],
        "edgecolor": "white" if HATCHES[rank % len(HATCHES)] else INK,
        "hatch": HATCHES[rank % len(HATCHES)],
        "linewidth": 0.8,
        "alpha": 0.92,
    }


def _handles(scene: Scene) -> list[Patch]:
    ground, discs = _ranks(scene)
    looks: dict[int, dict[str, Any]] = {kind: {"facecolor": SHADES[rank % len(SHADES)]} for kind, rank in ground.items()} | {
        kind: _look(rank, len(discs)) for kind, rank in discs.items()
    }
    return [Patch(label=name, **looks[kind]) for kind, name in enumerate(scene.kinds)]

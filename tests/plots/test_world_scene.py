"""world_scene draws what a scene names, world_animation writes a frame for each; neither needs the library that made the scene."""

import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.patches import Circle

from gametheory_rl import GameError

from .drawn import plots


class Scene(NamedTuple):
    """Whoever makes scenes gives them these fields."""

    extent: tuple
    circles: np.ndarray
    lines: np.ndarray
    squares: np.ndarray
    texts: tuple
    kinds: tuple


def scene_at(x):
    return Scene(
        (-1.0, 1.0, -1.0, 1.0 + x),
        np.array([[x, 0, 0.1, 1], [0.5, 0.5, 0.2, 2]]),
        np.array([[0.0, 0.0, 1.0, 1.0, 1]]),
        np.array([[0, 0, 0.5, 0]], float),
        ((x, 0.0, "A"),),
        ("wall", "mouse", "cat"),
    )


def test_what_a_scene_names_is_drawn():
    ax = plots.world_scene(scene_at(0.25), title="now")
    circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
    assert [(*map(float, circle.center), circle.radius) for circle in circles] == [(0.25, 0, 0.1), (0.5, 0.5, 0.2)]
    assert circles[0].get_facecolor() != circles[1].get_facecolor()
    assert circles[0].get_hatch() != circles[1].get_hatch()
    assert len(ax.collections) == 2
    assert [text.get_text() for text in ax.texts] == ["A"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["wall", "mouse", "cat"]
    assert ax.get_title(loc="left") == "now"


def test_an_animation_has_a_frame_for_each_scene_and_one_extent(tmp_path):
    from PIL import Image

    path = tmp_path / "film.gif"
    scenes = [scene_at(x) for x in (0.0, 0.3, 0.6)]
    plots.world_animation(scenes, path, titles=["a", "b", "c"], per_second=2)
    with Image.open(path) as film:
        frames = film.n_frames
        assert 3 <= frames <= 5
        first = np.asarray(film.convert("RGB"))
        film.seek(1)
        assert (np.asarray(film.convert("RGB")) != first).any()


def test_scenes_are_drawn_without_jax():
    code = (
        "import sys, numpy as np, matplotlib; matplotlib.use('agg'); import gametheory_rl.plots as plots;"
        "from tests.plots.test_world_scene import scene_at; plots.world_scene(scene_at(0.1));"
        "assert not {'jax', 'equinox'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda path: plots.world_scene("soccer"), "scene is str, a Scene was expected"),
        (lambda path: plots.world_animation([], path), "0 scenes were given, from 1 to 2000"),
        (lambda path: plots.world_animation([scene_at(0.0)], path, titles=["a", "b"]), "2 titles were given for 1 scenes"),
        (lambda path: plots.world_animation([3], path), "scene is int"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, message, tmp_path):
    with pytest.raises(GameError, match=message):
        call(tmp_path / "film.gif")


def test_ten_kinds_of_discs_are_ten_shades():
    circles = np.array([[k, 0, 0.3, k] for k in range(10)], float)
    scene = Scene((-1.0, 10.0, -1.0, 1.0), circles, np.zeros((0, 5)), np.zeros((0, 4)), (), tuple(f"action {k}" for k in range(10)))
    ax = plots.world_scene(scene)
    discs = [patch for patch in ax.patches if isinstance(patch, Circle)]
    assert len({disc.get_facecolor() for disc in discs}) == 10
    assert [handle.get_facecolor() for handle in ax.get_legend().get_patches()] == [disc.get_facecolor() for disc in discs]

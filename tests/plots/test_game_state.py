"""game_state: every piece stands in its cell; game_image: the same as pixels, of one size, without pyplot."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.patches import Circle

from gametheory_rl import GameError, load_game, plots


def test_pieces_stand_where_the_board_says():
    game = load_game("soccer")
    ax = plots.game_state(game, 100, last=(0, 2), step=3)
    circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
    centres = {tuple(patch.center)[::-1] for patch in circles if patch.get_gid() != "ball"}
    assert centres == {tuple(place) for place in game.board.positions[:, 100].tolist()}
    assert sum(patch.get_gid() == "ball" for patch in circles) == 1
    texts = {text.get_text() for text in ax.texts}
    assert {"A played N", "B played E"} <= texts
    assert ax.get_title(loc="left") == "soccer after 3 steps"


def test_a_game_without_a_board_shows_its_state():
    game = load_game("nosde")
    texts = {text.get_text() for text in plots.game_state(game, 1).texts}
    assert texts == {game.labels.state(1), "2 of 2 states"}


@pytest.mark.parametrize("name", ["soccer", "grid_game_1", "nosde"])
def test_images_are_of_one_size_and_differ(name):
    game = load_game(name)
    one, two, moved = (plots.game_image(game, *told[:1], **told[1]) for told in ((0, {}), (1, {}), (0, {"last": (0, 0), "step": 7})))
    assert one.dtype == np.uint8
    assert one.shape == two.shape == moved.shape
    assert one.shape[2] == 3
    assert (one != two).any()
    assert (one != moved).any()


def test_an_image_needs_no_pyplot():
    code = "import sys, gametheory_rl as gt; gt.plots.game_image(gt.load_game('nosde'), 0); assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: plots.game_state("soccer", 0), "game is str"),
        (lambda g: plots.game_state(g, 999), "state is 999"),
        (lambda g: plots.game_state(g, 0, last=(0,)), "last has 1 actions"),
        (lambda g: plots.game_state(g, 0, last=(0, 9)), "the last action of"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, message):
    with pytest.raises(GameError, match=message):
        call(load_game("nosde"))

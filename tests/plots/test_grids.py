"""policy_grid and value_grid: pieces stand where the board says, arrows are the probabilities, colours the values."""

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import Circle, FancyArrow

from gametheory_rl import GameError, StochasticGame
from gametheory_rl.plots._style import BLUE, VERMILION
from tests.plots.drawn import plots


def arrows(ax) -> list[Any]:
    return [patch for patch in ax.patches if isinstance(patch, FancyArrow)]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def circles(ax, gid):
    return [patch for patch in ax.patches if isinstance(patch, Circle) and patch.get_gid() == gid]


@pytest.fixture
def profile():
    first = np.tile([0.25, 0.75, 0.0], (6, 1))
    second = np.tile([0.0, 0.0, 1.0], (6, 1))
    return first, second


def test_arrows_are_the_moves_that_are_played(corridor, profile):
    ax = plots.policy_grid(corridor, profile, 0)
    east, west = sorted(arrows(ax), key=lambda arrow: -arrow.get_xy()[:, 0].max())
    assert east.get_xy()[:, 0].min() > 0 > west.get_xy()[:, 0].max(), "A stands in column 0"
    assert np.ptp(west.get_xy()[:, 0]) > np.ptp(east.get_xy()[:, 0])
    assert west.get_alpha() > east.get_alpha()
    assert {".25", ".75", "1", "A", "B"} <= set(texts(ax))
    assert len(circles(ax, "stay")) == 1, "B stands still"


def test_one_players_arrows_alone(corridor, profile):
    assert len(arrows(plots.policy_grid(corridor, profile, 0, player=1))) == 0
    assert len(arrows(plots.policy_grid(corridor, profile, 0, player=0))) == 2


def test_the_ball_is_with_its_holder_and_the_goals_are_named(corridor, profile):
    ax = plots.policy_grid(corridor, profile, 3)
    (ball,) = circles(ax, "ball")
    assert abs(ball.center[0] - corridor.board.positions[0, 3, 1]) < 0.3
    assert {"A scores here", "B scores here"} <= set(texts(ax))
    assert ax.get_title(loc="left") == "corridor: A has the ball"


def test_a_correlated_profile_is_drawn_by_its_marginals(corridor, profile):
    joint = np.einsum("sa,sb->sab", *profile)
    drawn, expected = (texts(plots.policy_grid(corridor, p, 0)) for p in (joint, profile))
    assert drawn == expected


def test_neighbours_arrows_do_not_meet(corridor):
    towards = np.tile([1.0, 0, 0], (6, 1)), np.tile([0, 1.0, 0], (6, 1))
    left, right = arrows(plots.policy_grid(corridor, towards, 0))
    assert left.get_xy()[:, 0].max() < right.get_xy()[:, 0].min()


def test_cells_hold_the_values_of_the_movers_states(corridor):
    values = np.stack([np.array([0.5, 0.25, -1.0, 0.1, -0.5, 0.75])] * 2) * [[1], [-1]]
    ax = plots.value_grid(corridor, values, state=0)
    shown = set(texts(ax))
    # State 0 is A in cell 0, B in cell 1; the other state with B in cell 1 is number 5, A in cell 2.
    assert {"+0.500", "+0.750", "B"} <= shown
    assert sum(text.startswith(("+", "\N{MINUS SIGN}")) for text in shown) == 2
    (here,) = circles(ax, "here")
    assert here.center == (0, 0)


def test_the_colours_are_centred_at_zero(corridor):
    from matplotlib.colors import to_rgb

    values = np.zeros((2, 6))
    values[0, 0], values[0, 5] = 1.0, -1.0
    ax = plots.value_grid(corridor, values, state=0)
    faces = {patch.get_facecolor()[:3] for patch in ax.patches}
    assert {to_rgb(BLUE), to_rgb(VERMILION)} <= faces
    flipped = plots.value_grid(corridor, values[::-1], state=0, player=1)
    assert ax.get_title(loc="left") == "Value to A over A's cell, A with the ball"
    assert flipped.get_title(loc="left") == "Value to B over A's cell, A with the ball"


def test_values_of_zero_are_drawn_without_a_sign(corridor):
    assert "0.00" in texts(plots.value_grid(corridor, np.zeros((2, 6)), state=0))


def test_the_other_player_can_move(corridor):
    values = np.arange(12.0).reshape(2, 6)
    ax = plots.value_grid(corridor, values, state=0, mover=1, player=1)
    assert {"+6.00", "+7.00", "A"} <= set(texts(ax))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g, p: plots.policy_grid(g, p, 6), "state is 6"),
        (lambda g, p: plots.policy_grid(g, p, 0, player=2), "player is 2"),
        (lambda g, p: plots.policy_grid(g, p[:1], 0), "1 players' policies"),
        (lambda g, p: plots.policy_grid(3, p, 0), "game is int"),
        (lambda g, p: plots.value_grid(g, np.zeros((2, 5)), state=0), r"values have shape \(2, 5\)"),
        (lambda g, p: plots.value_grid(g, np.zeros((2, 6)), state=-1), "state is -1"),
        (lambda g, p: plots.value_grid(g, np.zeros((2, 6)), state=0, mover=5), "mover is 5"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(corridor, profile, call, message):
    with pytest.raises(GameError, match=message):
        call(corridor, profile)
    assert plt.get_fignums() == []


def test_a_game_without_a_board_is_refused():
    game = StochasticGame.from_matrix_game([[1, -1], [-1, 1]])
    with pytest.raises(GameError, match="has no board"):
        plots.policy_grid(game, (np.ones((1, 2)) / 2,) * 2, 0)
    with pytest.raises(GameError, match="has no board"):
        plots.value_grid(game, np.zeros((2, 1)), state=0)

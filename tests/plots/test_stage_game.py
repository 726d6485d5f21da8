"""stage_game: every payoff, name and probability stands in the table, and best responses are marked."""

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from gametheory_rl import GameError, StochasticGame
from gametheory_rl.plots._style import BLUE, VERMILION
from tests.plots.drawn import plots

MINUS = "\N{MINUS SIGN}"


def texts(ax):
    return [text.get_text() for text in ax.texts]


def marks(ax, colour):
    return {
        (round(float(np.mean(line.get_xdata())), 2), round(float(line.get_ydata()[0])))
        for line in ax.get_lines()
        if line.get_color() == colour
    }


def test_a_zero_sum_table_shows_player_ones_payoffs_and_both_margins():
    game = StochasticGame.from_matrix_game([[2, -1], [-1, 1]], labels={"actions": ("left", "right")})
    mix = np.array([[0.4, 0.6]])
    ax = plots.stage_game(game, 0, profile=(mix, mix))
    shown = texts(ax)
    assert shown.count(f"{MINUS}1") == 2
    assert {"2", "1", "left", "right", "player 1", "player 2"} <= set(shown)
    assert shown.count(".400") == shown.count(".600") == 2
    assert shown.count("0.20") == 4, "every action earns the value against an equilibrium"
    assert "Stage value to player 1: 0.200" in shown[-1]


def test_best_responses_of_both_are_marked():
    game = StochasticGame.from_matrix_game([[2, -1], [-1, 1]])
    ax = plots.stage_game(game, 0)
    assert marks(ax, BLUE) == {(0, 0), (1, 1)}
    assert marks(ax, VERMILION) == {(1, 0), (0, 1)}


def test_a_general_sum_table_shows_pairs():
    game = StochasticGame.from_matrix_game([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], name="prisoners_dilemma")
    ax = plots.stage_game(game, 0, profile=(np.array([[0.0, 1]]), np.array([[0.0, 1]])))
    assert texts(ax).count("5") == texts(ax).count("3") == 2
    assert marks(ax, BLUE) == {(-0.24, 1), (0.76, 1)}
    assert marks(ax, VERMILION) == {(1.24, 0), (1.24, 1)}
    assert "Expected payoffs: player 1 1.000, player 2 1.000" in texts(ax)[-1]
    assert ax.get_title(loc="left") == "prisoners dilemma"


def test_continuation_values_are_added(corridor):
    values = np.full((2, 6), 10.0) * [[1], [-1]]
    ax = plots.stage_game(corridor, 0, values)
    assert f"{MINUS}11" in texts(ax), "-20 now and 0.9 * 10 later"
    assert ax.get_title(loc="left") == "corridor, stage game at state 0"


def test_illegal_actions_are_left_out():
    legal = (np.array([[True, False]]), np.array([[True, True]]))
    game = StochasticGame([[[[1.0, 2.0], [7, 7]]], [[[0.0, 0.0], [7, 7]]]], np.ones((1, 2, 2, 1)), 0.0, legal=legal)
    ax = plots.stage_game(game, 0, profile=(np.array([[1.0, 0]]), np.array([[0.5, 0.5]])))
    assert "7" not in texts(ax)
    assert texts(ax).count("2") == 1


def test_a_correlated_profile_shades_its_cells():
    game = StochasticGame.from_matrix_game([[[6, 2], [7, 0]], [[6, 7], [2, 0]]])
    joint = np.array([[[1, 1], [1, 0]]]) / 3
    ax = plots.stage_game(game, 0, profile=joint)
    shades = [patch.get_alpha() for patch in ax.patches if patch.get_zorder() == 1.5]
    assert shades[0] == shades[1] == shades[2] > shades[3] == 0
    assert texts(ax).count(".667") == 2


def test_one_player_is_a_column():
    game = StochasticGame([[[1.0, 2.0]]], np.ones((1, 2, 1)), 0.5)
    ax = plots.stage_game(game, 0, [[4.0]], (np.array([[0.0, 1.0]]),))
    assert {"3", "4", "Stage value to player 1: 4.000\nUnderlined: the best action."} <= set(texts(ax))


def test_a_large_table_shrinks_its_letters():
    rng = np.random.default_rng(0)
    small, large = (StochasticGame.from_matrix_game(rng.standard_normal((k, k))) for k in (3, 30))
    sizes = [plots.stage_game(game, 0).texts[0].get_fontsize() for game in (small, large)]
    assert sizes[0] == 13
    assert 3 < sizes[1] < 9


def test_letters_fit_small_axes():
    game = StochasticGame.from_matrix_game(np.eye(5) / 3)
    ax: Any = Figure(figsize=(3, 2)).subplots()
    assert plots.stage_game(game, 0, ax=ax) is ax
    assert ax.texts[0].get_fontsize() < 9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: plots.stage_game(g, 1), "state is 1"),
        (lambda g: plots.stage_game(g, 0, np.zeros((2, 2))), r"values have shape \(2, 2\)"),
        (lambda g: plots.stage_game(g, 0, None, (np.array([[0.5, 0.6]]),) * 2), "not a probability distribution"),
        (lambda g: plots.stage_game(StochasticGame.from_matrix_game(np.zeros((3, 2, 2, 2))), 0), "3 players"),
        (lambda g: plots.stage_game("soccer", 0), "game is str"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(GameError, match=message):
        call(StochasticGame.from_matrix_game(np.eye(2)))
    assert plt.get_fignums() == []

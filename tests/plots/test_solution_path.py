"""What the picture of a path holds."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError

from .drawn import plots


@pytest.mark.parametrize("path", ["tracing", "quantal"])
def test_a_line_for_each_legal_action_that_ends_in_the_equilibrium(path):
    game = gt.load_game("nosde")
    solution = gt.solve(game, "homotopy", path=path)
    ax = plots.solution_path(game, solution, 0)
    lines = {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}
    assert len(lines) == sum(mask[0].sum() for mask in game.legal)
    keep = lines[f"{game.labels.player(0)}: keep"]
    np.testing.assert_array_equal(keep.get_xdata(), solution.trace["parameter"])
    np.testing.assert_array_equal(keep.get_ydata(), solution.trace["policy_0"][:, 0, 0])
    assert abs(keep.get_ydata()[-1] - solution.profile[0][0, 0]) < 0.1
    assert ax.get_xscale() == ("symlog" if path == "quantal" else "linear")


def test_one_player_alone():
    game = gt.load_game("mckelvey_mclennan")
    solution = gt.solve(game, "homotopy")
    ax = plots.solution_path(game, solution, player=2)
    assert all(text.get_text().startswith(game.labels.player(2)) for text in ax.get_legend().get_texts())


def test_a_change_alone_where_there_is_no_bound():
    game = gt.load_game("nosde")
    ax = plots.value_trace(gt.solve(game, "nash_iteration", throw=False))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["residual (last change)"]
    assert "change" in ax.get_title(loc="left")


def test_what_cannot_be_drawn():
    game = gt.load_game("nosde")
    with pytest.raises(GameError, match="no path"):
        plots.solution_path(game, gt.solve(game, "foe_iteration"), 0)
    with pytest.raises(GameError, match="state"):
        plots.solution_path(game, gt.solve(game, "homotopy"), 7)

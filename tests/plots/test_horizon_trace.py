"""What the picture of a game of finitely many stages holds."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl.stochastic import finite_horizon

from .drawn import plots


@pytest.mark.parametrize("concept", ["nash", "correlated"])
def test_a_line_for_each_player_against_the_stages_left(concept):
    game = gt.load_game("nosde")
    solution = finite_horizon(game, 7, concept=concept)
    ax = plots.horizon_trace(game, solution, 1)
    for player, line in enumerate(ax.get_lines()):
        assert line.get_label() == game.labels.player(player)
        np.testing.assert_array_equal(line.get_xdata(), np.arange(7, -1, -1))
        np.testing.assert_array_equal(line.get_ydata(), solution.values[:, player, 1])
    assert len(plots.horizon_trace(game, solution, player=1).get_lines()) == 1


def test_what_is_no_such_solution_is_refused():
    game = gt.load_game("nosde")
    with pytest.raises(GameError, match="finite_horizon"):
        plots.horizon_trace(game, gt.solve(game, "foe_iteration"))
    with pytest.raises(GameError, match="state"):
        plots.horizon_trace(game, finite_horizon(game, 2), 2)

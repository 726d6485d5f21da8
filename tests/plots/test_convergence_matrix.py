"""What the picture of the convergence matrix shows."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import plots


@pytest.fixture
def matrix():
    return gt.convergence_matrix(["matching_pennies", "climbing"], ["minimax_q", "independent_q"], steps=2000, seeds=1)


def test_cells_hold_the_gaps_and_blanks_nothing(matrix):
    ax = plots.convergence_matrix(matrix)
    ax.figure.canvas.draw()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["minimax q", "independent q"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["matching pennies", "climbing"]
    written = {tuple(map(int, text.get_position())): text.get_text() for text in ax.texts}
    assert set(written) == {(0, 0), (1, 0), (1, 1)}  # Minimax-Q does not play climbing
    assert written[0, 0] == "0"
    assert float(written[1, 0]) == pytest.approx(matrix.gaps[1, 0], rel=0.05)
    drawn = ax.images[0].get_array()
    np.testing.assert_array_equal(np.ma.getmaskarray(drawn), [[False, False], [True, False]])
    assert "2,000 steps" in ax.get_title(loc="left")


def test_something_else_is_refused():
    with pytest.raises(gt.GameError, match="convergence_matrix"):
        plots.convergence_matrix([[1.0]])

"""recurrence and selection_shares: the picture is the policies' distances, the bars are the shares."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from gametheory_rl import GameError, Run, bands
from gametheory_rl._results import Watch
from gametheory_rl.plots._style import COLOURS, PALE
from tests.plots.drawn import plots

PURE = {"left": np.array([[1.0, 0.0]]), "right": np.array([[0.0, 1.0]])}


def ended(places, gaps, values):
    """A run whose seeds ended at the named profiles, with exact gaps and values."""
    profiles = tuple((PURE[place], PURE[place]) for place in places)
    gaps = np.asarray(gaps, float)[:, None]
    watch = Watch(np.arange(1, 3), np.zeros((len(places), 2, 4), np.float32), np.asarray(values, float)[:, None])
    return Run(profiles, profiles, {"step": np.full(gaps.shape, 9), "nash_gap": gaps}, {"learner": "made", "payoff_span": 1.0}, watch=watch)


def watched(period=8, count=64):
    phase = np.arange(count) // (period // 4) % 4
    path = np.eye(4)[phase]
    steps = np.arange(1, count + 1)
    watch = Watch(steps, np.stack([path, 0 * path]).astype(np.float32), np.zeros((2, 0, 2)))
    return Run((), (), {}, {"learner": "made_up", "game": "a game"}, watch=watch)


def test_a_cycle_is_stripes_at_its_period():
    ax = plots.recurrence(watched(8))
    picture = np.asarray(ax.get_images()[0].get_array())
    steps = np.arange(64)
    assert (picture == (steps[:, None] // 2 % 4 == steps // 2 % 4)).all()
    assert ax.get_title(loc="left") == "Recurrence: made up on a game"


def test_rest_is_one_square_and_the_end_can_be_looked_at_alone():
    ax = plots.recurrence(watched(), seed=1, last=0.5)
    assert np.asarray(ax.get_images()[0].get_array()).all()
    assert ax.get_images()[0].get_extent() == [32, 64, 32, 64]


def test_bars_are_shares_of_seeds():
    values = [[2, 1]] * 3 + [[1, 2]] * 2 + [[0, 0]]
    run = ended(["left"] * 3 + ["right"] * 2 + ["left"], [0, 0, 0, 0, 0, 1], values)
    ax = plots.selection_shares(run)
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([1 / 2, 1 / 3, 1 / 6])
    assert [bar.get_x() for bar in ax.patches] == pytest.approx([0, 1 / 2, 5 / 6])
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == [COLOURS[0].lower(), COLOURS[1].lower(), PALE]
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["equilibrium worth (2, 1)", "equilibrium worth (1, 2)", "no equilibrium"]
    assert [text.get_text() for text in ax.texts] == ["3", "2", "1"]


def test_the_same_equilibrium_has_one_colour_in_all_runs():
    one = ended(["left", "left", "right"], [0, 0, 0], [[2, 1], [2, 1], [1, 2]])
    other = ended(["right", "right"], [0, 0], [[1, 2], [1, 2]])
    ax = plots.selection_shares({"one": one, "other": other})
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches]
    assert colours == [COLOURS[0].lower(), COLOURS[1].lower(), COLOURS[1].lower()]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "other"]


def test_equilibria_of_the_same_worth_are_told_apart_by_their_profiles():
    ax = plots.selection_shares(ended(["left", "right", "right"], [0, 0, 0], [[1, 1]] * 3))
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([2 / 3, 1 / 3])
    assert len({to_hex(bar.get_facecolor()) for bar in ax.patches}) == 2


def test_the_iqm_band_is_that_of_bands(make_run):
    run = make_run(seeds=9)
    ax = plots.nash_gap(run, band="iqm")
    band = bands(run)
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), band.iqm)
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (band.low.min(), band.high.max())
    assert "interquartile mean of 9 seeds" in ax.get_legend().get_title().get_text()


def test_they_draw_on_the_axes_given():
    given = Figure().subplots()
    assert plots.recurrence(watched(), ax=given) is given
    assert plots.selection_shares(ended(["left"], [0], [[1, 1]]), ax=given) is given
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.recurrence(3), "run is int"),
        (lambda: plots.recurrence(Run((), (), {}, {})), "not watched"),
        (lambda: plots.recurrence(watched(), seed=2), "seed is 2"),
        (lambda: plots.recurrence(watched(), last=0), "last is 0"),
        (lambda: plots.selection_shares(Run((), (), {}, {})), "no exact gap"),
        (lambda: plots.selection_shares(3), "is int, a Run"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(GameError, match=message):
        call()
    assert plt.get_fignums() == []

"""nash_gap and value_error: the lines are the medians, the bands the spread."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from gametheory_rl import GameError
from tests.plots.drawn import plots


def band_of(ax, index=0):
    return ax.collections[index].get_paths()[0].vertices


def test_the_line_is_the_median_over_seeds_and_the_band_their_range(make_run):
    run = make_run(seeds=5)
    ax = plots.nash_gap(run)
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), run.trace["step"][0])
    np.testing.assert_array_equal(line.get_ydata(), np.median(run.trace["nash_gap"], axis=0))
    heights = band_of(ax)[:, 1]
    assert heights.min() == run.trace["nash_gap"].min()
    assert heights.max() == run.trace["nash_gap"].max()
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_quartiles_lie_within_the_range(make_run):
    run = make_run(seeds=9)
    wide, narrow = (band_of(plots.nash_gap(run, band=band))[:, 1] for band in ("range", "quartiles"))
    assert narrow.max() < wide.max()
    assert narrow.max() == np.quantile(run.trace["nash_gap"], 0.75, axis=0).max()


@pytest.mark.parametrize("column", ["start_gap", "value_error"])
def test_other_columns_are_drawn(make_run, column):
    run = make_run()
    ax = plots.nash_gap(run, column=column) if column != "value_error" else plots.value_error(run)
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), np.median(run.trace[column], axis=0))


def test_runs_are_overlaid_with_labels_colours_and_dashes_of_their_own(make_run):
    ax = plots.nash_gap([make_run("minimax_q"), make_run("independent_q"), make_run("independent_q")])
    lines = ax.get_lines()
    assert [line.get_label() for line in lines] == ["minimax_q", "independent_q", "independent_q (2)"]
    assert len({to_hex(line.get_color()) for line in lines}) == 3
    assert len({line.get_marker() for line in lines}) == 3
    assert "median of 3 seeds" in ax.get_legend().get_title().get_text()


def test_a_mapping_gives_the_labels(make_run):
    ax = plots.value_error({"Littman's schedule": make_run(), "default": make_run(seeds=1)})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Littman's schedule", "default"]
    assert len(ax.collections) == 1, "one seed has no band"
    assert "1 to 3 seeds" in ax.get_legend().get_title().get_text()


def test_one_seed_needs_no_note(make_run):
    assert plots.nash_gap(make_run(seeds=1)).get_legend().get_title().get_text() == ""


def test_zeros_and_step_zero_are_left_out_without_a_word(make_run):
    run = make_run()
    run.trace["nash_gap"][:, -1] = 0.0
    ax = plots.nash_gap(run)
    ax.figure.canvas.draw()
    assert ax.get_ylim()[0] > 0


def test_few_decades_have_labels_between_the_powers_of_ten(make_run):
    run = make_run(seeds=1)
    run.trace["nash_gap"][:] = np.linspace(3, 0.9, 20)
    ax = plots.nash_gap(run)
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    shown = [tick.label1.get_text() for tick in ax.yaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    assert shown == ["1", "2"]


def test_it_draws_on_the_axes_given_and_makes_no_figure(make_run):
    given = Figure().subplots()
    assert plots.nash_gap(make_run(), ax=given) is given
    assert plots.value_error(make_run(), ax=given) is given
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: plots.nash_gap(run, column="team_gap"), "no column 'team_gap'.* it has: nash_gap, start_gap, value_error"),
        (lambda run: plots.nash_gap(run, band="quartile"), "did you mean 'quartiles'"),
        (lambda run: plots.nash_gap([]), "run_or_runs is empty"),
        (lambda run: plots.nash_gap([run, 3]), "holds a int"),
        (lambda run: plots.nash_gap(3), "is int, a Run"),
        (lambda run: plots.nash_gap("run.npz"), "is str, a Run"),
        (lambda run: plots.nash_gap(run, ax=plt), "ax is module"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(make_run, call, message):
    with pytest.raises(GameError, match=message):
        call(make_run())
    assert plt.get_fignums() == []


def test_a_run_without_records_is_refused(make_run):
    run = make_run(records=0)
    with pytest.raises(GameError, match=r"has shape \(3, 0\)"):
        plots.nash_gap(run)

"""value_trace: the columns of the trace, the reference line, the closing band."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from gametheory_rl import GameError
from tests.plots.drawn import plots


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_bound_and_residual_are_drawn_as_they_are(make_solution):
    solution = make_solution()
    lines = lines_of(plots.value_trace(solution))
    np.testing.assert_array_equal(lines["certified error"].get_xdata(), np.arange(1, 41))
    np.testing.assert_array_equal(lines["certified error"].get_ydata(), solution.trace["bound"])
    np.testing.assert_array_equal(lines["residual (last change)"].get_ydata(), solution.trace["residual"])


def test_the_reference_line_has_the_discounts_slope_and_the_first_bound(make_solution):
    ax = plots.value_trace(make_solution(), discount=0.9)
    reference = next(line for line in ax.get_lines() if "discount" in line.get_label()).get_ydata()
    np.testing.assert_allclose(reference[1:] / reference[:-1], 0.9)
    assert reference[0] == make_solution().trace["bound"][0]


def test_solutions_are_overlaid_with_their_iterations(make_solution):
    ax = plots.value_trace([make_solution(), make_solution("policy_iteration", 5, 0.1), make_solution("newton", 3, 0.01)], discount=0.8)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[:3] == ["value iteration (40)", "policy iteration (5)", "newton (3)"]
    assert len(labels) == 5, "one entry for all residuals, one for the reference"
    assert ax.get_yscale() == "log"


def test_zeros_are_gaps_on_the_logarithmic_axis(make_solution):
    solution = make_solution()
    solution.trace["residual"][-1] = 0.0
    line = lines_of(plots.value_trace(solution))["residual (last change)"]
    assert np.isnan(line.get_ydata()[-1])


def test_values_of_chosen_states_with_their_band(make_solution):
    solution = make_solution()
    ax = plots.value_trace(solution, states={"left": 0, "right": 2})
    for line, state in zip(ax.get_lines(), (0, 2), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), solution.trace["values"][:, state])
    bands = [collection.get_paths()[0].vertices[:, 1] for collection in ax.collections]
    assert bands[0].min() == solution.trace["lower"][:, 0].min()
    assert bands[1].max() == solution.trace["upper"][:, 2].max()
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["left: \N{MINUS SIGN}0.999867", "right: 0.999867"]
    low, high = ax.get_ylim()
    assert -5 < low < -1, "the first bands, ten wide, are cut so that the values are seen"
    assert 1 < high < 5


def test_states_may_be_a_list(make_solution):
    ax = plots.value_trace(make_solution(), states=[1])
    assert ax.get_lines()[0].get_label().startswith("state 1: ")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda make: plots.value_trace(make(), states=[3]), "states holds 3, integers from 0 to 2"),
        (lambda make: plots.value_trace(make(), states=[]), "states is empty"),
        (lambda make: plots.value_trace([make(), make()], states=[0]), "2 solutions were given with states"),
        (lambda make: plots.value_trace(make(with_values=False), states=[0]), "no column 'values'"),
        (lambda make: plots.value_trace(make(), discount=1.0), "discount is 1.0"),
        (lambda make: plots.value_trace([]), "solution is empty"),
        (lambda make: plots.value_trace("newton"), "solution is str"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(make_solution, call, message):
    with pytest.raises(GameError, match=message):
        call(make_solution)
    assert plt.get_fignums() == []

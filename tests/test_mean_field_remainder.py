"""The remainder of the mean-field view, against closed forms and enumeration."""

from itertools import product

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError, mean_field_remainder
from tests.learners.games import symmetric_game


def game_of(payoff, players, actions):
    """Payoffs ``payoff(player, own, others)`` of every joint action."""
    tensor = np.empty((players, *[actions] * players))
    for joint in np.ndindex(*tensor.shape[1:]):
        for i, own in enumerate(joint):
            tensor[(i, *joint)] = payoff(i, own, joint[:i] + joint[i + 1 :])
    return tensor


PAIR = np.random.default_rng(0).normal(size=(3, 3))
PAIRS = np.random.default_rng(1).normal(size=(4, 3, 3, 3))


def test_pairwise_payoffs_of_equal_others_have_none_on_the_simplex():
    found = mean_field_remainder(game_of(lambda _, own, others: PAIR[own, list(others)].mean(), 4, 3))
    assert found.largest < 1e-14
    assert np.abs(found.first_order).max() < 1e-14


def test_pairwise_payoffs_of_unequal_others_are_first_order():
    tensor = game_of(lambda i, own, others: np.mean([PAIRS[i, k, own, a] for k, a in enumerate(others)]), 4, 3)
    found = mean_field_remainder(tensor)
    assert found.largest < 1e-14
    assert np.abs(found.first_order).max() > 0.1
    np.testing.assert_allclose(found.mean_field + found.first_order, tensor, atol=1e-14)


def test_a_pairwise_parabola_on_a_line_leaves_half_its_curvature_times_the_spread():
    places = np.array([0.0, 1.0, 3.0])
    tensor = game_of(lambda _, own, others: np.mean([(places[own] - places[a]) ** 2 for a in others]), 4, 3)
    found = mean_field_remainder(tensor, places=places)
    np.testing.assert_allclose(found.remainder, found.spread, atol=1e-12)
    np.testing.assert_allclose(found.first_order, 0, atol=1e-12)
    for joint in product(range(3), repeat=4):
        assert found.spread[(0, *joint)] == pytest.approx(places[list(joint[1:])].var())


def test_payoffs_of_the_sum_have_none_on_a_line_but_some_on_the_simplex():
    places = np.array([0.0, 1.0, 2.0])
    tensor = game_of(lambda _, own, others: (own + sum(others)) ** 2, 4, 3)
    assert mean_field_remainder(tensor, places=places).largest < 1e-12
    assert mean_field_remainder(tensor).largest > 0.5


def test_on_the_simplex_the_mean_field_is_mixed_play():
    game = symmetric_game(3, players=4, actions=2, discount=0.5)
    values = np.random.default_rng(2).normal(size=(4, 4))
    tensor = game.stage(1, values)
    found = mean_field_remainder(game, state=1, values=values)
    for joint in product(range(2), repeat=4):
        shares = np.bincount(joint[1:], minlength=2) / 3
        drawn = sum(np.prod(shares[list(others)]) * tensor[(0, joint[0], *others)] for others in product(range(2), repeat=3))
        assert found.mean_field[(0, *joint)] == pytest.approx(drawn, abs=1e-13)
        assert found.spread[(0, *joint)] == pytest.approx(1 - shares @ shares)
    np.testing.assert_allclose(found.first_order, 0, atol=1e-13)
    np.testing.assert_allclose(found.mean_field + found.first_order + found.remainder, tensor, atol=1e-14)
    assert found.largest > found.root_mean_square > 0.01
    one = mean_field_remainder(game, state=1)
    np.testing.assert_allclose(one.mean_field + one.first_order + one.remainder, game.payoff[:, 1], atol=1e-14)


def test_where_all_others_do_the_same_nothing_is_lost():
    found = mean_field_remainder(np.random.default_rng(3).normal(size=(3, 3, 3, 3)))
    for own, other in product(range(3), repeat=2):
        assert found.remainder[0, own, other, other] == pytest.approx(0, abs=1e-14)
        assert found.spread[0, own, other, other] == 0


def test_it_is_drawn_by_spread():
    found = {f"{n} players": mean_field_remainder(symmetric_game(n, players=n, actions=2), state=1) for n in (3, 4, 5)}
    ax = gt.plots.mean_field_remainder(found)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(found)
    for line, one in zip(ax.lines, found.values(), strict=True):
        x, y = (np.asarray(part, float) for part in line.get_data())
        assert np.array_equal(x, np.unique(one.spread.round(12)))
        for spread, size in zip(x, y, strict=True):
            assert size == pytest.approx(np.sqrt((one.remainder[one.spread.round(12) == spread] ** 2).mean()))
    assert ax.get_ylim()[0] == 0
    with pytest.raises(GameError, match="found is str"):
        gt.plots.mean_field_remainder("congestion")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: mean_field_remainder(np.zeros((2, 2, 3))), "as many actions each"),
        (lambda: mean_field_remainder(np.zeros((1, 2))), "two players or more"),
        (lambda: mean_field_remainder(np.full((2, 2, 2), np.nan)), "finite ones were expected"),
        (lambda: mean_field_remainder("soccer"), "game"),
        (lambda: mean_field_remainder(symmetric_game(0), state=9), "state is 9"),
        (lambda: mean_field_remainder(symmetric_game(0, actions=3)), "illegal"),
        (lambda: mean_field_remainder(np.zeros((2, 2, 2)), places=[1, 1]), "2 different finite numbers"),
        (lambda: mean_field_remainder(np.zeros((2, 2, 2)), places=[1]), "2 different finite numbers"),
        (lambda: mean_field_remainder(np.zeros((10, *[3] * 10))), "multiplications"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, says):
    with pytest.raises(GameError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)

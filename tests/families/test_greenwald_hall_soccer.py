"""Greenwald and Hall's soccer: the rules told twice, the counts, symmetry, bad arguments."""

from itertools import product

import numpy as np
import pytest

from gametheory_rl import GameError
from gametheory_rl.families import greenwald_hall_soccer
from tests.families.reference import greenwald_hall, rows_of, shapley_values
from tests.families.test_soccer import ACTIONS, placings


@pytest.mark.parametrize(("rows", "columns"), [(2, 4), (1, 3), (3, 3)])
def test_every_transition(rows, columns):
    game = greenwald_hall_soccer(rows, columns, reward=100.0)
    states = [*placings(rows, columns), "end"]
    number = {state: i for i, state in enumerate(states)}
    found = rows_of(game)
    assert game.num_states == len(states)
    for s, state in enumerate(states[:-1]):
        for i, j in product(range(5), repeat=2):
            goals, after = greenwald_hall(state, (ACTIONS[i], ACTIONS[j]), rows, columns)
            assert game.payoff[0, s, i, j] == 100 * float(goals)
            assert found[s, i, j] == {number[to]: float(p) for to, p in after.items()}


def test_the_papers_sizes():
    game = greenwald_hall_soccer()
    assert game.num_states == 112 + 1
    assert np.flatnonzero(game.terminal).tolist() == [112]
    assert game.start[:112] == pytest.approx(np.full(112, 1 / 112), rel=1e-14)
    assert game.zero_sum


def test_the_one_who_is_handed_the_ball_in_an_end_column_scores_at_his_own_turn():
    game = greenwald_hall_soccer()
    state = game.labels.states.index("A(0,1) B(0,0), A has the ball")
    west, stand = game.labels.actions[0].index("W"), game.labels.actions[1].index("stand")
    # A first: he loses the ball to B, whose own turn then ends in the left column; B first: he stands, then A loses the ball.
    assert game.payoff[0, state, west, stand] == 50
    handed = game.labels.states.index("A(0,1) B(0,0), B has the ball")
    assert rows_of(game)[state, west, stand] == {handed: 0.5, 112: 0.5}


def test_turning_the_board_and_exchanging_the_players_negates_the_values():
    game = greenwald_hall_soccer()
    states = placings(2, 4)
    number = {state: i for i, state in enumerate(states)}
    twin = [number[(1 - b[0], 3 - b[1]), (1 - a[0], 3 - a[1]), 1 - ball] for a, b, ball in states]
    values = shapley_values(game, 1e-6)
    assert values[twin] == pytest.approx(-values[:112], abs=1e-5)
    assert values[112] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"columns": 2}, "columns is 2, an integer of at least 3"),
        ({"reward": 0}, "reward is 0"),
        ({"discount": -1}, "discount is -1"),
        ({"rows": 10**5, "columns": 10**5}, "GiB are free"),
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(arguments, message):
    with pytest.raises(GameError, match=message):
        greenwald_hall_soccer(**arguments)

"""Littman's soccer: the rules told twice, the counts and values of the paper, symmetry, bad arguments."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl.families import soccer
from tests.families.reference import littman, rows_of, shapley_values

ACTIONS = ("N", "S", "E", "W", "stand")
MIRROR = np.array([1, 0, 3, 2, 4])  # N <-> S, E <-> W


def placings(rows, columns):
    """States in the order that the builder promises."""
    squares = list(product(range(rows), range(columns)))
    return [(a, b, ball) for ball in (0, 1) for a in squares for b in squares if a != b]


def assert_follows_the_rules(game, rows, columns, goal_rows, starts, draw=Fraction(0)):
    states = placings(rows, columns)
    number = {state: i for i, state in enumerate(states)}
    found = rows_of(game)
    assert game.num_states == len(states)
    for s, state in enumerate(states):
        for i, j in product(range(5), repeat=2):
            payoff, after = littman(state, (ACTIONS[i], ACTIONS[j]), rows, columns, goal_rows, starts, draw)
            assert game.payoff[0, s, i, j] == float(payoff)
            assert game.payoff[1, s, i, j] == -float(payoff)
            wanted = {number[to]: float(p) for to, p in after.items()}
            assert found[s, i, j].keys() == wanted.keys()
            assert all(abs(found[s, i, j][to] - p) < 1e-15 for to, p in wanted.items())


def test_every_transition_of_the_papers_board():
    assert_follows_the_rules(soccer(), 4, 5, {1, 2}, ((1, 3), (2, 1)))


@settings(max_examples=12)
@given(st.data())
def test_every_transition_of_other_boards(data):
    rows, columns = data.draw(st.integers(1, 3)), data.draw(st.integers(2, 4))
    goal_rows = data.draw(st.sets(st.integers(0, rows - 1), min_size=1))
    squares = st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1))
    starts = data.draw(st.tuples(squares, squares).filter(lambda pair: pair[0] != pair[1]))
    draw = data.draw(st.sampled_from([Fraction(0), Fraction(1, 8), Fraction(1)]))
    game = soccer(rows, columns, sorted(goal_rows), starts, draw=float(draw))
    assert_follows_the_rules(game, rows, columns, goal_rows, starts, draw)


def test_the_papers_sizes():
    game = soccer()
    assert (game.num_states, game.num_actions) == (760, (5, 5))
    assert game.zero_sum
    assert not game.terminal.any()
    assert soccer(8, 10).num_states == 12640


def test_starts_at_the_kick_off():
    game = soccer()
    assert {game.labels.state(s): game.start[s] for s in np.flatnonzero(game.start)} == {
        "A(1,3) B(2,1), A has the ball": 0.5,
        "A(1,3) B(2,1), B has the ball": 0.5,
    }


@pytest.mark.parametrize(("rows", "columns"), [(4, 5), (3, 4), (1, 2), (5, 3)])
def test_turning_the_board_and_exchanging_the_players_negates_the_payoffs(rows, columns):
    game = soccer(rows, columns)
    states = placings(rows, columns)
    number = {state: i for i, state in enumerate(states)}

    def turned(state):
        (a, b, ball) = state
        opposite = [(rows - 1 - r, columns - 1 - c) for r, c in (b, a)]
        return (*opposite, 1 - ball)

    twin = np.array([number[turned(state)] for state in states])
    mirrored = game.payoff[0][twin][:, MIRROR][:, :, MIRROR].transpose(0, 2, 1)
    assert np.array_equal(mirrored, game.payoff[1])
    dense = game.dense().transition
    assert np.array_equal(dense[twin][:, MIRROR][:, :, MIRROR][..., twin].transpose(0, 2, 1, 3), dense)
    assert np.array_equal(game.start[twin], game.start)


def test_values_and_saddle_points_of_the_paper():
    game = soccer()
    values = shapley_values(game, 1e-9)
    number = {name: i for i, name in enumerate(game.labels.states)}
    assert values[number["A(1,3) B(2,1), A has the ball"]] == pytest.approx(0.218484, abs=5e-7)
    assert values[number["A(1,3) B(2,1), B has the ball"]] == pytest.approx(-0.218484, abs=5e-7)
    stages = game.payoff[0] + 0.9 * (game.transition @ values).reshape(760, 5, 5)
    gap = stages.max(axis=1).min(axis=1) - stages.min(axis=2).max(axis=1)
    assert (gap > 1e-7).sum() == 56


def test_starts_exchanged_give_the_famous_wrong_value():
    game = soccer(starts=((2, 1), (1, 3)))
    values = shapley_values(game, 1e-6)
    assert values[game.start > 0] == pytest.approx([0.9, -0.9], abs=1e-5)


def test_board_agrees_with_labels_and_goals():
    game = soccer()
    (ra, ca), (rb, cb) = game.board.positions[:, 162]
    assert game.labels.state(162) == f"A({ra},{ca}) B({rb},{cb}), {'AB'[game.board.holder[162]]} has the ball"
    assert set(game.board.goals) == {(1, -1, 0), (2, -1, 0), (1, 5, 1), (2, 5, 1)}
    assert game.board.moves == ((-1, 0), (1, 0), (0, 1), (0, -1), (0, 0))


def test_large_boards_carry_no_labels():
    assert soccer(10, 11).labels.states == ()


def test_middle_rows_are_the_goal():
    assert {row for row, _, _ in soccer(5, 4).board.goals} == {2}
    assert {row for row, _, _ in soccer(6, 4).board.goals} == {2, 3}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rows": 0}, "rows is 0, an integer of at least 1"),
        ({"rows": 2.5}, "rows is 2.5, an integer"),
        ({"rows": True}, "rows is True, an integer"),
        ({"columns": "5"}, "columns is '5'"),
        ({"goal_rows": [4]}, "a goal row is 4, an integer from 0 to 3"),
        ({"goal_rows": []}, "goal_rows is \\[\\]"),
        ({"goal_rows": 1}, "goal_rows is 1, a list"),
        ({"starts": [(1, 1), (1, 1)]}, "A and B both start at"),
        ({"starts": [(1, 1)]}, "starts is"),
        ({"starts": 3}, "starts is 3"),
        ({"starts": [(1, 1), (9, 1)]}, "the row of the start of B is 9"),
        ({"starts": [(1, 1), "ab"]}, "the start of B is 'ab'"),
        ({"discount": 1.5}, "discount is 1.5"),
        ({"discount": float("nan")}, "discount is nan"),
        ({"draw": -0.1}, "draw is -0.1"),
        ({"rows": 1, "columns": 1}, "A and B both start"),
        ({"rows": 10**6, "columns": 10**6}, "GiB are free"),
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(arguments, message):
    with pytest.raises(GameError, match=message):
        soccer(**arguments)

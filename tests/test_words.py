"""What is said of bad input: one sentence that names what was got, where, and what was expected."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl._support._json import TwiceError, parsed
from gametheory_rl.learners import MinimaxQ


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1,\n "b": {"a": 2},\n  "a" : 3}', "'a' twice: line 3 column 3"),
        ('{"x": ["a", "a", {"q": 1, "q": 2}]}', "'q' twice: line 1 column 27"),
        ('{"\\u0061": "{\\"", "a": 2}', "'a' twice: line 1 column 19"),
    ],
)
def test_a_key_twice_is_found_by_line_and_column(text, place):
    with pytest.raises(TwiceError) as caught:
        parsed(text)
    assert place in str(caught.value)


def test_names_that_are_no_text_are_refused_in_a_sentence():
    with pytest.raises(GameError, match=r"name of a paper was expected, not \['a'\]"):
        gt.reproduce(["a"])


def test_numbers_of_numpy_are_numbers_and_booleans_are_no_states():
    assert MinimaxQ(exploration=np.float32(0.5)).exploration == 0.5
    with pytest.raises(GameError, match="policy state is True"):
        gt.learn(gt.load_game("matching_pennies"), "minimax_q", steps=5, policy_states=[True])


def test_the_truth_of_another_game_of_the_same_shape_is_refused():
    pennies, other = gt.load_game("matching_pennies"), gt.StochasticGame.from_matrix_game([[3, 0], [0, 1]])
    with pytest.raises(GameError, match="solution of another game"):
        gt.learn(pennies, "minimax_q", steps=5, exact=gt.solve(other), progress=False)
    coarse = gt.solve(gt.load_game("big_match"), "value_iteration", tol=0.1, progress=False)
    run = gt.learn(gt.load_game("big_match"), "minimax_q", steps=5, exact=coarse, progress=False)
    assert "value_error" in run.trace

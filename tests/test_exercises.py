"""The checks of exercises: right answers pass, wrong ones get a hint that does not hold the answer."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import equilibria as eq
from gametheory_rl._support._errors import UnknownNameError
from gametheory_rl.exercises import _lesson_03

NAMES = gt.exercises.list_exercises()


def worth_three():
    payoff = np.zeros((2, 2, 2, 2))
    payoff[:, :] = np.array([1.5, -1.5])[:, None, None, None]
    return gt.StochasticGame(payoff, np.full((2, 2, 2, 2), 0.5), 0.5)


def longer(discount):
    game = gt.load_game("irrational_value")
    return gt.solve(gt.StochasticGame(game.payoff, game.transition, discount)).values[0, 0]


def soccer_numbers():
    game = gt.load_game("soccer")
    uniform = tuple(legal / legal.sum(axis=1, keepdims=True) for legal in game.legal)
    kickoff = game.labels.states.index("A(1,3) B(2,1), A has the ball")
    return gt.best_response(game, uniform, 0).values[kickoff], -gt.best_response(game, uniform, 1).values[kickoff]


def pivots(label):
    return int(eq.lemke_howson(*gt.families.dual_cyclic(actions=14).payoff[:, 0], label).path_length)


def trained():
    pitch = gt.families.soccer(rows=2, columns=3)
    return gt.solve(pitch).profile


PENNIES = gt.load_game("matching_pennies").payoff[:, 0]
HEDGE = {"rate": 0.05, "start": ([0.6, 0.4], [0.5, 0.5])}
INWARDS = [[0, -1, 2], [2, 0, -1], [-1, 2, 0]]

# Solved by hand where that can be done, and else by the package.
RIGHT = {
    "1.1": 3,
    "1.2": 1,
    "1.3": 0.75,
    "1.4": ([[1, -1], [-1, 1]], [[-1, 1], [3, -3]]),
    "1.5": 40 - 20,
    "2.1": 0.2,
    "2.2": [0.25, 0.5, 0.25],
    "2.3": 0.75,
    "2.4": [[0, 1, 0], [0, 1, 0], [0, 1, 0]],
    "2.5": 3.8,
    "3.1": [1, 4, 5],
    "3.2": 2,
    "3.3": ([[2, 1], [0, 3]], [[1, 1], [0, 1]]),
    "3.4": lambda: min(pivots(label) for label in (19, 20, 21)),
    "4.1": 10.5,
    "4.2": [[0.5, 0], [0, 0.5]],
    "4.3": 1 / 3,
    "4.4": lambda: eq.coarse_correlated(gt.load_game("chicken").payoff[:, 0], "welfare").values.sum(),
    "5.1": "average",
    "5.2": lambda: float(eq.dynamics.hedge(PENNIES, 10_000, **HEDGE).average_regret),
    "5.3": INWARDS,
    "5.4": 0.08,
    "6.1": 0.18,
    "6.2": lambda: longer(0.8),
    "6.3": lambda: soccer_numbers()[0],
    "6.4": worth_three,
    "6.5": lambda: gt.solve(gt.load_game("irrational_value")).profile,
    "7.1": 0.1,
    "7.2": 0.28,
    "7.3": lambda: soccer_numbers()[1],
    "7.4": trained,
    "8.1": 1 / 3,
    "8.2": 5,
    "8.3": lambda: float(
        (gt.solve(gt.load_game("grid_game_2"), "nash_iteration", select="welfare").values @ gt.load_game("grid_game_2").start).sum()
    ),
    "8.4": ([1, 0], [0, 1]),
    "9.1": 4096,
    "9.2": 2,
    "9.3": 4,
    "9.4": [[11, 1, 2], [8, 7, 6], [9, 0, 5]],
    "10.1": gt.ising_order(1.0),
    "10.2": (10, 32),
    "10.3": 1 / (1 + np.exp(-2.0)),
    "10.4": gt.squeeze_optimum()[0],
    "11.1": 2.4,
    "11.2": -3,
    "11.3": 0.4 - 0.08,
    "11.4": (27, 9),
    "12.1": np.e / (1 + np.e),
    "12.2": 4,
    "12.3": 1 - 0.75**4,
    "12.4": (2500, 300),
}
# What students answer, and a word of the hint that should meet it.
WRONG = [
    ("1.1", 2, "pure"),
    ("1.2", 7, "more than before"),
    ("1.3", 0.25, "hare"),
    ("1.4", ([[1, 0], [0, 1]], [[1, 0], [0, 1]]), "pure equilibrium"),
    ("1.4", ([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]), "change B"),
    ("2.1", -0.2, "sign"),
    ("2.2", [1 / 3, 1 / 3, 1 / 3], "without the bonus"),
    ("2.2", [0.5, 0.5, 0.5], "sum to 1"),
    ("2.2", [0.5, 0.5], "3 numbers"),
    ("2.4", np.eye(3), "value of your game"),
    ("2.5", 1.8, "two more"),
    ("3.1", [1, 4], "best responses"),
    ("3.1", "1, 4", "list"),
    ("3.2", 3, "not all of them"),
    ("3.3", ([[2, 1], [0, 3]], [[2, 1], [0, 3]]), "indifferent"),
    ("4.1", 12, "dares"),
    ("4.2", [[1, 0], [0, 0]], "not the same"),
    ("4.2", [[0, 0.5], [0.5, 0]], "disobeying"),
    ("4.3", 0.25, "condition"),
    ("5.1", "Play", "picture"),
    ("5.1", "both", "One of the words"),
    ("5.3", [[0, -1, 1], [1, 0, -1], [-1, 1, 0]], "inwards"),
    ("6.1", 0.02, "change itself"),
    ("6.1", 0.2, "contracted it once more"),
    ("6.2", 0.5615528, "old discount"),
    ("6.3", 0.218484, "best opponent"),
    ("6.4", gt.load_game("irrational_value"), "less"),
    ("6.4", 3, "StochasticGame"),
    ("6.5", ([[0.5, 0.5]] * 2, [[0.5, 0.5]] * 2), "still gains"),
    ("7.1", 0.28, "largest entry"),
    ("7.2", 0.1, "Minimax-Q's"),
    ("7.4", "minimax_q", "profile"),
    ("8.1", 2 / 3, "sends"),
    ("8.2", 4, "period"),
    ("8.4", ([1, 0], [1, 0]), "agree"),
    ("9.1", 24, "decentralised"),
    ("9.2", 0, "Average"),
    ("9.3", 7, "how much less"),
    ("9.4", [[11, -30, 0], [-30, 7, 6], [0, 0, 5]], "equilibrium too"),
    ("10.1", gt.ising_order(1.0) ** 8, "root"),
    ("10.3", 1 / (1 + np.exp(2.0)), "sign"),
    ("10.4", 400, "upwards"),
    ("11.1", 3, "unclipped"),
    ("11.2", -2.4, "smaller"),
    ("11.4", (9, 9), "everybody's"),
    ("12.1", 1, "softmax"),
    ("12.2", 3, "the others"),
    ("12.4", (2500, 150), "two factors"),
]


@pytest.mark.parametrize("name", [name for name in NAMES if name in RIGHT])
def test_right_answers_pass(name):
    answer = RIGHT[name]() if callable(RIGHT[name]) else RIGHT[name]
    found = gt.exercises.check(name, answer)
    assert found, found.message
    assert found.exercise == name
    assert repr(found).startswith(f"{name}: right. ")


@pytest.mark.parametrize(("name", "answer", "word"), WRONG)
def test_wrong_answers_get_a_hint_and_not_the_answer(name, answer, word):
    found = gt.exercises.check(name, answer)
    assert not found
    assert word in found.message
    truth = RIGHT[name]
    if isinstance(truth, int | float):
        digits = {f"{truth}", f"{truth:.3g}", f"{truth:.4g}"}
        assert not digits & set(found.message.replace(",", " ").rstrip(".").split())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", ["?", {}, float("nan"), np.zeros((2, 0))], ids=repr)
def test_no_answer_of_the_wrong_kind_is_right_or_an_error(name, answer):
    found = gt.exercises.check(name, answer)
    assert not found
    assert found.message.endswith((".", "?"))
    assert len(found.message) < 400


@pytest.mark.slow
def test_the_shortest_and_the_longest_of_all_paths_are_those_of_the_judge():
    lengths = [pivots(label) for label in range(28)]
    assert min(lengths) == lengths[_lesson_03.SHORTEST_LABEL]
    assert max(lengths) == _lesson_03.LONGEST


def test_every_exercise_has_a_right_answer_here():
    assert set(NAMES) == set(RIGHT)


def test_an_unknown_exercise_is_refused_with_a_near_one():
    with pytest.raises(UnknownNameError, match=r"unknown exercise '2\.11'; did you mean"):
        gt.exercises.check("2.11", 1)

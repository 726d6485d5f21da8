"""The convergence matrix: every learner on every game, judged exactly."""

import csv

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl._convergence_matrix import summary

GAMES = ["matching_pennies", "climbing", "jordan"]


@pytest.fixture(scope="module")
def matrix():
    return gt.convergence_matrix(GAMES, ["minimax_q", "independent_q"], steps=3000, seeds=2, seed=4)


def test_a_cell_is_what_learn_says(matrix):
    assert matrix.status is gt.Status.FINISHED
    assert matrix.gaps.shape == (2, 3)
    for game in GAMES:
        run = gt.learn(gt.load_game(game), "independent_q", steps=3000, seeds=2, seed=4, horizon=100, records=1)
        cell = next(cell for cell in matrix.cells if (cell.learner, cell.game) == ("independent_q", game))
        gaps = run.trace["nash_gap"][:, -1]
        assert (cell.lowest, cell.gap, cell.highest) == (gaps.min(), np.median(gaps), gaps.max())
        assert cell.average_gap == np.median(run.trace["average_nash_gap"][:, -1])
        assert cell.relative == matrix.gaps[1, GAMES.index(game)] == cell.gap / gt.load_game(game).payoff_span


def test_what_a_learner_refuses_is_said_and_left_blank(matrix):
    refused = [cell for cell in matrix.cells if cell.refusal]
    assert {(cell.learner, cell.game) for cell in refused} == {("minimax_q", "climbing"), ("minimax_q", "jordan")}
    assert all("zero-sum" in cell.refusal and np.isnan(cell.gap) for cell in refused)
    assert np.isnan(matrix.gaps).tolist() == [[False, True, True], [False, False, False]]


def test_the_table_holds_every_cell(matrix, tmp_path):
    with matrix.save(tmp_path / "matrix.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["learner"], row["game"]) for row in rows] == [(learner, game) for learner in matrix.learners for game in GAMES]
    for row, cell in zip(rows, matrix.cells, strict=True):
        assert row["gap"] == ("" if np.isnan(cell.gap) else f"{cell.gap:.6g}")
        assert row["refusal"] == cell.refusal


def test_the_summary_counts(matrix):
    found = {learner: (len(played), len(near)) for learner, played, near in summary(matrix)}
    assert found["minimax_q"] == (1, 1)
    assert found["independent_q"][0] == 3


def test_a_population_is_judged_by_its_own_gap():
    population = gt.families.ising(4)
    matrix = gt.convergence_matrix({"ising": population}, ["mean_field_q", "minimax_q"], steps=16_000, seeds=1)
    cells = {cell.learner: cell for cell in matrix.cells}
    run = gt.learn(population, "mean_field_q", steps=1000, records=1)
    assert cells["mean_field_q"].kind == "population"
    assert cells["mean_field_q"].steps == 1000
    assert cells["mean_field_q"].gap == run.trace["population_gap"][0, -1]
    assert "does not play populations" in cells["minimax_q"].refusal


def test_own_games_and_learners_by_name():
    pennies = gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]])
    careful = gt.learners.MinimaxQ(exploration=1.0)
    matrix = gt.convergence_matrix({"mine": pennies}, {"careful": careful}, steps=2000, seeds=1)
    assert matrix.gaps[0, 0] < 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"games": ["socer"]}, "soccer"),
        ({"games": []}, "games is empty"),
        ({"games": "soccer"}, "in a list"),
        ({"games": {"x": 1}}, "StochasticGame"),
        ({"learners": ["minimaxq"]}, "minimax_q"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": True}, "steps is True"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(gt.GameError, match=message) as caught:
        gt.convergence_matrix(**{"games": ["matching_pennies"], "learners": ["minimax_q"], **arguments})
    assert "\n" not in str(caught.value)


def test_seeds_are_checked_before_any_cell():
    with pytest.raises(gt.GameError, match="seeds"):
        gt.convergence_matrix(["matching_pennies"], ["minimax_q"], seeds=0)


def test_the_command_writes_the_table_and_the_picture(call, tmp_path):
    words = ["matrix", "--games", "matching_pennies,climbing", "--learners", "independent_q", "--steps", "1e3", "--seeds", "1"]
    answer = call(*words, "--out", str(tmp_path / "new" / "folder"))
    assert answer.code == 0
    assert "independent_q" in answer.out
    assert "2 of 2" in answer.out
    assert (tmp_path / "new/folder/matrix.csv").read_text().count("\n") == 3
    assert (tmp_path / "new/folder/matrix.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--games", "socer"], "soccer"),
        (["--learners", ","], "empty"),
        (["--steps", "0"], "steps is 0"),
        (["--out", "/dev/null/x"], "--out"),
    ],
)
def test_the_command_refuses_in_a_sentence(call, words, message):
    answer = call("matrix", "--games", "matching_pennies", "--learners", "independent_q", *words)
    assert answer.code == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1

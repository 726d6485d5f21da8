"""The command line on stochastic games: every kind, every way to ask, and honest words where there is no equilibrium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl.stochastic import finite_horizon, reachability
from gametheory_rl.stochastic._solve import default_method


def words(text: str) -> str:
    return " ".join(text.split())


def team_game() -> gt.StochasticGame:
    rng = np.random.default_rng(3)
    payoff = np.broadcast_to(rng.normal(size=(3, 2, 2)), (2, 3, 2, 2))
    return gt.StochasticGame(payoff, rng.dirichlet(np.ones(3), size=(3, 2, 2)), 0.8)


# ---- without end -----------------------------------------------------------------------------------------------------


def test_a_general_sum_game_says_what_it_is_and_who_picked_the_method(call: Any) -> None:
    answer = call("solve", "nosde")
    assert answer.code == 0
    said = words(answer.out)
    for part in (
        "general-sum, 2 players, 2 states",
        "turn-based",
        "homotopy, since no more special",
        "nobody gains more than",
        "keep .333",
    ):
        assert part in said
    assert max(map(len, answer.out.splitlines())) <= 80
    document = call("solve", "nosde", "--json").document
    assert document["method"] == "homotopy"
    assert "turn_based" in document["classes"]
    assert document["epsilon"] < 1e-9
    assert document["states"][0]["values"] == pytest.approx([4, 16 / 3])


@pytest.mark.parametrize("name", ["nosde", "big_match", "irrational_value", "grid_game_1"])
def test_games_of_several_states_solve_in_80_columns(call: Any, name: str) -> None:
    answer = call("solve", name)
    assert answer.code == 0, answer.err
    assert max(map(len, answer.out.splitlines())) <= 80


def test_the_most_special_method_is_picked_and_named(call: Any, tmp_path: Path) -> None:
    gt.save_game(team_game(), tmp_path / "team.npz")
    assert "team, since all players earn the same" in words(call("solve", "team.npz").out)
    assert "newton, since the game is zero-sum" in words(call("solve", "big_match").out)
    assert "newton" in words(call("solve", "matching_pennies", "-p", "discount=.5").out)
    assert "stage_game, since there is one state" in words(call("solve", "chicken", "-p", "discount=0.5").out)
    assert default_method(gt.load_game("nosde"), {"select": "first"})[0] == "nash_iteration"
    assert default_method(gt.load_game("big_match"), {"path": "quantal"})[0] == "homotopy"


def test_three_players(call: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    game = gt.StochasticGame(rng.normal(size=(3, 2, 2, 2, 2)), rng.dirichlet(np.ones(2), size=(2, 2, 2, 2)), 0.7)
    gt.save_game(game, tmp_path / "three.npz")
    answer = call("solve", "three.npz", "--save", "s.npz", "--plot", "s.png")
    assert answer.code == 0
    assert "general-sum, 3 players" in answer.out
    (document,) = call("verify", "three.npz", "s.npz", "--json").document["profiles"]
    assert document["epsilon"] < 1e-7


def test_a_cycle_is_said_with_its_period(call: Any) -> None:
    answer = call("solve", "nosde", "--method", "nash_iteration", "--plot", "c.png")
    assert answer.code == 3
    assert "cycles with period 5" in answer.out
    assert "cycles with period 5" in answer.err
    assert "expected last" in words(answer.out)
    document = call("solve", "nosde", "--method", "correlated_iteration", "--select", "egalitarian", "--json").document
    assert document["period"] == 5
    assert document["status"] == "cycles"


def test_different_equilibria_in_mind_are_said(call: Any) -> None:
    answer = call("solve", "grid_game_2", "--method", "nash_iteration", "--select", "best_for_1,best_for_2")
    assert answer.code == 3
    assert "player 1 and player 2 have different equilibria in mind in 2 states: 1(2,0) 2(2,2), 1(2,2) 2(2,0)" in words(answer.out)
    assert call("solve", "grid_game_2", "--method", "nash_iteration", "--select", "best_for_1", "--json").document["mismatch"] == []


def test_a_correlated_profile_shows_joint_actions(call: Any, tmp_path: Path) -> None:
    answer = call("solve", "greenwald_hall_soccer", "--method", "correlated_iteration", "--state", "7", "--save", "c.npz")
    assert answer.code == 0
    said = words(answer.out)
    assert "by a common signal: (" in said
    assert "by disobeying" in said
    (document,) = call("verify", "greenwald_hall_soccer", "c.npz", "--json").document["profiles"]
    assert document["concept"] == "correlated"
    assert document["epsilon"] < 1e-5


def test_values_that_are_no_equilibriums_say_what_they_are(call: Any) -> None:
    assert "if all others help it" in words(call("solve", "nosde", "--method", "friend_iteration").out)
    assert "secures against all others" in words(call("solve", "nosde", "--method", "foe_iteration").out)


def test_paths_and_priors(call: Any, tmp_path: Path) -> None:
    assert call("solve", "nosde", "--path", "quantal").code == 0
    assert call("solve", "nosde", "--prior", "7", "--save", "p.npz").code == 0
    document = call("solve", "nosde", "--prior", "p.npz", "--json").document
    assert document["epsilon"] < 1e-9
    assert "follows a path" in document["why"]


def test_a_lost_path_is_no_answer(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from gametheory_rl.stochastic import _homotopy

    real = _homotopy.end_of_tracing
    uniform = lambda rows, *rest: 0.5 + 0.0 * real(rows, *rest)  # noqa: E731
    monkeypatch.setattr(_homotopy, "end_of_tracing", uniform)
    assert call("solve", "nosde", "--json").document["trace"]["parameter"][-1] > 1.0, "the other path is followed then"
    answer = call("solve", "nosde", "--path", "tracing", "--json")
    assert answer.code == 3
    assert answer.document["status"] == "lost"
    assert answer.document["epsilon"] > 1e-3
    assert "path was lost" in answer.err


# ---- so many stages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("concept", ["nash", "correlated", "foe", "friend", "stackelberg"])
def test_a_finite_horizon(call: Any, tmp_path: Path, concept: str) -> None:
    answer = call("solve", "nosde", "--horizon", "6", "--concept", concept, "--save", "h.npz", "--plot", "h.png")
    assert answer.code == 0, answer.err
    assert "of 6 stages" in answer.out
    assert "plays last" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80
    game = gt.load_game("nosde")
    truth = finite_horizon(game, 6, concept=concept)
    document = call("solve", "nosde", "--horizon", "6", "--concept", concept, "--json").document
    assert document["horizon"] == 6
    assert document["start_values"] == pytest.approx((truth.values[0] @ game.start).tolist())
    assert document["states"][1]["values"] == truth.values[:, :, 1].tolist()
    with np.load(tmp_path / "h.npz") as saved:
        np.testing.assert_array_equal(saved["values"], truth.values)
        policy = saved["correlated"] if concept == "correlated" else saved["player_0"]
        assert len(policy) == 6
    assert (tmp_path / "h.png").read_bytes().startswith(b"\x89PNG")


def test_one_stage_is_the_stage_game(call: Any) -> None:
    answer = call("solve", "prisoners_dilemma", "--horizon", "1")
    assert answer.code == 0
    assert "plays last" not in answer.out
    assert "defect" in answer.out


def test_final_values(call: Any, tmp_path: Path) -> None:
    game = gt.load_game("nosde")
    document = call("solve", "nosde", "--horizon", "3", "--final", "-2", "--json").document
    truth = finite_horizon(game, 3, final=np.full((2, 2), -2.0))
    np.testing.assert_allclose(document["start_values"], truth.values[0] @ game.start, atol=1e-12)
    assert call("solve", "nosde", "--save", "endless.npz").code == 0
    assert call("solve", "nosde", "--horizon", "4", "--final", "endless.npz", "--save", "plan.npz").code == 0
    with np.load(tmp_path / "plan.npz") as saved:
        np.testing.assert_array_equal(saved["values"][-1], gt.solve(game).values)
    np.savez(tmp_path / "last.npz", values=np.array([[0.0, 20.0], [20.0, 0.0]]))
    assert call("solve", "nosde", "--horizon", "4", "--final", "last.npz", "--save", "plan.npz").code == 0
    # Without what was saved with it, the plan is none to keep to.
    assert gt.verify(game, finite_horizon(game, 4, final=[[0, 20], [20, 0]]).profile).epsilon > 0.1
    judged = call("verify", "nosde", "plan.npz", "--json").document["profiles"][0]
    assert judged["epsilon"] < 1e-8
    assert "as saved with the plan" in words(call("verify", "nosde", "plan.npz").out)


def test_a_finite_horizon_without_agreement(call: Any) -> None:
    answer = call("solve", "grid_game_1", "--horizon", "5", "--select", "best_for_1,best_for_2")
    assert answer.code == 3
    assert "have different equilibria in mind in 1 state" in words(answer.out)


# ---- without a discount ----------------------------------------------------------------------------------------------


def test_reaching_and_staying_are_bounded_from_both_sides(call: Any, tmp_path: Path) -> None:
    game = gt.load_game("greenwald_hall_soccer")
    target = [0, 7, 30]
    truth = reachability(game, target, player=1)
    asked = ("solve", "greenwald_hall_soccer", "--reach", "0,7", "--reach", game.labels.state(30), "--player", "2", "--save", "r.npz")
    answer = call(*asked)
    assert answer.code == 0, answer.err
    said = words(answer.out)
    assert "probability that B reaches A(0,0) B(0,1), A has the ball" in said
    assert "both proved" in said
    assert max(map(len, answer.out.splitlines())) <= 80
    document = call(*asked, "--json").document
    assert document["lower"] == truth.lower.tolist()
    assert document["upper"] == truth.upper.tolist()
    with np.load(tmp_path / "r.npz") as saved:
        np.testing.assert_array_equal(saved["lower"], truth.lower)
    assert call("verify", "greenwald_hall_soccer", "r.npz").code == 0
    stay = call("solve", "grid_game_1", "--safe", "1(2,0) 2(2,2)", "--json").document
    assert stay["states"][0]["upper"] < 1e-6


def test_an_average_is_bounded_from_both_sides(call: Any) -> None:
    answer = call("solve", "irrational_value", "--average")
    assert answer.code == 0
    assert "average payoff to player 1, in the long run" in words(answer.out)
    document = call("solve", "irrational_value", "--average", "--json").document
    assert document["lower"] <= 0 <= document["upper"]
    assert document["upper"] - document["lower"] < 1e-7


def test_bounds_that_do_not_meet_are_said(call: Any) -> None:
    answer = call("solve", "garnet", "--average", "--max-iterations", "1")
    assert answer.code == 3
    assert "max_iterations" in answer.err
    assert "both proved" in words(answer.out)


# ---- show ------------------------------------------------------------------------------------------------------------


def test_show_says_the_class_and_why(call: Any) -> None:
    said = words(call("show", "nosde").out)
    assert "turn-based: in every state at most one player's action matters" in said
    assert "it is not one state, zero-sum" in said
    assert "undecided dominance-solvable" in said
    assert "by strict dominance" in words(call("show", "prisoners_dilemma").out)
    classes = call("show", "nosde", "--json").document["classes"]
    assert classes["turn_based"]["holds"]
    assert set(classes) == set(gt.classify(gt.load_game("nosde")).traits())


# ---- bad input -------------------------------------------------------------------------------------------------------

WRONG: list[tuple[tuple[str, ...], str]] = [
    (("nosde", "--method", "newton"), "general-sum"),
    (("big_match", "--method", "newton", "--select", "welfare"), "nash_iteration"),
    (("big_match", "--method", "foe_iteration", "--select", "welfare"), "takes no --select"),
    (("nosde", "--method", "nash_iteration", "--path", "quantal"), "homotopy takes it"),
    (("nosde", "--select", "welfar"), "'welfare'"),
    (("nosde", "--select", "first,welfare,first"), "one for each of two players"),
    (("nosde", "--path", "sideways"), "quantal"),
    (("nosde", "--path", "quantal", "--prior", "1"), "uniform play"),
    (("nosde", "--prior", "-1"), "from 0 up"),
    (("nosde", "--prior", "most"), ".npz"),
    (("nosde", "--prior", "missing.npz"), "no such file"),
    (("nosde", "--prior", "pennies.npz"), "shape"),
    (("nosde", "--concept", "correlated"), "--horizon"),
    (("nosde", "--label", "1"), "2 states"),
    (("nosde", "--objective", "welfare"), "matrix games"),
    (("chicken", "--concept", "nash", "--tol", "1"), "do not go together"),
    (("chicken", "--method", "homotopy", "--label", "1"), "do not go together"),
    (("nosde", "--final", "1"), "give --horizon"),
    (("nosde", "--horizon", "2", "--final", "nan"), "a finite number"),
    (("nosde", "--horizon", "2", "--final", "much"), "a number, or a file ending in .npz"),
    (("nosde", "--horizon", "2", "--final", "gone.npz"), "gone.npz"),
    (("nosde", "--horizon", "0"), "horizon is 0"),
    (("nosde", "--horizon", "2", "--tol", "0"), "tol is 0.0"),
    (("nosde", "--horizon", "2", "--tol", "nan"), "tol is nan"),
    (("nosde", "--concept", ""), "--horizon"),
    (("nosde", "--horizon", "2.5"), "--horizon"),
    (("nosde", "--horizon", "1000000000"), "GiB"),
    (("nosde", "--horizon", "3", "--concept", "nsh"), "'nash'"),
    (("nosde", "--horizon", "3", "--method", "homotopy"), "does not go with --horizon"),
    (("big_match", "--average"), "depends on the start"),
    (("nosde", "--average"), "sum to zero"),
    (("big_match", "--average", "--state", "9"), "from 0 to 2"),
    (("big_match", "--reach", "7"), "--reach got 7"),
    (("big_match", "--reach", "1", "--safe", "0"), "does not go with --reach"),
    (("big_match", "--reach", "1", "--plot", "x.png"), "--plot"),
    (("big_match", "--safe", "0", "--player", "3"), "from 1 to 2"),
    (("mckelvey_mclennan", "--reach", "0"), "one player or two"),
    (("nosde", "--horizon", "3", "--concept", "foe", "--select", "first"), "nothing to select"),
]


@pytest.mark.parametrize(("arguments", "hint"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_wrong_input_is_one_sentence(call: Any, tmp_path: Path, arguments: tuple[str, ...], hint: str) -> None:
    np.savez(tmp_path / "pennies.npz", player_0=np.full((1, 2), 0.5), player_1=np.full((1, 2), 0.5))
    answer = call("solve", *arguments)
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert hint in answer.err
    assert "Traceback" not in answer.err

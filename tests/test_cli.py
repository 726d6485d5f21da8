"""The command line: every verb, every way to be wrong, and what a pipe, a script and an impatient user meet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import cli

from .command import Answer

HEAVY = ("numpy", "scipy", "numba", "matplotlib", "cvxpy", "nashpy")
VERBS = ("games", "show", "solve", "learn", "diagnose", "verify", "plot", "convert", "agree", "matrix", "paradigms", "reproduce")


def process(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    # A shell that starts jobs in the background has them ignore SIGINT, and children inherit that.
    def heed_interrupts() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    environment = {**os.environ, "COLUMNS": "80", **options.pop("env", {})}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "preexec_fn": heed_interrupts}
    return subprocess.Popen([sys.executable, *arguments], env=environment, **{**streams, **options})


# ---- help and version ------------------------------------------------------------------------------------------------


def test_help_imports_nothing_heavy() -> None:
    source = (
        "import sys; from gametheory_rl.cli import run\n"
        f"for words in ([], ['--help'], ['--version'], *([verb, '--help'] for verb in {VERBS!r})):\n"
        "    assert run(words) == 0, words\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    child = process("-c", source)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert err.strip() == "[]"
    assert f"gametheory-rl {gt.__version__}" in out
    assert all(verb in out for verb in VERBS)
    assert "\x1b" not in out


def test_solving_imports_nothing_that_it_does_not_need() -> None:
    heavy = ("scipy.linalg", "scipy.sparse", "scipy.optimize", "matplotlib", "cvxpy", "nashpy")
    source = (
        "import sys; from gametheory_rl.cli import run; assert run(['solve', 'soccer']) == 0\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    child = process("-c", source)
    out, err = child.communicate(timeout=120)
    assert err.strip() == "[]"
    assert "solved" in out


@pytest.mark.parametrize("verb", VERBS)
def test_help_fits_80_columns(call: Any, verb: str) -> None:
    answer = call(verb, "--help")
    assert answer.code == 0
    assert max(map(len, answer.out.splitlines())) <= 80


# ---- games and show --------------------------------------------------------------------------------------------------


def test_games(call: Any) -> None:
    answer = call("games")
    assert answer.code == 0
    assert max(map(len, answer.out.splitlines())) <= 80
    assert all(name in answer.out for name in gt.list_games("all"))
    document = call("games", "--json").document
    assert [entry["name"] for entry in document] == gt.list_games("all")
    soccer = next(entry for entry in document if entry["name"] == "soccer")
    assert (soccer["players"], soccer["states"], soccer["actions"], soccer["kind"]) == (2, 760, "5 x 5", "zero-sum")


@pytest.mark.parametrize("name", gt.list_games())
def test_show_every_game(call: Any, name: str) -> None:
    answer = call("show", name)
    assert answer.code == 0, answer.err
    assert "\x1b" not in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80
    document = call("show", name, "--json").document
    assert document["states"] == gt.load_game(name).num_states


def test_show_payoffs_and_board(call: Any) -> None:
    table = call("show", "prisoners_dilemma").out
    assert "3, 3" in table
    assert "5*, 0" in table
    assert "[1*, 1*]" in table
    board = call("show", "soccer").out
    assert "|A* |" in board
    assert "a is where A scores" in board


def test_show_films_play(call: Any, tmp_path: Any) -> None:
    game = gt.load_game("nosde")
    np.savez(tmp_path / "plan.npz", **{f"player_{i}": mask / mask.sum(axis=1, keepdims=True) for i, mask in enumerate(game.legal)})
    answer = call("show", "nosde", "--animate", "play.gif", "--profile", "plan.npz", "--state", "0")
    assert answer.code == 0, answer.err
    assert "filmed play.gif" in answer.err
    assert (tmp_path / "play.gif").read_bytes()[:6] == b"GIF89a"


def test_plot_draws_other_kinds(call: Any, tmp_path: Any) -> None:
    call("learn", "matching_pennies", "independent_q", "--steps", "300", "--seeds", "2", "--records", "4", "--save", "r.npz")
    for kind in ("selection", "visits"):
        assert call("plot", "r.npz", f"{kind}.png", "--kind", kind).code == 0
        assert (tmp_path / f"{kind}.png").exists()
    assert "unknown kind of picture" in call("plot", "r.npz", "a.png", "--kind", "visit").err


def test_show_a_state_by_number_and_by_label(call: Any) -> None:
    by_number, by_label = call("show", "soccer", "--state", "162"), call("show", "soccer", "--state", "A(1,3) B(2,1), A has the ball")
    assert by_number.out == by_label.out
    assert "stand stand" in by_number.out
    (stage,) = call("show", "soccer", "--state", "162", "--json").document["stages"]
    assert sum(end["probability"] for end in stage["next"][0]["to"]) == pytest.approx(1)


def test_show_illegal_actions_are_null_in_json(call: Any) -> None:
    (stage,) = call("show", "nosde", "--state", "0", "--json").document["stages"]
    assert None in np.ravel(np.array(stage["payoff"], dtype=object)).tolist()


def test_family_parameters(call: Any) -> None:
    assert call("show", "soccer", "-p", "rows=3", "--parameter", "goal_rows=[1]", "--json").document["states"] == 2 * 15 * 14


# ---- solve and verify ------------------------------------------------------------------------------------------------


def test_solve_soccer(call: Any) -> None:
    document = call("solve", "soccer", "--json").document
    game, solution = gt.load_game("soccer"), gt.solve(gt.load_game("soccer"))
    assert document["status"] == "solved"
    assert document["error_bound"] <= 2e-8
    assert [entry["state"] for entry in document["states"]] == game.start.nonzero()[0].tolist()
    for entry in document["states"]:
        assert entry["values"] == solution.values[:, entry["state"]].tolist()
        assert [sum(policy) for policy in entry["policy"]] == pytest.approx([1, 1])
    table = call("solve", "soccer", "--state", "5").out
    assert "0.154755" in table
    assert "continuation included" in table


def test_solve_saves_what_verify_reads(call: Any, tmp_path: Path) -> None:
    answer = call("solve", "rock_paper_scissors", "--method", "policy_iteration", "--save", "s.npz", "--plot", "s.svg", "--json")
    assert answer.code == 0
    assert answer.document["method"] == "policy_iteration"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.npz", "s.svg"]
    assert (tmp_path / "s.svg").read_text().lstrip().startswith("<?xml")
    verdict = call("verify", "rock_paper_scissors", "s.npz")
    assert verdict.code == 0
    assert "epsilon-Nash" in verdict.out
    (document,) = call("verify", "rock_paper_scissors", "s.npz", "--json").document["profiles"]
    assert document["epsilon"] < 1e-8
    assert document["players"][0]["start_value"] == pytest.approx(0, abs=1e-8)


def test_verify_a_file_with_bare_policies(call: Any, tmp_path: Path) -> None:
    np.savez(tmp_path / "heads.npz", player_0=np.array([[1.0, 0.0]]), player_1=np.array([[0.5, 0.5]]))
    (document,) = call("verify", "matching_pennies", "heads.npz", "--json").document["profiles"]
    gains = [player["largest_gain"] for player in document["players"]]
    assert gains == pytest.approx([0, gt.load_game("matching_pennies").payoff_span / 2])
    np.savez(tmp_path / "signal.npz", correlated=np.full((1, 2, 2), 0.25))
    (document,) = call("verify", "matching_pennies", "signal.npz", "--concept", "coarse", "--json").document["profiles"]
    assert document["concept"] == "coarse"


def test_solve_a_file(call: Any, tmp_path: Path) -> None:
    gt.save_game(gt.StochasticGame.from_matrix_game([[2, 0], [0, 1]]), tmp_path / "mine.json")
    document = call("solve", "mine.json", "--json").document
    assert document["start_values"][0] == pytest.approx(2 / 3)


def test_falling_short_is_said_and_kept(call: Any, tmp_path: Path) -> None:
    answer = call("solve", "irrational_value", "--method", "value_iteration", "--max-iterations", "2", "--save", "s.npz", "--json")
    assert answer.code == 3
    assert answer.document["status"] == "max_iterations"
    assert "raise max_iterations" in answer.err
    assert (tmp_path / "s.npz").exists()


# ---- matrix games ----------------------------------------------------------------------------------------------------


def test_a_matrix_game_shows_all_equilibria_as_a_person_writes_them(call: Any) -> None:
    answer = call("solve", "chicken")
    assert answer.code == 0
    for words in ("3 equilibria, and no other", "yield 2/3, dare 1/3", "14/3, 14/3", "exactly 0", "symmetric; potential", "marked *"):
        assert words in answer.out
    assert "2*, 7*" in answer.out  # best responses of both: an equilibrium
    assert "6, 6 " in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80
    document = call("solve", "chicken", "--json").document
    assert document["complete"]
    assert not document["degenerate"]
    assert document["equilibria"][2]["fractions"] == [["2/3", "1/3"], ["2/3", "1/3"]]
    assert document["equilibria"][2]["exact_values"] == ["14/3", "14/3"]
    assert document["classes"]["symmetric"]["holds"]


@pytest.mark.parametrize("name", [name for name in gt.list_games() if gt.load_game(name).num_states == 1])
def test_every_matrix_game_of_the_catalogue_solves(call: Any, name: str) -> None:
    game = gt.load_game(name)
    answer = call("solve", name)
    assert answer.code == 0, answer.err
    assert max(map(len, answer.out.splitlines())) <= 80
    document = call("solve", name, "--json").document
    assert document["equilibria"]
    assert document["largest_gain"] <= 1e-12 * game.payoff_span
    for entry in document["equilibria"]:
        profile = tuple(np.array([mixed]) for mixed in entry["profile"])
        assert gt.verify(game, profile).epsilon <= 1e-11 * max(game.payoff_span, 1)


def test_best_responses_are_underlined_in_a_terminal(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    out = call("solve", "prisoners_dilemma").out
    assert "best responses underlined" in out
    assert "\x1b[4m5\x1b[0m, 0" in out
    assert "*" not in out


def test_dominance_and_potential_are_said(call: Any) -> None:
    out = " ".join(call("solve", "prisoners_dilemma").out.split())
    assert "by strict dominance: out go cooperate of row and cooperate of column" in out
    assert "potential game" in out
    assert "gains add up to" in " ".join(call("solve", "matching_pennies").out.split())


def test_a_degenerate_game_names_what_its_extreme_equilibria_span(call: Any) -> None:
    out = call("solve", "three_by_two_degenerate").out
    assert "3 extreme equilibria, and no other but mixtures of them" in " ".join(out.split())
    assert "equilibria too: 1, 2\n" in out
    assert call("solve", "three_by_two_degenerate", "--json").document["components"] == [[[0, 1]], [[2]]]


def test_many_players_are_not_promised_everything(call: Any) -> None:
    out = " ".join(call("solve", "mckelvey_mclennan").out.split())
    assert "all pure equilibria (4)" in out
    assert "may be missing" in out
    assert "player 3 plays 1" in out
    assert not call("solve", "nau", "--json").document["complete"]


CONCEPTS: list[tuple[tuple[str, ...], str]] = [
    (("chicken", "--concept", "pure"), "2 pure equilibria"),
    (("chicken", "--concept", "correlated"), "21/4, 21/4"),
    (("chicken", "--concept", "correlated", "--objective", "libertarian", "--player", "2"), "2, 7"),
    (("shapley_cycle", "--concept", "coarse"), "a coarse correlated equilibrium"),
    (("chicken", "--concept", "stackelberg", "--leader", "2"), "player 2 commits"),
    (("chicken", "--concept", "stackelberg", "--weak"), "against the leader"),
    (("chicken", "--concept", "logit"), "yield 2/3, dare 1/3"),
    (("chicken", "--concept", "logit", "--precision", "0"), "yield 0.5, dare 0.5"),
    (("oneill", "--concept", "minimax"), "joker 2/5, ace 1/5"),
    (("prisoners_dilemma", "--concept", "dominance"), "2 actions went"),
    (("ties", "--concept", "dominance", "--weak"), "4 actions went"),
    (("prisoners_dilemma", "--concept", "rationalizable"), "defect"),
    (("matching_pennies", "--concept", "security"), "guarantee alone"),
    (("stag_hunt", "--select", "risk_dominant"), "selected by risk_dominant"),
    (("shapley_wilson", "--label", "3"), "label 3"),
]


@pytest.mark.parametrize(("arguments", "words"), CONCEPTS, ids=[" ".join(arguments) for arguments, _ in CONCEPTS])
def test_concepts(call: Any, arguments: tuple[str, ...], words: str) -> None:
    answer = call("solve", *arguments)
    assert answer.code == 0, answer.err
    assert words in " ".join(answer.out.split())
    document = call("solve", *arguments, "--json").document
    assert document["equilibria"] or document["distribution"] or document["survivors"]


def test_a_file_solves_the_same_and_verify_reads_what_is_saved(call: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('actions = [["up", "down"], ["in", "out"]]\npayoffs = [["1/3", 0], [0, 0.1]]\n')
    answer = call("solve", "mine.toml", "--save", "s.npz", "--plot", "s.svg")
    assert answer.code == 0
    assert "up 3/13, down 10/13" in answer.out
    assert "1/10*" in answer.out
    assert (tmp_path / "s.svg").exists()
    (document,) = call("verify", "mine.toml", "s.npz", "--json").document["profiles"]
    assert document["epsilon"] < 1e-12
    assert call("solve", "chicken", "--concept", "correlated", "--save", "c.npz").code == 0
    (document,) = call("verify", "chicken", "c.npz", "--json").document["profiles"]
    assert document["concept"] == "correlated"
    assert document["epsilon"] < 1e-12


def test_illegal_actions_do_not_count(call: Any, tmp_path: Path) -> None:
    payoff = np.array([[[[9, 9], [1, 0], [0, 1]]], [[[9, 9], [0, 1], [1, 0]]]], dtype=float)
    game = gt.StochasticGame(payoff, np.ones((1, 3, 2, 1)), 0.0, legal=[[[False, True, True]], [[True, True]]])
    gt.save_game(game, tmp_path / "masked.json")
    answer = call("solve", "masked.json", "--save", "m.npz")
    assert "1: 1/2, 2: 1/2" in answer.out
    assert "9" not in answer.out
    (document,) = call("verify", "masked.json", "m.npz", "--json").document["profiles"]
    assert document["epsilon"] < 1e-12


def test_a_large_game_is_not_enumerated(call: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    gt.save_game(gt.StochasticGame.from_matrix_game(rng.normal(size=(2, 30, 30))), tmp_path / "large.npz")
    document = call("solve", "large.npz", "--json").document
    assert not document["complete"]
    assert "too large to list all" in document["message"]
    assert document["largest_gain"] < 1e-11
    assert "do not fit a table" in call("solve", "large.npz").out


# ---- learn and plot --------------------------------------------------------------------------------------------------


def test_learn_save_verify_plot(call: Any, tmp_path: Path) -> None:
    words = ("--steps", "2e3", "--seeds", "2", "--seed", "7", "--records", "5", "--set", "exploration=0.3")
    words += ("--set", "step_size=by_visits(0.8,end=1e-3)")
    answer = call("learn", "rock_paper_scissors", "minimax_q", *words, "--save", "a.npz", "--plot", "a.png", "--json")
    assert answer.code == 0, answer.err
    document = answer.document
    assert document["settings"]["steps"] == 2000
    assert document["settings"]["hyper_parameters"]["exploration"] == 0.3
    run = gt.load_run(tmp_path / "a.npz")
    assert document["trace"]["nash_gap"] == run.trace["nash_gap"].tolist()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    verdicts = call("verify", "rock_paper_scissors", "a.npz", "--json").document["profiles"]
    assert [verdict["epsilon"] for verdict in verdicts] == pytest.approx(run.trace["nash_gap"][:, -1])
    assert "seed 1" in call("verify", "rock_paper_scissors", "a.npz").out

    assert call("learn", "rock_paper_scissors", "independent_q", "--steps", "500", "--records", "3", "--save", "b.npz").code == 0
    assert call("plot", "a.npz", "b.npz", "gaps.png").code == 0
    assert call("plot", "a.npz", "a.npz", "--column", "nash_gap", "--column", "value_error", "--plot", "two.pdf").code == 0
    assert (tmp_path / "two.pdf").read_bytes().startswith(b"%PDF")


def test_a_selection_for_each_player_is_a_list_of_names(call: Any) -> None:
    words = ("learn", "matching_pennies", "nash_q", "--steps", "20", "--records", "2", "--json", "--set")
    for pair in ("selection=welfare,first", 'selection=["welfare", "first"]'):
        assert call(*words, pair).document["settings"]["hyper_parameters"]["selection"] == ["welfare", "first"]
    assert "unknown selection 'frist'; did you mean 'first'?" in call(*words, "selection=welfare,frist").err
    assert "selection has 3 entries" in call(*words, "selection=welfare,first,first").err


def test_learn_prints_a_table(call: Any) -> None:
    answer = call("learn", "matching_pennies", "independent_q", "--steps", "300", "--seeds", "2", "--records", "4")
    assert answer.code == 0
    assert "median of 2 seeds" in answer.out
    assert "at the end" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80


def test_learn_ends_with_one_honest_sentence(call: Any) -> None:
    answer = call("learn", "matching_pennies", "independent_q", "--steps", "2e4", "--seeds", "3", "--save", "p.npz")
    said = " ".join(answer.out.split())
    assert said.endswith(("which cycles.", "(gap 2)."))
    assert "converged to" not in said
    again = call("diagnose", "p.npz")
    assert again.code == 0
    assert " ".join(again.out.split()).endswith(said.rpartition(" ")[2])
    document = call("diagnose", "p.npz", "--json").document
    assert document["verdict"] in ("averages", "cycles")
    assert set(document["route"]) == {"heads/heads", "heads/tails", "tails/tails", "tails/heads"}
    assert len(document["seeds"]) == 3
    answer = call("learn", "prisoners_dilemma", "independent_q", "--steps", "2e4", "--seeds", "2", "--json")
    assert answer.document["diagnosis"]["verdict"] == "converged"
    assert "close to equilibrium but not settled" in call("diagnose", "p.npz", "--tol", "10").out
    assert call("diagnose", "missing.npz").code == 2


def test_a_checkpoint_is_resumed(call: Any) -> None:
    words = ("learn", "matching_pennies", "independent_q", "--records", "3", "--checkpoint", "c.npz", "--json")
    assert call(*words, "--steps", "200").code == 0
    resumed = call(*words, "--steps", "400").document
    assert resumed["trace"]["step"][0][-1] == 400
    assert len(resumed["trace"]["step"][0]) > 3


# ---- bad input -------------------------------------------------------------------------------------------------------

WRONG: list[tuple[tuple[str, ...], str]] = [
    (("slove",), "solve"),
    (("solve",), "GAME"),
    (("solve", "soccer", "--tool", "1"), "--tol"),
    (("solve", "soccer", "--tol", "small"), "--tol"),
    (("solve", "soccer", "--tol", "-1"), "tol is -1"),
    (("solve", "soccer", "--tol", "nan"), "tol is nan"),
    (("solve", "soccer", "--max-iterations", "0"), "max_iterations is 0"),
    (("solve", "socer"), "'soccer'"),
    (("solve", "soccer", "--method", "newtn"), "'newton'"),
    (("solve", "soccer", "-p", "row=3"), "'rows'"),
    (("solve", "soccer", "-p", "rows"), "NAME=VALUE"),
    (("solve", "soccer", "-p", "rows=3", "-p", "rows=4"), "twice"),
    (("solve", "soccer", "-p", "rows=0"), "at least 1"),
    (("solve", "soccer", "-p", "rows=100000"), "GiB"),
    (("solve", "matching_pennies", "-p", "discount=2"), "[0, 1]"),
    (("solve", "matching_pennies", "-p", "discount=1"), "below 1"),
    (("solve", "matching_pennies", "-p", "name_or_path=x"), "parameter"),
    (("solve", "prisoners_dilemma", "--method", "newton"), "general-sum"),
    (("solve", "soccer", "--concept", "nash"), "760 states"),
    (("solve", "matching_pennies", "-p", "discount=0.5", "--concept", "nash"), "discount of 0.5"),
    (("solve", "chicken", "--concept", "nsh"), "'nash'"),
    (("solve", "chicken", "--concept", "nash", "--method", "newton"), "do not go together"),
    (("solve", "chicken", "--leader", "1"), "--concept stackelberg"),
    (("solve", "chicken", "--weak"), "--weak goes with --concept stackelberg and dominance"),
    (("solve", "chicken", "--concept", ""), "unknown concept ''"),
    (("solve", "chicken", "--max-iterations", "0"), "max_iterations is 0"),
    (("solve", "chicken", "--concept", "stackelberg", "--leader", "3"), "from 1 to 2"),
    (("solve", "chicken", "--concept", "correlated", "--objective", "libertarian"), "--player"),
    (("solve", "chicken", "--concept", "correlated", "--objective", "welfar"), "'welfare'"),
    (("solve", "chicken", "--concept", "correlated", "--objective", "welfare", "--player", "1"), "libertarian"),
    (("solve", "chicken", "--select", "welfar"), "'welfare'"),
    (("solve", "chicken", "--select", "welfare", "--label", "1"), "do not go together"),
    (("solve", "chicken", "--label", "4"), "from 0 to 3"),
    (("solve", "chicken", "--label", "one"), "--label"),
    (("solve", "chicken", "--concept", "logit", "--precision", "-1"), "at least 0"),
    (("solve", "chicken", "--concept", "minimax"), "zero-sum"),
    (("solve", "nau", "--concept", "stackelberg"), "two players"),
    (("solve", "nau", "--select", "welfare"), "two players"),
    (("solve", "nau", "--plot", "x.png"), "two players"),
    (("solve", "spread"), "show spread"),
    (("paradigms", "--agents", "2,,3"), "commas"),
    (("plot", "missing.npz", "x.png", "--kind", "foo"), "unknown kind of picture"),
    (("solve", "chicken", "--concept", "dominance", "--save", "s.npz"), "--save keeps profiles"),
    (("solve", "ragged.toml"), "ragged.toml"),
    (("solve", "soccer", "--state", "760"), "759"),
    (("solve", "soccer", "--state", "A(1,3) B(2,1)"), "did you mean"),
    (("solve", "missing.toml"), "no such file"),
    (("solve", "folder/"), "folder"),
    (("solve", "cut.npz"), "damaged"),
    (("solve", "broken.toml"), "broken.toml"),
    (("solve", "broken.json"), "broken.json"),
    (("solve", "nan.json"), "nan.json"),
    (("solve", "soccer", "--save", "s.txt"), ".npz"),
    (("solve", "soccer", "--save", "folder"), "folder"),
    (("solve", "soccer", "--save", "s.npz/"), "folder"),
    (("solve", "soccer", "--save", "nowhere/s.npz"), "no folder"),
    (("solve", "soccer", "--plot", "s.jpg"), ".png"),
    (("show", "socer"), "'soccer'"),
    (("show", "soccer", "--state", "-1"), "759"),
    (("show", "soccer", "--plot", "nowhere/s.png"), "no folder"),
    (("learn", "soccer"), "LEARNER"),
    (("learn", "soccer", "minimax_q"), "--steps"),
    (("learn", "soccer", "minimaxq", "--steps", "10"), "'minimax_q'"),
    (("learn", "soccer", "minimax_q", "--steps", "0"), "steps is 0"),
    (("learn", "soccer", "minimax_q", "--steps", "1.5"), "whole number"),
    (("learn", "soccer", "minimax_q", "--steps", "inf"), "whole number"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--seeds", "0"), "seeds is 0"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--seeds", "10000000"), "GiB"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--horizon", "0"), "horizon is 0"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--sampling", "uniformly"), "'uniform'"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--set", "explore=1"), "'exploration'"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--set", "exploration=2"), "exploration is 2"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--set", "exploration=often"), "'often'"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--set", "step_size=by_visit(1)"), "'by_visits'"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--set", "step_size=exponential(1)"), "start, end, steps"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--set", "step_size=by_visits(-1)"), "power"),
    (("learn", "soccer", "minimax_q", "--steps", "10", "--checkpoint", "c.txt"), ".npz"),
    (("learn", "grid_game_1", "minimax_q", "--steps", "10"), "zero-sum"),
    (("verify", "soccer", "missing.npz"), "no such file"),
    (("verify", "soccer", "cut.npz"), "damaged"),
    (("verify", "soccer", "pennies.npz"), "shape"),
    (("verify", "matching_pennies", "empty.npz"), "no profile"),
    (("verify", "matching_pennies", "pennies.npz", "--concept", "nsh"), "'nash'"),
    (("plot", "pennies.npz", "x.png"), "not a run"),
    (("plot", "pennies.npz"), "picture"),
    (("plot", "x.png"), "nothing to draw"),
    (("plot", "missing.npz", "--plot", "x.png"), "no such file"),
    (("plot", "missing.npz", "--plot", "nowhere/x.png"), "no folder"),
]


@pytest.mark.parametrize(("arguments", "hint"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_wrong_input_is_one_sentence(call: Any, tmp_path: Path, arguments: tuple[str, ...], hint: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.toml").write_text("title = ")
    (tmp_path / "broken.json").write_text('{"payoffs": [[1, 2], [3')
    (tmp_path / "ragged.toml").write_text("payoffs = [[1, 2], [3]]")
    (tmp_path / "nan.json").write_text('{"payoffs": [[1, NaN], [3, 4]]}')
    np.savez(tmp_path / "pennies.npz", player_0=np.full((1, 2), 0.5), player_1=np.full((1, 2), 0.5))
    np.savez(tmp_path / "empty.npz", something=np.zeros(3))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "pennies.npz").read_bytes()[:200])
    before = sorted(tmp_path.iterdir())
    answer = call(*arguments)
    assert answer.code == 2, answer
    assert answer.out == ""
    assert answer.err.startswith("gametheory-rl: ")
    assert answer.err.count("\n") == 1
    assert hint in answer.err
    assert "Traceback" not in answer.err
    assert sorted(tmp_path.iterdir()) == before


def test_a_fault_of_ours_says_how_to_see_it(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(arguments: Any) -> int:
        raise ZeroDivisionError(f"oops\nin {arguments}")

    monkeypatch.setattr(cli, "_dispatch", broken)
    answer = call("games")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert cli.TRACEBACK in answer.err
    monkeypatch.setenv(cli.TRACEBACK, "1")
    with pytest.raises(ZeroDivisionError):
        call("games")


@pytest.mark.parametrize(("error", "words"), [(PermissionError(13, "Permission denied", "/x"), "/x"), (MemoryError(), "memory")])
def test_what_the_system_refuses(call: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str) -> None:
    def refused(arguments: Any) -> int:
        raise error

    monkeypatch.setattr(cli, "_dispatch", refused)
    answer = call("games")
    assert answer.code == 2
    assert words in answer.err


# ---- pipes and interrupts --------------------------------------------------------------------------------------------


def test_a_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    child = process("-m", "gametheory_rl", "games", stdout=writing)
    os.close(writing)
    _, err = child.communicate(timeout=60)
    assert err == ""
    assert child.returncode == cli.PIPE_CLOSED


def interrupted(arguments: tuple[str, ...], folder: Path, ready: Any) -> Answer:
    child = process("-m", "gametheory_rl", *arguments, cwd=folder)
    deadline = time.monotonic() + 120
    while not ready() and time.monotonic() < deadline:
        assert child.poll() is None, child.communicate()
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert "Traceback" not in err
    return Answer(child.returncode, out, err)


def test_ctrl_c_keeps_what_was_recorded(tmp_path: Path) -> None:
    checkpoint = tmp_path / "c.npz"
    inodes: set[int] = set()

    def recorded() -> bool:
        """Whether the checkpoint was replaced: it is written once before the first record."""
        if checkpoint.exists():
            inodes.add(checkpoint.stat().st_ino)
        return len(inodes) > 1

    words = ("learn", "matching_pennies", "independent_q", "--steps", "1e10", "--records", "1000", "--checkpoint", "c.npz")
    answer = interrupted(words, tmp_path, recorded)
    assert answer.code == cli.INTERRUPTED
    saved = tmp_path / "matching_pennies-independent_q-interrupted.npz"
    assert f"saved {saved.name}" in answer.err
    run = gt.load_run(saved)
    assert run.status is gt.Status.INTERRUPTED
    assert run.trace["nash_gap"].shape[1] >= 1


def test_an_interrupted_solution_keeps_its_bound(call: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from gametheory_rl.stochastic import _certified

    real, sweeps = _certified.certify, []

    def impatient(*arguments: Any) -> Any:
        sweeps.append(1)
        if len(sweeps) == 4:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(_certified, "certify", impatient)
    answer = call("solve", "soccer", "--method", "value_iteration", "--json")
    assert answer.code == cli.INTERRUPTED
    assert "saved soccer-value_iteration-interrupted.npz" in answer.err
    assert answer.document["status"] == "interrupted"
    monkeypatch.undo()
    truth = gt.solve(gt.load_game("soccer"))
    with np.load(tmp_path / "soccer-value_iteration-interrupted.npz") as saved:
        assert np.abs(saved["values"] - truth.values).max() <= saved["error_bound"] + (truth.error_bound or 0)


@pytest.mark.parametrize("command", ["show", "solve"])
def test_names_from_a_file_do_not_command_the_terminal(call: Any, tmp_path: Any, command: str) -> None:
    path = tmp_path / "e.csv"
    path.write_text("action_1,payoff_1\n\x1b[2J\x1b[Hok,2\n", encoding="utf-8")
    out = call(command, str(path)).out
    assert "\\x1b[2J\\x1b[Hok" in out
    assert "\x1b" not in out


def test_a_profile_that_nothing_plays_is_refused(call: Any) -> None:
    for game in ("chicken", "gaussian_squeeze"):
        answer = call("show", game, "--profile", "absent.npz")
        assert (answer.code, answer.out) == (2, "")
        assert "--profile says what --animate films" in answer.err


def test_tuples_are_read_as_messages_write_them() -> None:
    from gametheory_rl.cli._options import _value

    for text in ("(64, 32)", "(64,32,)", "[64, 32]"):
        assert _value(text) == [64, 32]
    assert [_value(text) for text in ("(8,)", "()", "(a)", "(", "1e3")] == [[8], [], "(a)", "(", 1000.0]


def test_a_wrong_number_of_seeds_makes_no_folder(call: Any, tmp_path: Any) -> None:
    answer = call("reproduce", "littman1994", "--seeds", "0", "--out", str(tmp_path / "made"))
    assert answer.code == 2
    assert "seeds is 0" in answer.err
    assert not (tmp_path / "made").exists()

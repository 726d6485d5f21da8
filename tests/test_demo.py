"""The demo: it ends, its files are whole, and its words are its numbers."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from gametheory_rl import GameError, Run, Status, _demo, load_run
from gametheory_rl._support._files import read_arrays

PICTURES = ("1_solvers.png", "2_soccer.png", "3_stage_game.png", "4_learning.png", "5_team.png")
RUNS = ("soccer_minimax_q.npz", "soccer_independent_q.npz", "climbing_centralised_q.npz", "climbing_independent_q.npz")
FILES = {*PICTURES, *RUNS, "soccer_solution.npz", "summary.json"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Return the folder of a short demo, what it printed, and its summary."""
    out = tmp_path_factory.mktemp("demo") / "made" / "here"
    printed = io.StringIO()
    summary = _demo.demo(out, steps=2000, seeds=2, console=Console(file=printed, width=120))
    return out, printed.getvalue(), json.loads(summary.read_text())


def check_files(out: Path):
    assert {path.name for path in out.iterdir()} == FILES
    for name in PICTURES:
        assert (out / name).read_bytes().startswith(b"\x89PNG")
        assert (out / name).stat().st_size > 10_000


def test_it_writes_every_file_it_speaks_of(shown):
    out, printed, _ = shown
    check_files(out)
    for name in PICTURES:
        assert str(out / name) in printed


def test_the_summary_holds_the_numbers_of_the_runs(shown):
    out, _, summary = shown
    for name in RUNS:
        run = load_run(out / name)
        game, _, learner = name.removesuffix(".npz").partition("_")
        ends = summary["runs"][f"{game}/{learner}"]["nash_gap"]
        assert ends["median"] == np.median(run.trace["nash_gap"][:, -1])
        assert ends["smallest"] <= ends["median"] <= ends["largest"]
    assert load_run(out / RUNS[0]).settings["steps"] == 2000


def test_the_solution_is_the_known_one_and_certified(shown):
    out, printed, summary = shown
    for method in _demo.METHODS:
        found = summary["solutions"][method]
        np.testing.assert_allclose(found["kickoff_values"], [0.218484, -0.218484], atol=1e-6)
        assert found["error_bound"] < 1e-7
    assert summary["solution_epsilon"] < 1e-7
    saved = read_arrays(out / "soccer_solution.npz")
    assert saved["values"].shape == (2, 760)
    assert saved["player_0"].shape == (760, 5)
    assert "as their certified errors allow" in printed


def test_the_words_are_the_numbers(shown):
    _, printed, summary = shown
    words = summary["pictures"]
    for text in words.values():
        assert text in printed
    for learner in ("minimax_q", "independent_q"):
        ends = summary["runs"][f"soccer/{learner}"]
        assert f"gains {ends['nash_gap']['median']:.2f} in the worst state" in words["4_learning.png"]
        team = summary["runs"]["climbing/independent_q"]["team_payoff"]
    assert f"independent_q reaches it in {team['seeds_at_optimum']} of 10 seeds" in words["5_team.png"]


def made_up_run(**ends):
    trace = {"step": np.array([[1]]), **{name: np.array([[value]]) for name, value in ends.items()}}
    return Run((), (), trace, {})


def test_the_verdict_follows_the_numbers():
    near, far = made_up_run(nash_gap=0.1, start_gap=0.1, value_error=1), made_up_run(nash_gap=0.5, start_gap=0.5, value_error=1)
    mixed = made_up_run(nash_gap=0.9, start_gap=0.01, value_error=1)
    assert "By both, a is the nearer" in _demo._gap_words({"a": near, "b": far})
    assert "By both, b is the nearer" in _demo._gap_words({"a": far, "b": near})
    assert "By the first a, by the second b is the nearer" in _demo._gap_words({"a": near, "b": mixed})


def test_a_file_in_the_way_is_one_sentence(tmp_path, capsys):
    (tmp_path / "demo").write_text("mine")
    assert _demo.main(["--out", str(tmp_path / "demo")]) == 2
    assert "cannot write into" in capsys.readouterr().err
    assert (tmp_path / "demo").read_text() == "mine"


@pytest.mark.parametrize("knob", [{"steps": 0}, {"seeds": 0}])
def test_bad_knobs_are_refused_before_anything_is_done(tmp_path, knob):
    with pytest.raises(GameError, match="at least 1"):
        _demo.demo(tmp_path / "demo", **knob)
    assert not (tmp_path / "demo").exists()


def test_ctrl_c_in_training_keeps_what_was_recorded(tmp_path, capsys, monkeypatch):
    def stopped(game, learner, **knobs):
        return Run(((np.ones((1, 1)),) * 2,), (), {"step": np.ones((1, 1))}, {}, Status.INTERRUPTED)

    monkeypatch.setattr(_demo._learn, "learn", stopped)
    assert _demo.main(["--out", str(tmp_path), "--steps", "10"]) == 130
    assert str(tmp_path / RUNS[0]) in capsys.readouterr().err
    assert load_run(tmp_path / RUNS[0]).status is Status.INTERRUPTED
    assert not (tmp_path / "summary.json").exists()


def test_ctrl_c_elsewhere_leaves_whole_files(tmp_path, capsys, monkeypatch):
    def stopped(*arguments, **knobs):
        raise KeyboardInterrupt

    monkeypatch.setattr(_demo.plots, "nash_gap", stopped)
    (tmp_path / "summary.json").write_text("of an earlier demo")
    assert _demo.main(["--out", str(tmp_path), "--steps", "100", "--seeds", "1"]) == 130
    assert "every file" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {*PICTURES[:3], *RUNS[:2], "soccer_solution.npz"}


@pytest.mark.slow
def test_the_whole_demo_from_the_command_line(tmp_path):
    command = [sys.executable, "-m", "gametheory_rl._demo", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    check_files(tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["steps"] == 10**6
    assert "minimax_q: " in done.stderr, "progress is visible without a terminal too"
    assert f"{summary['seconds']:.0f} seconds in all" in done.stdout

"""What the page shows, without a browser."""

import importlib.util
import itertools
import socket
import struct
import subprocess
import sys

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl import equilibria as eq
from gametheory_rl.app import _edit, _figures, _match, _path, _pictures, _serve, _stage, _sweeps, _training


def size(png):
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def test_what_is_typed_is_the_game():
    game = gt.load_game("chicken")
    texts = _edit.cells(game, 2, 2)
    assert texts == [["6, 6", "2, 7"], ["7, 2", "0, 0"]]
    assert _edit.edited(game, texts).name == "chicken"
    texts[0][0] = "1/3 -2"
    changed = _edit.edited(game, texts)
    assert changed.name == "chicken, edited"
    assert changed.payoff[:, 0, 0, 0].tolist() == [1 / 3, -2.0]
    assert changed.labels.actions == game.labels.actions


def test_one_number_is_a_zero_sum_cell():
    game = gt.load_game("rock_paper_scissors")
    texts = _edit.cells(game, 3, 3)
    assert texts[0] == ["0", "-1", "1"]
    assert _edit.edited(game, texts).zero_sum


@pytest.mark.parametrize("text", ["3, x", "", "1 2 3", "1/0", "nan"])
def test_a_cell_that_is_no_payoff_is_named(text):
    with pytest.raises(GameError, match="row 1, column 2" if text != "nan" else "nan"):
        _edit.edited(gt.load_game("chicken"), [["1, 1", text], ["1, 1", "1, 1"]])


def test_a_larger_grid_keeps_the_game_and_names_the_new_actions():
    game = gt.load_game("chicken")
    larger = _edit.edited(game, _edit.cells(game, 3, 2))
    assert larger.num_actions == (3, 2)
    assert larger.payoff[:, 0, :2].tolist() == game.payoff[:, 0].tolist()
    assert larger.labels.actions[0][2] == "new 3"


@pytest.mark.parametrize("ending", _edit.FORMS)
def test_files_come_back_as_the_same_game(ending):
    game = gt.load_game("battle_of_the_sexes")
    back = _edit.game_of_file(f"mine{ending}", _edit.file_of_game(game, ending))
    assert back.payoff.tolist() == game.payoff.tolist()


def test_files_that_are_no_game_of_the_editor_are_refused_by_their_own_name():
    with pytest.raises(GameError, match=r"^cannot read bad\.toml"):
        _edit.game_of_file("bad.toml", b"[[[")
    with pytest.raises(GameError, match="2 to 5 actions"):
        _edit.game_of_file("large.npz", _edit.file_of_game(gt.load_game("von_stengel_75"), ".npz"))


def test_equilibria_are_listed_in_words():
    game = gt.load_game("chicken")
    found = _stage.enumerate_equilibria(game)
    assert _stage.equilibrium_sentence(found) == "3 equilibria, and there are no others."
    assert _stage.equilibrium_rows(game, found)[2][1:5] == ["yield 2/3, dare 1/3", "yield 2/3, dare 1/3", "14/3", "14/3"]
    zero = _stage.enumerate_equilibria(gt.load_game("zero_game"))
    assert "1 connected set," in _stage.equilibrium_sentence(zero)


def test_the_table_marks_best_responses_and_pure_equilibria():
    html = _stage.payoff_html(gt.load_game("chicken"))
    assert html.count("<td class=gt-nash>") == 2
    assert html.count("gt-best'") == 4
    named = gt.StochasticGame.from_matrix_game([[1, 0], [0, 1]], labels={"actions": [["<b>", "x"], ["y", "z"]]})
    assert "&lt;b&gt;" in _stage.payoff_html(named)


@pytest.mark.parametrize("name", ["three_by_two", "three_by_two_degenerate", "chicken", "ties", "oneill"])
def test_each_path_ends_where_the_solver_ends(name):
    A, B = gt.load_game(name).payoff[:, 0]
    for label in range(sum(A.shape)):
        steps = _path.lemke_howson_steps(A, B, label)
        end = eq.exact.lemke_howson(A, B, label)
        assert len(steps) - 1 == end.path_length
        assert steps[-1].complete
        assert np.allclose(steps[-1].x, end.profile[0].astype(float))
        assert np.allclose(steps[-1].y, end.profile[1].astype(float))
        assert all(not step.complete for step in steps[1:-1])
    assert len(_stage.path_rows(gt.load_game(name), 0)) == len(_path.lemke_howson_steps(A, B, 0))


@pytest.mark.parametrize("name", ["chicken", "rock_paper_scissors"])
def test_every_picture_can_be_drawn(name):
    game = gt.load_game(name)
    found = _stage.enumerate_equilibria(game)
    names = _pictures.names(*game.num_actions)
    assert len(names) >= 4
    assert all(min(size(_pictures.draw(each, game, found, 0, 1))) > 300 for each in names)


def test_sweeps_close_the_band_on_the_value():
    found = _sweeps.solved("big_match")
    last = _sweeps.num_sweeps(found)
    assert last > 3
    assert "0.5" in _sweeps.headline(found)
    assert abs(_sweeps.sweep_values(found, last)[0, 0] - 0.5) < 1e-6
    assert "Before the first sweep" in _sweeps.sweep_sentence(found, 0, 0)
    lower, upper = (float(part) for part in _sweeps.sweep_sentence(found, 2, 0).split("[")[1].split("]")[0].split(","))
    assert lower <= 0.5 <= upper
    assert all(min(size(draw(found, 2, 0))) > 250 for draw in (_sweeps.stage_picture, _sweeps.band_picture))
    assert _sweeps.num_sweeps(_sweeps.solved("nosde")) == 0
    assert "-0" not in {cell for row in _sweeps.value_rows(found) for cell in row}


def test_training_in_parts_is_the_run_in_one_go():
    *_, (share, run) = _training.train("matching_pennies", "minimax_q", 500, 2)
    whole = gt.learn(gt.load_game("matching_pennies"), "minimax_q", steps=500, seeds=2, progress=False)
    assert share == 1
    assert all(np.array_equal(a, b) for a, b in zip(run.profile, whole.profile, strict=True))
    assert "Exact gap at the end" in _training.verdict(run)


def test_matches_follow_the_policies_and_the_board():
    game = gt.load_game("soccer")
    profile = _match.policies("soccer", ("equilibrium", "uniform"))
    frames = _match.play(game, profile, 0)
    again = _match.play(game, profile, 0)
    assert [frame.state for frame in frames] == [frame.state for frame in again]
    assert all(profile[i][before.state, after.last[i]] > 0 for before, after in itertools.pairwise(frames) for i in (0, 1))
    assert min(size(_match.frame_picture(game, frames, 1))) > 300
    assert "Step 1 of" in _match.score(game, frames, 1)


def test_cells_of_tables_are_escaped():
    assert "<i>" not in _figures.table(["a"], [["<i>"]])


def test_without_marimo_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(GameError, match=r"pip install 'gametheory-rl\[app\]'"):
        _serve.serve(browser=False)


def test_a_port_out_of_range_or_taken_is_refused():
    pytest.importorskip("marimo")
    with pytest.raises(GameError, match="1 to 65535"):
        _serve.serve(70_000, browser=False)

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(GameError, match="is taken"):
            _serve.serve(taken.getsockname()[1], browser=False)


def test_the_page_is_a_sound_notebook():
    pytest.importorskip("marimo")
    done = subprocess.run([sys.executable, "-m", "marimo", "check", str(_serve.PAGE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

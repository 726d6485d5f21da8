"""Loading and saving: names, paths, overrides, exact round trips, and every kind of file that is not a game."""

import json
import os
import pickle
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gametheory_rl as gt
from gametheory_rl import Board, GameError, StochasticGame, list_games, load_game, save_game
from gametheory_rl._catalogue import game_info
from tests.contracts.test_families import same

NAMES = {
    *("matching_pennies", "rock_paper_scissors", "prisoners_dilemma", "stag_hunt", "chicken", "battle_of_the_sexes", "shapley_cycle"),
    *("penalty", "climbing", "inspection", "big_match", "irrational_value", "newton_cycle", "nosde"),
    *("soccer", "greenwald_hall_soccer", "grid_game_1", "grid_game_2", "garnet"),
}
ENDINGS = pytest.mark.parametrize("ending", [".toml", ".json", ".npz"])
TEXTS = pytest.mark.parametrize("ending", [".toml", ".json"])

# ---- names ---------------------------------------------------------------------------------------------------------


def test_the_first_set_is_there():
    assert set(list_games()) >= NAMES
    assert list_games() == sorted(list_games())


@pytest.mark.parametrize("name", list_games())
@ENDINGS
def test_every_game_loads_and_survives_saving(name, ending, tmp_path):
    game = load_game(name)
    path = save_game(game, tmp_path / f"copy{ending}")
    assert same(load_game(path), game)
    assert same(load_game(str(path)), game)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(GameError, match="unknown game 'socer'; did you mean 'soccer'?"):
        load_game("socer")
    with pytest.raises(GameError, match="unknown game 'zzzzzz'; known: .*soccer"):
        load_game("zzzzzz")
    for nonsense in (None, 3, b"soccer"):
        with pytest.raises(GameError, match="the name of a game or a path was expected"):
            load_game(nonsense)


def test_info_tells_what_the_file_says():
    info = game_info("nosde")
    assert (info.title, info.family) == ("NoSDE: no stationary deterministic equilibrium", "")
    assert info.known["values"] == [[4, 16 / 3], [16 / 3, 4]]
    assert game_info("soccer").parameters["rows"] == 4


def test_info_of_files(tmp_path):
    game = load_game("chicken")
    for ending in (".toml", ".json", ".npz"):
        info = game_info(save_game(game, tmp_path / f"mine{ending}"))
        assert (info.name, info.title, info.known) == ("mine", "", {})
    with pytest.raises(GameError, match="unknown game 'chickn'"):
        game_info("chickn")
    write(tmp_path / "a.toml", "title = 3\npayoffs = [[1]]")
    with pytest.raises(GameError, match="title is 3, a string"):
        game_info(tmp_path / "a.toml")
    write(tmp_path / "a.toml", "known = 3\npayoffs = [[1]]")
    with pytest.raises(GameError, match="known is int, a table"):
        game_info(tmp_path / "a.toml")


# ---- parameters ----------------------------------------------------------------------------------------------------


def test_family_parameters_can_be_replaced():
    assert load_game("soccer", rows=3, goal_rows=None, starts=None).num_states == 2 * 15 * 14
    assert not np.array_equal(load_game("garnet", seed=3).payoff, load_game("garnet").payoff)
    with pytest.raises(GameError, match="soccer has an unknown parameter of the family soccer: 'row'; did you mean 'rows'?"):
        load_game("soccer", row=3)
    with pytest.raises(GameError, match="soccer: rows is 0"):
        load_game("soccer", rows=0)


def test_a_discount_repeats_a_matrix_game_and_nothing_else_is_taken():
    assert load_game("chicken", discount=0.5).discount.tolist() == [0.5, 0.5]
    with pytest.raises(GameError, match="the only parameter it takes is discount"):
        load_game("chicken", rows=2)
    with pytest.raises(GameError, match="fixed tensors"):
        load_game("nosde", discount=0.5)


def test_parameters_of_files(tmp_path):
    path = save_game(load_game("nosde"), tmp_path / "a.npz")
    with pytest.raises(GameError, match="fixed tensors"):
        load_game(path, discount=0.5)
    write(tmp_path / "b.toml", 'family = "garnet"\n[parameters]\nstates = 7\ndiscount = "1/2"')
    assert load_game(tmp_path / "b.toml").num_states == 7
    assert load_game(tmp_path / "b.toml", states=8).num_states == 8
    assert load_game(tmp_path / "b.toml").discount[0] == 0.5


# ---- round trips ---------------------------------------------------------------------------------------------------


@st.composite
def games(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    actions = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    states = draw(st.integers(1, 6))
    payoff = rng.standard_normal((len(actions), states, *actions)) * 10.0 ** rng.integers(-300, 300)
    transition = rng.random((states, *actions, states)) ** 8
    transition /= transition.sum(axis=-1, keepdims=True)
    legal = [rng.random((states, a)) < 0.7 for a in actions]
    for mask in legal:
        mask[np.arange(states), rng.integers(0, mask.shape[1], states)] = True
    start = rng.random(states)
    text = st.text(max_size=5).filter(lambda s: s.isprintable() or "\n" in s or "\x7f" in s)
    text = text.filter(lambda s: not any("\ud800" <= c <= "\udfff" for c in s))
    labels = {"states": draw(st.lists(text, min_size=states, max_size=states))} if draw(st.booleans()) else None
    board = Board((2, 3), rng.integers(-1, 3, (len(actions), states, 2)), None, ((0, -1, 1),), ()) if draw(st.booleans()) else None
    extra = {"legal": legal if draw(st.booleans()) else None, "labels": labels, "board": board, "name": draw(text)}
    game = StochasticGame(payoff, transition, rng.random(len(actions)), start / start.sum(), **extra)
    return game.sparse() if draw(st.booleans()) else game


@ENDINGS
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(game=games())
def test_round_trips_are_exact(ending, game, tmp_path):
    assert same(load_game(save_game(game, tmp_path / f"game{ending}")), game)


@ENDINGS
def test_saving_replaces_whole_files(ending, tmp_path):
    path = tmp_path / f"game{ending}"
    save_game(load_game("soccer"), path)
    save_game(load_game("chicken"), path)
    assert load_game(path).name == "chicken"


def test_saving_refuses_in_a_sentence(tmp_path):
    game = load_game("chicken")
    with pytest.raises(GameError, match="cannot write .*x.xls: the ending '.xls' is not known, .toml, .json, .npz, .nfg, .* was expected"):
        save_game(game, tmp_path / "x.xls")
    with pytest.raises(GameError, match="it has no ending"):
        save_game(game, tmp_path / "x")
    with pytest.raises(GameError, match="cannot write"):
        save_game(game, tmp_path / "missing" / "x.toml")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(GameError, match="it is a folder"):
        save_game(game, tmp_path / "folder.toml")
    with pytest.raises(GameError, match="a StochasticGame was expected"):
        save_game("chicken", tmp_path / "x.toml")
    odd = StochasticGame.from_matrix_game(game.payoff[:, 0], name="\ud800")
    with pytest.raises(GameError, match="surrogate"):
        save_game(odd, tmp_path / "odd.toml")
    assert [p.name for p in tmp_path.iterdir()] == ["folder.toml"]


def test_saving_refuses_texts_of_absurd_length(tmp_path, monkeypatch):
    monkeypatch.setattr("gametheory_rl._catalogue_files.TEXT_LIMIT", 1000)
    with pytest.raises(GameError, match="use the ending .npz"):
        save_game(load_game("soccer"), tmp_path / "x.json")


# ---- bad files -----------------------------------------------------------------------------------------------------


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("payoffs = [[1, 2], [3", "it is not TOML, or it is cut short"),
        ("payoffs = " + "[" * 5000, "is not TOML|nested too deeply"),
        ("", "is not a game: one of family, payoffs, payoff and population was expected, none of them was found"),
        ('title = "x"', "none of them was found"),
        ("payoffs = [[1]]\npayoff = [[[1]]]", "payoffs and payoff was found"),
        ("payofs = [[1, 2]]", "unknown entry 'payofs'; did you mean 'payoffs'?"),
        ("payoffs = 3", "payoffs has shape \\(\\)"),
        ("payoffs = [1, 2]", "payoffs has shape \\(2,\\)"),
        ("payoffs = [[1, 2], [3]]", "payoffs is not an array of numbers"),
        ('payoffs = [[1, "x"]]', "payoffs is not an array of numbers"),
        ("payoffs = [[true]]", "payoffs is not an array of numbers"),
        ("payoffs = [[1, 2], [3, 4], [5]]", r"payoffs\[2\] is a list of 1, not a list of 2; numbers"),
        ('payoffs = [[1, 2], [3, "x"]]', r"payoffs\[1\]\[1\] is 'x'; numbers"),
        ('payoffs = [[1, 2], [[3], "1/3"]]', r"payoffs\[1\]\[0\] is a list of 1; numbers"),
        ("payoffs = [[1, 2], 3]", r"payoffs\[1\] is 3, not a list of 2; numbers"),
        ("payoffs = [[1, 2], [], 3]", r"payoffs\[1\] is a list of 0, not a list of 2; numbers"),
        ('payoffs = "x"', "payoffs is 'x'; numbers"),
        ("payoffs = [[[[1]]], [[[1]]]]", "payoffs has shape \\(2, 1, 1, 1\\)"),
        ("payoffs = [[nan, 1]]", "is nan, a finite number"),
        ("payoffs = [[1e400, 1]]", "is inf, a finite number"),
        ("payoffs = [[1" + "0" * 400 + ", 1]]", "not an array of numbers"),
        ("payoffs = [[1" + "0" * 5000 + ", 1]]", "line 1 column 13: the integer has 5001 digits"),
        ('payoffs = [["1/0", 1]]', "'1/0' divides by zero"),
        ('payoffs = [["1e999999999/3", 1]]', "not an array of numbers"),
        ("payoffs = [[], []]", "payoff has shape"),
        ("payoffs = [[1, 2]]\ndiscount = 2", "discount is"),
        ("payoffs = [[1, 2]]\nname = 3", "name is 3, a string"),
        ('payoffs = [[1, 2]]\nactions = ["a"]', "one list of names per player"),
        ('payoffs = [[1, 2], [3, 4]]\nactions = [["a"], ["b", "c"]]', "labels name 1 actions of player 0, 2 were expected"),
        ("payoffs = [[1, 2]]\nactions = [[1], [1, 2]]", "must be strings"),
        ("payoffs = [[1, 2]]\nplayers = 3", "lists of names"),
        ('family = "socer"', "unknown family 'socer'; did you mean 'soccer'?"),
        ("family = 3", "unknown family '3'"),
        ('family = "soccer"\n[parameters]\nrowz = 3', "unknown parameter of the family soccer: 'rowz'; did you mean 'rows'?"),
        ('family = "soccer"\nparameters = 3', "parameters is int, a table was expected"),
        ('family = "soccer"\n[parameters]\nrows = 100000\ncolumns = 100000', "GiB are free"),
        ('family = "soccer"\n[parameters]\nrows = "many"', "rows is 'many', an integer"),
        ('family = "soccer"\ndiscount = 0.5', "discount beside family"),
        ("payoff = [[[1]]]", "needs a discount"),
        ("payoff = [[[1]]]\ndiscount = 0.5", "either transition or successors"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[0.5]]]", "sums to 0.5, 1 was expected"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[nan]]]", "NaN"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[0.5, 0.5]]]", "transition has shape"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\nstart = [0.5]", "start sums to 0.5"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\nlegal = [[[false]]]", "no legal action"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\nlegal = 3", "legal is int"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\nlegal = [[[true], []]]", "legal"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\nlegal = [[[2]]]", "legal"),
        ("payoff = [[[1]]]\ndiscount = 0.5\nsuccessors = 3", "table with named entries"),
        ("payoff = [[[1]]]\ndiscount = 0.5\n[successors]\noffsets = [0, 1]\nstates = [0]", "successors needs the lists"),
        ("payoff = [[[1]]]\ndiscount = 0.5\n[successors]\noffsets = [0, 1]\nstates = [0.5]\nprobabilities = [1]", "not integers"),
        ("payoff = [[[1]]]\ndiscount = 0.5\n[successors]\noffsets = [0, 9]\nstates = [0]\nprobabilities = [1]", "successor lists"),
        ("payoff = [[[1]]]\ndiscount = 0.5\n[successors]\noffsets = [0, 1]\nstates = [7]\nprobabilities = [1]", "state 7"),
        ("payoff = [[[1]]]\ndiscount = 0.5\n[successors]\noffsets = [[0], [1]]\nstates = [0]\nprobabilities = [1]", "offsets"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\n[board]\nshape = [1, 1]", "board needs shape and positions"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\n[board]\nshape = [1]\npositions = [[[0, 0]]]", "board.shape is"),
        ("payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\n[board]\nshape = [1, 1]\npositions = [[0]]", "board.positions has shape"),
        (
            "payoff = [[[1]]]\ndiscount = 0.5\ntransition = [[[1]]]\n[board]\nshape = [1, 1]\npositions = [[[0, 0]]]\nmoves = [[1]]",
            "board.moves has shape",
        ),
    ],
)
def test_files_that_are_not_games(text, message, tmp_path):
    path = write(tmp_path / "bad.toml", text)
    with pytest.raises(GameError, match=message) as caught:
        load_game(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON, or it is cut short"),
        ("[1, 2]", "is not a game: a table with named entries was expected, list was found"),
        ("[" * 10**5, "nested too deeply|is not JSON"),
        ('{"payoffs": [[NaN, 1]]}', "a finite number"),
        ('{"payoffs": [[Infinity, 1]]}', "a finite number"),
        ('{"payoffs": {"a": 1}}', "not an array of numbers"),
        ('{"payoffs": null}', "not an array of numbers"),
        ('{"payoff": [[[1]]], "discount": null, "transition": [[[1]]]}', "discount is not an array of numbers"),
        ('{"family": ["soccer"]}', "unknown family"),
        ('{"family": "soccer", "parameters": {"rows": null}}', "rows is None"),
    ],
)
def test_json_that_is_no_game(text, message, tmp_path):
    with pytest.raises(GameError, match=message):
        load_game(write(tmp_path / "bad.json", text))


def test_paths_that_lead_nowhere(tmp_path):
    with pytest.raises(GameError, match="there is no such file"):
        load_game(tmp_path / "missing.toml")
    with pytest.raises(GameError, match="there is no such file"):
        load_game("missing.npz")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "folder.npz").mkdir()
    for name in ("folder.toml", "folder.npz"):
        with pytest.raises(GameError, match="it is a folder"):
            load_game(tmp_path / name)
    for ending in (".xls", ".txt"):
        with pytest.raises(GameError, match=f"the ending '{ending}' is not known, .toml, .json, .npz, .nfg, .* was expected"):
            load_game(write(tmp_path / f"game{ending}", "x"))
    with pytest.raises(GameError, match="it has no ending"):
        load_game(tmp_path / "soccer")
    with pytest.raises(GameError, match="not UTF-8"):
        (tmp_path / "bytes.toml").write_bytes(b"title = '\xff'")
        load_game(tmp_path / "bytes.toml")


@ENDINGS
def test_files_cut_short_anywhere(ending, tmp_path):
    whole = save_game(load_game("nosde"), tmp_path / f"whole{ending}").read_bytes()
    cut = tmp_path / f"cut{ending}"
    for length in range(0, len(whole) - 2, max(1, len(whole) // 40)):
        cut.write_bytes(whole[:length])
        with pytest.raises(GameError):
            load_game(cut)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_a_damaged_npz_is_refused_or_still_a_game(where, byte, tmp_path):
    whole = bytearray(save_game(load_game("nosde"), tmp_path / "whole.npz").read_bytes())
    whole[where % len(whole)] = byte
    (tmp_path / "damaged.npz").write_bytes(whole)
    try:
        assert isinstance(load_game(tmp_path / "damaged.npz"), StochasticGame)
    except GameError as error:
        assert "\n" not in str(error)


def test_nothing_is_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    (tmp_path / "pure.npz").write_bytes(pickle.dumps(Trap()))
    np.savez(tmp_path / "inside.npz", payoff=np.array([Trap()], dtype=object), allow_pickle=True)
    for name in ("pure.npz", "inside.npz"):
        with pytest.raises(GameError):
            load_game(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_arrays_that_are_no_game(tmp_path):
    good = {"payoff": np.ones((1, 1, 1)), "transition": np.ones((1, 1, 1)), "discount": np.array([0.5])}
    for change, message in [
        ({"payoff": np.ones((1, 1, 1)) * 1j}, "'payoff' holds complex128, real numbers"),
        ({"payoff": np.array([[["1"]]])}, "real numbers were expected"),
        ({"discount": np.ones((4, 4), bool)}, "discount is an array of bool, numbers were expected"),
        ({"other": np.ones(1)}, "unknown entry 'other'"),
        ({"text": np.array("{")}, "does not hold the names"),
        ({"text": np.array("[1]")}, "does not hold the names"),
        ({"text": np.array('{"rows": 1}')}, "does not hold the names"),
        ({"legal.3": np.ones((1, 1))}, "legal"),
        ({"payoff.x": np.ones((1, 1))}, "payoff"),
        ({"board.shape": np.ones(2)}, "board needs"),
        ({"known": np.ones(2)}, "unknown entry 'known'"),
    ]:
        np.savez(tmp_path / "bad.npz", **{**good, **change})
        with pytest.raises(GameError, match=re.escape(message) if "'" in message else message):
            load_game(tmp_path / "bad.npz")


def test_an_npz_that_promises_more_than_it_holds_is_refused_before_the_memory_is_taken(tmp_path):
    header = b"\x93NUMPY\x01\x00"
    text = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }"
    text += b" " * (118 - len(text) - 1) + b"\n"
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as archive:
        archive.writestr("payoff.npy", header + len(text).to_bytes(2, "little") + text + b"\0" * 80)
    with pytest.raises(GameError, match="the file has fewer"):
        load_game(tmp_path / "bomb.npz")


# ---- numbers and forms ---------------------------------------------------------------------------------------------


@TEXTS
def test_rationals(ending, tmp_path):
    document = {"payoffs": [["1/3", " -2 / 7 "], [0.5, 4]]}
    text = json.dumps(document) if ending == ".json" else 'payoffs = [["1/3", " -2 / 7 "], [0.5, 4]]'
    game = load_game(write(tmp_path / f"game{ending}", text))
    assert game.payoff[0, 0].tolist() == [[1 / 3, -2 / 7], [0.5, 4.0]]
    assert game.name == "game"


def test_three_player_matrix_game(tmp_path):
    payoffs = np.arange(24.0).reshape(3, 2, 2, 2).tolist()
    game = load_game(write(tmp_path / "three.json", json.dumps({"payoffs": payoffs})))
    assert game.num_players == 3
    assert game.payoff[:, 0].tolist() == payoffs


def test_one_player_file(tmp_path):
    game = load_game(write(tmp_path / "one.toml", "payoff = [[[1, 2]]]\ntransition = [[[1], [1]]]\ndiscount = 0.5"))
    assert (game.num_players, game.num_actions) == (1, (2,))


def test_public_and_light():
    assert gt.load_game is load_game
    code = (
        "import sys, gametheory_rl as gt; gt.load_game('soccer'); print([m for m in ('scipy', 'numba', 'matplotlib') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"

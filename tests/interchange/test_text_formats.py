"""Gambit's .nfg, GameTracer's .gam and long tables: round trips, foreign files, and hostile ones."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import gametheory_rl as gt
from gametheory_rl import _registry
from gametheory_rl.interchange import _csv, _gam, _nfg

STAGE = (".nfg", ".gam", ".csv")
NAMES = {"players": ('A "quoted"', "B\\", "Ç"), "actions": (("up", "down"), ("a", "b", "c"), ("w", "x", "y,", "z\n"))}


@pytest.fixture
def asymmetric():
    """2 x 3 x 4, every payoff another number: a mistake in the order of players shows."""
    payoffs = np.arange(72).reshape(3, 2, 3, 4) * 1.1 - 7
    return gt.StochasticGame.from_matrix_game(payoffs, labels=NAMES, name="asym{metric}")


def same(game, other, *, names=True, form=True):
    assert np.array_equal(game.payoff, other.payoff)
    assert np.array_equal(game.discount, other.discount)
    assert np.array_equal(game.start, other.start)
    assert all(np.array_equal(a, b) for a, b in zip(game.legal, other.legal, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(game.successors, other.successors, strict=True))
    if names:
        assert (game.labels, game.name) == (other.labels, other.name)


@pytest.mark.parametrize("first", [*STAGE, ".json", ".toml", ".npz"])
@pytest.mark.parametrize("second", STAGE)
def test_a_matrix_game_survives_every_pair_of_formats(asymmetric, tmp_path, first, second):
    once = gt.load_game(gt.save_game(asymmetric, tmp_path / f"one{first}"))
    twice = gt.load_game(gt.save_game(once, tmp_path / f"two{second}"))
    same(asymmetric, twice, names=".gam" not in (first, second))


def test_player_one_varies_fastest(asymmetric, tmp_path):
    numbers = gt.save_game(asymmetric, tmp_path / "a.nfg").read_text().split("\n\n")[1].split()
    assert [float(x) for x in numbers[3:6]] == asymmetric.payoff[:, 0, 1, 0, 0].tolist()
    blocks = gt.save_game(asymmetric, tmp_path / "a.gam").read_text().split("\n\n")[1].split("\n")
    assert [float(x) for x in blocks[0].split()[:3]] == asymmetric.payoff[0, 0, [0, 1, 0], [0, 0, 1], 0].tolist()


@pytest.mark.parametrize("name", gt.list_games())
def test_every_game_of_the_catalogue_is_a_table(name, tmp_path):
    game = gt.load_game(name)
    if not isinstance(game, gt.StochasticGame):
        pytest.skip("a population is no table of joint actions")
    same(game, gt.load_game(gt.save_game(game, tmp_path / "game.csv")))
    if game.num_states == 1 and not game.discount.any():
        same(game, gt.load_game(gt.save_game(game, tmp_path / "game.nfg")))


def test_rationals_are_not_rounded(tmp_path):
    (tmp_path / "a.nfg").write_text('NFG 1 R "t" { "1" "2" } { 2 1 } 1/3 -0.1 1e-3 5')
    payoffs = gt.load_payoffs(tmp_path / "a.nfg")
    assert payoffs.ravel().tolist() == [Fraction(1, 3), Fraction(1, 1000), Fraction(-1, 10), 5]
    (tmp_path / "a.gam").write_text("# a comment\n1\n2\n\n1/3 2/7")
    assert gt.load_payoffs(tmp_path / "a.gam").ravel().tolist() == [Fraction(1, 3), Fraction(2, 7)]
    rows = ["y,b,1e-999999999,-1", "x,a, 1/3 ,0.1", "x,b,2/-7,1e3", "y,a,1/0.3,5"]
    (tmp_path / "a.csv").write_text("action_2,action_1,payoff_2,payoff_1\n" + "\n".join(rows))
    exact = gt.load_payoffs(tmp_path / "a.csv")  # menus as they are met: b, a and y, x
    assert exact.tolist() == [
        [[-1, Fraction(1000)], [5, Fraction(1, 10)]],
        [[0, Fraction(-2, 7)], [Fraction(10, 3), Fraction(1, 3)]],
    ]
    assert np.array_equal(exact.astype(float), gt.load_game(tmp_path / "a.csv").payoff[:, 0])
    for cell in ("1/inf", "1/nan", "1/0", "inf", "1/2/3", "1/"):
        with pytest.raises(gt.GameError, match="line 2: the payoff is"):
            _csv.read(f"action_1,payoff_1\nx,{cell}\ny,1", "f.csv", "f", {})


@settings(max_examples=40)
@given(numbers=st.lists(st.fractions(max_denominator=10**9), min_size=6, max_size=6))
def test_any_rationals_of_a_table_stay_as_they_are(numbers, tmp_path_factory):
    path = tmp_path_factory.mktemp("exact") / "a.csv"
    rows = [f"{k % 2},{k // 2},{number},{-number}" for k, number in enumerate(numbers)]
    path.write_text("action_1,action_2,payoff_1,payoff_2\n" + "\n".join(rows))
    exact = gt.load_payoffs(path)
    assert exact[0].T.ravel().tolist() == numbers
    assert (exact[0] == -exact[1]).all()


NUMBERS = st.one_of(
    st.fractions().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"\A-?[0-9]{1,30}(\.[0-9]{0,30})?(e-?[0-9]{1,2})?\Z"),
)


@given(st.lists(NUMBERS, min_size=4, max_size=4))
@example(["-0", "1/3", "-1/3", "0/7"])
@example(["1e-320", "-2.5e-324", "179769313486231570000e288", "-0.0e5"])
@example(["9007199254740993", "0.1", "1234567890123456789/7", "1/9007199254740993"])
def test_a_game_has_the_float_that_is_nearest_to_its_text(words):
    for form, text in ((_nfg, f'NFG 1 R "" {{ "a" "b" }} {{ 2 1 }} {" ".join(words)}'), (_gam, f"2 2 1 {' '.join(words)}")):
        exact, near = (form.read(text, "x", exact=kind).payoffs for kind in (True, False))
        assert near.dtype == float
        np.testing.assert_array_equal(near, exact.astype(float))
        assert not np.signbit(near[near == 0]).any()


def test_the_outcome_form_of_gambit():
    text = """NFG 1 D "Battle" { "Player 1" "Player 2" } { { "1" "2" "3" } { "1" "2" } }
"a comment"

{
{ "first" 1, 1 }
{ "" 0 2 }
{ "third" 1/3, 1.5, }
}
1 2 3 0 1 2
"""
    game = _nfg.read(text, "x")
    assert game.players == ("Player 1", "Player 2")
    assert game.payoffs[0].tolist() == [[1, 0], [0, 1], [Fraction(1, 3), 0]]
    assert game.payoffs[1].tolist() == [[1, 0], [2, 1], [Fraction(3, 2), 2]]


def test_a_spreadsheet_of_a_matrix_game():
    text = "payoff_2,action_2,action_1,payoff_1\r\n1,left,up,2/3\r\n0,right,up,0\r\n0,left,down,0\r\n2,right,down,1\r\n"
    game = _csv.read(text, "x.csv", "mine", {})
    assert game.labels.actions == (("up", "down"), ("left", "right"))
    assert game.payoff[:, 0].tolist() == [[[2 / 3, 0], [0, 1]], [[1, 0], [0, 2]]]
    assert (game.name, game.discount.tolist()) == ("mine", [0.0, 0.0])


def test_a_spreadsheet_of_a_stochastic_game():
    text = """state,action:Ann,payoff:Ann,next_state,probability
home,go,1,away,1/4
home,go,1,home,0.75
home,stay,0,home,1
away,stay,0.5,away,1
"""
    game = _csv.read("﻿" + text, "x.csv", "trip", {"discount": 0.9})
    assert game.labels == gt.Labels(("Ann",), ("home", "away"), (("go", "stay"),))
    assert game.legal[0].tolist() == [[True, True], [False, True]]
    assert game.dense().transition[0, 0].tolist() == [0.75, 0.25]
    with pytest.raises(gt.GameError, match="does not say the discount"):
        _csv.read(text, "x.csv", "trip", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 column 1: the text ends here, NFG was expected"),
        ('NFG 1 R "t', "line 1 column 9: a quoted name is never closed"),
        ('NFG 1 R "t" { "a" } { 0 }', "column 23: '0' was found, a number of strategies"),
        ('NFG 1 R "t" { "a"\n"b" } { 999999999 99999999 } 1', "line 2 column 29: 999999999 x 99999999 actions need"),
        ('NFG 1 R "t" { "a" } { 2 } 1 2 3', "'3' was found, the end was expected"),
        ('NFG 1 R "t" { "a" } { 2 } 1 1e400', "'1e400' is larger than any float64"),
        ('NFG 1 R "t" { "a" } { 2 } 1 1/0', "'1/0' divides by zero"),
        ('NFG 1 R "t" { "a" } { 2 } 1 nan', "'nan' was found, a number"),
        ('NFG 1 R "t" { "a" } { { "x" } } { { "o" 1 } } 2', "outcome number 1 is 2"),
        ('NFG 1 R "t" { } { }', "there are 0 players"),
        ('NFG 1 R "t" { "a" } { 2 } 1 ' + "9" * 5000, "at most 400 characters"),
        ('NFG 1 R "t" { "a" } { 2 } 1 \u0663', "'\u0663' was found, a number"),
        ('NFG 1 R "t" { "a" } { \u0662 } 1 2', "'\u0662' was found, a number of strategies"),
        ('NFG 1 X "t"', "R (rational) or D (decimal) was expected"),
    ],
)
def test_a_wrong_nfg_says_where(text, message):
    with pytest.raises(gt.GameError) as caught:
        _nfg.read(text, "f.nfg")
    assert str(caught.value).startswith("cannot read f.nfg, line ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the columns are none"),
        ("a,b\n1,2", "line 1: the columns are a, b"),
        ("action_1,payoff_1\n", "at least one row was expected"),
        ("action_1,payoff_1\nx,1,2", "line 2: the row has 3 cells, 2 were expected"),
        ("action_1,payoff_1\nx,1\ny,nan", "line 3: the payoff is 'nan'"),
        ("action_1,payoff_1\nx,1\ny,1_0", "line 3: the payoff is '1_0'"),
        ("action_1,payoff_1\nx,1\ny,\u0663", "line 3: the payoff is '\u0663'"),
        ("action_1,payoff_1\nx,1/2\ny,1/1_0", "line 3: the payoff is '1/1_0'"),
        ("action_1,payoff_1\nx,1\nx,2", "the joint action (x) has more than one row"),
        ('action_1,payoff_1\n"x\n",1\n"x\ny",1\n"x\ny",2', r"the joint action ('x\ny') has more than one row"),
        ("state,action_1,payoff_1,next_state,probability\n0,0,1,0,.5\n0,0,2,1,.5", "different payoffs"),
        (
            '# {"discount": 0}\nstate,action_1,payoff_1,next_state,probability\ns,a,1,t,1',
            "state t has no row; where play ends a row is needed",
        ),
        ("action_1,action_2,payoff_1,payoff_2\nU,L,1,1\nD,R,0,0", "joint action (U, R) of state 0 has no row"),
        ('# {"discount": 2}\naction_1,payoff_1\nx,1', "discount"),
        ("# nonsense\naction_1,payoff_1\nx,1", "line 1: after # JSON was expected"),
        ('# {"states": ["a", "b", "b"]}\naction_1,payoff_1\nx,1', "line 1: states names 'b' twice"),
        ('# {"actions": [["y"]]}\naction_1,payoff_1\ny,1\nx,1', "line 4: 'x' is none of the actions of 1 of line 1"),
        ('action_1,payoff_1\n"x,1', "line 2"),
        ('# {"states": 2}\naction_1,payoff_1\nx,1', "line 1: there are 2 states, 1 was expected of a table without the column state"),
        ('# {"players": ["A", "B"]}\naction_1,payoff_1\nx,1', "line 1: players is ['A', 'B'], a list of 1 names was expected"),
        ('# {"players": 2}\naction_1,payoff_1\nx,1', "line 1: players is 2, a list of 1 names was expected"),
    ],
)
def test_a_wrong_table_says_where(text, message):
    with pytest.raises(gt.GameError) as caught:
        _csv.read(text, "f.csv", "f", {})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("game", "ending", "message"),
    [
        (gt.load_game("nosde"), ".nfg", "games of one state, this one has 2"),
        (gt.load_game("chicken", discount=0.5), ".gam", "played once"),
        (
            gt.StochasticGame([[[1, 2]], [[0, 0]]][:1], np.ones((1, 2, 1)), 0.0, legal=[[[True, False]]]),
            ".nfg",
            "illegal actions",
        ),
    ],
)
def test_what_a_format_cannot_carry_is_refused(game, ending, message, tmp_path):
    with pytest.raises(gt.GameError, match=message):
        gt.save_game(game, tmp_path / f"x{ending}")
    assert list(tmp_path.iterdir()) == []


def test_every_format_is_in_the_list_of_endings(tmp_path):
    with pytest.raises(gt.GameError) as caught:
        gt.load_game(tmp_path / "x.xls")
    assert all(ending in str(caught.value) for ending in _registry.TABLES["format"])


# ---- any game, any text ----------------------------------------------------------------------------------------------

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@st.composite
def stage_games(draw):
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    count = len(sizes) * int(np.prod(sizes))
    payoffs = np.array(draw(st.lists(FLOATS, min_size=count, max_size=count))).reshape(len(sizes), *sizes)
    menus = [draw(st.lists(TEXTS, min_size=size, max_size=size, unique=True)) for size in sizes]
    players = draw(st.lists(TEXTS, min_size=len(sizes), max_size=len(sizes), unique=True))
    labels = draw(st.sampled_from([None, {"players": players, "actions": menus}]))
    return gt.StochasticGame.from_matrix_game(payoffs, labels=labels, name=draw(TEXTS) or "game")


@given(stage_games())
def test_gambits_form_keeps_every_float(game):
    for form in (_nfg, _gam):
        text = form.write(game, "x")
        same(game, form.read(text, "x").game("game"), names=False)
        same(game, form.FORMAT.read(text, "x", "game", {}), names=False)


SEEDS = [
    _nfg.write(gt.load_game("jordan"), "x"),
    'NFG 1 R "t" { "a" "b" } { { "x" "y" } { "z" } } "c" { { "o" 1, 2 } { "" 1/3 4 } } 1 2',
    _gam.write(gt.load_game("jordan"), "x"),
    _csv.write(gt.load_game("nosde"), "x"),
    "action_1,action_2,payoff_1,payoff_2\na,b,1,2/3\n",
]
PIECES = ["{", "}", '"', ",", "#", "\n", " ", "-", "1/0", "1e999", "9" * 30, "\\", "\0", "nan", "0", "state", "a" * 50]


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 1), st.sampled_from([*PIECES, ""]), st.integers(0, 9)), max_size=4))
def test_a_damaged_text_is_a_game_or_one_sentence(text, damages):
    for place, piece, length in damages:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + length :]
    for read in (lambda t: _nfg.read(t, "f").game("f"), lambda t: _gam.FORMAT.read(t, "f", "f", {}), lambda t: _csv.read(t, "f", "f", {})):
        try:
            read(text)
        except gt.GameError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 500


def test_the_command_converts(call, tmp_path):
    answer = call("convert", "chicken", "chicken.nfg")
    assert (answer.code, answer.err) == (0, "wrote chicken.nfg\n")
    assert call("convert", "chicken.nfg", "again.csv").code == 0
    same(gt.load_game("chicken"), gt.load_game(tmp_path / "again.csv"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nosde", "x.nfg"), "one state"),
        (("chicken", "x.xls"), ".xls"),
        (("absent.nfg", "x.gam"), "no such file"),
        (("chicken", "no/such/x.nfg"), "No such file"),
    ],
)
def test_the_command_refuses_in_a_sentence(call, words, message):
    answer = call("convert", *words)
    assert answer.code == 2
    assert message in answer.err
    assert answer.err.count("\n") == 1


@given(st.text('\\"ab {', max_size=8))
def test_backslashes_are_themselves_as_in_gambit(name):
    game = gt.StochasticGame.from_matrix_game([[1.0, 2.0]], labels={"actions": ((name + "1", name + "2"),)}, name=name + ".")
    text = _nfg.write(game, "x")
    assert _nfg.read(text, "x").actions == game.labels.actions
    if '"' not in name and "\\\\" not in name:
        assert f'"{name}1"' in text
    twice = text.replace("\\", "\\\\").replace('\\\\"', '\\"') if '"' not in name and "\\\\" not in name else text
    assert _nfg.read(twice, "x").actions == game.labels.actions  # as Gambit writes it


@pytest.mark.parametrize("title", ["a" * 2_000_000, '\\"' * 1_000_000])
def test_a_name_without_end_costs_nothing(title):
    with pytest.raises(gt.GameError, match="line 1 column 9: a quoted name (is never closed|has more than 10000 characters)"):
        _nfg.read('NFG 1 R "' + title, "f.nfg")


def test_the_outcome_form_is_bounded_by_memory(monkeypatch):
    from gametheory_rl._support import _memory

    monkeypatch.setattr(_memory, "available_bytes", lambda: 10**6)
    text = f'NFG 1 R "o" {{ {"a ".replace("a", chr(34) * 2) * 16} }} {{ {"2 " * 16} }} {{ {{ "x" {"1 " * 16} }} }} ' + "0 " * 2**16
    with pytest.raises(gt.GameError, match=r"the game of f.nfg \(16 x 65536\) needs"):
        _nfg.read(text, "f.nfg")


def test_a_table_that_a_spreadsheet_saved_is_read():
    import csv
    import io

    game = gt.load_game("grid_game_1")
    written = io.StringIO()
    csv.writer(written).writerows(csv.reader(io.StringIO(_csv.write(game, "x"), newline="")))
    same(_csv.read(written.getvalue(), "x.csv", "x", {}), game)
    padded = '"# {""discount"": [0.5, 0.5]}",,,\naction_1,action_2,payoff_1,payoff_2\na,b,1,2\n'
    assert _csv.read(padded, "x.csv", "x", {}).discount.tolist() == [0.5, 0.5]
    with pytest.raises(gt.GameError, match="name is 5, text was expected"):
        _csv.read('# {"name": 5}\naction_1,payoff_1\na,1\n', "x.csv", "x", {})

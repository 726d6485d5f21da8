"""Tables of payoffs as CSV: names that a spreadsheet would trim."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl.interchange import _csv


def test_names_of_players_may_begin_and_end_with_blanks(tmp_path):
    labels = gt.Labels(("", "\x85", " a "), ("s",), (("u", "d"), ("l", "r"), ("x",)))
    game = gt.StochasticGame(np.arange(12.0).reshape(3, 1, 2, 2, 1), np.ones((1, 2, 2, 1, 1)), 0.0, labels=labels, name="g")
    back = gt.load_game(gt.save_game(game, tmp_path / "g.csv"))
    assert back.labels.players == labels.players
    np.testing.assert_array_equal(back.payoff, game.payoff)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "action_1,payoff_1\n\n\nx,1\n\ny,nan",
            "line 6: the payoff is 'nan', a finite number (3, -0.5 or 2/3) was expected (column 2, 'payoff_1')",
        ),
        ('action_1,payoff_1\n"x\n\r\ny",1\nz,nan', "line 5: the payoff is 'nan'"),
        ("action_1,payoff_1\n\nx,1\n\ny", "line 5: the row has 1 cells, 2 were expected"),
        ("state,action_1,payoff_1,next_state,probability\n0,0,1,0,0.5\n0,0,1,1,x", "line 3: the probability is 'x'"),
        (
            '# {"states": ["a", "b"]}\nstate,action_1,payoff_1,next_state,probability\na,0,1,a,1\nb,0,1,c,1',
            "line 4: 'c' is none of the states of line 1 (column 4, 'next_state')",
        ),
        (
            '# {"states": 2}\nstate,action_1,payoff_1,next_state,probability\n0,0,1,1,1\n1,0,1,2,1',
            "line 4: '2' is none of the states of line 1 (column 4, 'next_state')",
        ),
        ("action_1,payoff_1\n" + "".join(f"{k},1\n" for k in range(1500)) + "x,1\n1500,y\n", "line 1503: the payoff is 'y'"),
        ("action_1,payoff_1\nx,1\n" * 1 + "y,2\n" * 1500 + 'z,"', "line 1503: unexpected end of data"),
    ],
)
def test_errors_name_line_and_column_whatever_stands_above(text, message):
    with pytest.raises(gt.GameError) as caught:
        _csv.read(text, "f.csv", "f", {"discount": 0.5} if "state" in text else {})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ([str(k) for k in range(1500)], ()),
        ([str(k) for k in reversed(range(1500))], ()),
        ([str(k) for k in range(1, 1501)], tuple(str(k) for k in range(1, 1501))),
        ([str(k) for k in range(1500)] + ["x"], (*map(str, range(1500)), "x")),
        ([str(k) for k in range(1500)] + ["01"], (*map(str, range(1500)), "01")),
        (["1", "0", "9" * 30], ("1", "0", "9" * 30)),
        (["1", "0", "²"], ("1", "0", "²")),
        (["0", "2"], ("0", "2")),
    ],
)
def test_numbers_are_names_where_they_are_not_all_from_0_up(cells, names):
    rows = [f"{cell},{k}\n" for k, cell in enumerate(cells)]
    game = _csv.read("action_1,payoff_1\n" + "".join(rows), "f.csv", "f", {})
    assert game.labels.actions == ((names,) if names else ())
    order = range(len(cells)) if names else map(int, cells)
    assert game.payoff[0, 0, list(order)].tolist() == list(range(len(cells)))


def test_names_that_are_not_different_are_refused(tmp_path):
    once = {"players": ("A", "B"), "states": ("s",), "actions": (("u", "d"), ("l", "r"))}
    for wrong in ({"players": ("A", "A")}, {"actions": (("u", "d"), ("l", "l"))}):
        game = gt.StochasticGame.from_matrix_game(np.zeros((2, 2, 2)), labels=once | wrong)
        with pytest.raises(gt.GameError, match=r"two \w+ are called '\w', different names were expected; use .json"):
            gt.save_game(game, tmp_path / "g.csv")
    with pytest.raises(gt.GameError, match="line 1: the columns are action:A, action:A"):
        _csv.read("action:A,action:A,payoff:A,payoff:A\nu,l,1,2", "g.csv", "g", {})


def test_tables_are_read_as_people_type_them():
    head = "state, action:Ann, payoff:Ann, next_state, probability\n"
    text = head + " home, go, 1, away, 1/4\nhome , go , 1 , home , 0.75\naway, stay, 0.5, away, 1\n"
    game = _csv.read(text, "f.csv", "f", {"discount": 0.5})
    assert game.labels == gt.Labels(("Ann",), ("home", "away"), (("go", "stay"),))
    game = _csv.read("action_1, action_2, payoff_1, payoff_2\n0, 0, 1, 2\n0, 1, 3, 4\n", "f.csv", "f", {})
    assert (game.labels.actions, game.payoff[:, 0].tolist()) == ((), [[[1, 3]], [[2, 4]]])


def test_rows_in_any_order_are_the_same_game(tmp_path):
    game = gt.load_game("soccer")
    lines = gt.save_game(game, tmp_path / "g.csv").read_text().splitlines()
    np.random.default_rng(0).shuffle(rows := lines[2:])
    back = _csv.read("\n".join([*lines[:2], *rows]), "g.csv", "g", {})
    for name in ("payoff", "discount", "start"):
        assert np.array_equal(getattr(back, name), getattr(game, name)), name
    for one, other in ((back.legal, game.legal), (back.successors, game.successors)):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_first_line_of_a_matrix_game_names_state_and_players():
    text = '# {"name": "", "states": ["here"], "players": ["Ann", "Bob"]}\naction_1,action_2,payoff_1,payoff_2\n0,0,1,2\n0,1,3,4\n'
    game = _csv.read(text, "f.csv", "f", {})
    assert (game.name, game.labels.states, game.labels.players) == ("", ("here",), ("Ann", "Bob"))
    again = _csv.read(_csv.write(game, "f.csv"), "f.csv", "f", {})
    assert (again.name, again.labels) == (game.name, game.labels)
    assert np.array_equal(again.payoff, game.payoff)

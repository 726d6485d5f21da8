"""The table of agreement: what it says of right, wrong, slow, broken and absent engines."""

import csv
import sys

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import _agreement
from gametheory_rl._agreement import agreement
from tests.interchange.prism_texts import Model

CHILD = """
import json, sys, time
for line in sys.stdin:
    game = json.loads(line)
    assert game["text"].startswith("NFG 1 R")
    kind = sys.argv[1]
    if kind == "quantecon": time.sleep(60)
    if kind == "open_spiel": sys.exit(3)
    half = [[1 / len(p) for _ in p] for p in (game["payoffs"][0], game["payoffs"][0][0])]
    wrong = [[1.0] + [0.0] * (len(h) - 1) for h in half]
    print(json.dumps({"profiles": [half, wrong, [[2.0], []]], "value": 0.25 if game["zero_sum"] else None}), flush=True)
"""


@pytest.fixture
def others(tmp_path, monkeypatch):
    """Engines that are wrong, slow and broken, in place of the real ones."""
    (tmp_path / "child.py").write_text(CHILD)
    monkeypatch.setattr(_agreement, "CHILD", tmp_path / "child.py")
    monkeypatch.setattr(_agreement, "OTHERS", {"nashpy": "json", "quantecon": "json", "open_spiel": "json", "pygambit": "no_such_module"})
    monkeypatch.setattr(_agreement, "START", 3.0)
    monkeypatch.setenv("PATH", str(tmp_path))


def by_engine(found, game):
    return {cell.engine: cell for cell in found.cells if cell.game == game}


def test_every_kind_of_answer_is_told_apart(others):
    cells = by_engine(agreement(["matching_pennies"], time_limit=0.2, progress=False), "matching_pennies")
    assert (cells["ours"].outcome, cells["ours"].equilibria, abs(cells["ours"].value) < 1e-12) == ("agrees", 1, True)
    wrong = cells["nashpy"]
    assert (wrong.outcome, wrong.profiles, wrong.equilibria, wrong.worst_regret) == ("differs", 3, 1, float("inf"))
    assert wrong.note.startswith("2 of 3 are no equilibria; the value is ")
    assert (cells["quantecon"].outcome, cells["quantecon"].note) == ("late", "still at work after 0.2 s")
    assert (cells["open_spiel"].outcome, cells["open_spiel"].note) == ("error", "the process ended without an answer")
    assert (cells["pygambit"].outcome, cells["prism"].outcome) == ("absent", "no")


def test_the_real_ones_agree_where_they_are_installed():
    pytest.importorskip("nashpy")
    found = agreement(["chicken", "nosde"], progress=False, time_limit=60)
    cells = by_engine(found, "chicken")
    assert (cells["nashpy"].outcome, cells["nashpy"].equilibria, cells["nashpy"].note) == ("agrees", 3, "")
    assert by_engine(found, "nosde")["prism"].note == "PRISM takes zero-sum games with a discount below 1"


PRISM = """#!{python}
import sys
sys.path[:0] = {path!r}
import numpy as np
from tests.interchange.prism_texts import Model
assert sys.argv[2:] == ["-pf", '<<p1>>R{{"payoff_1"}}max=? [ F "over" ]']
text = open(sys.argv[1]).read()
model = Model(text)
from scipy.optimize import linprog
values = np.zeros(model.last + 1)
for _ in range({sweeps}):
    following = values.copy()
    for state in range(model.last):
        rows, columns = (model.menu(p, state) for p in model.owners)
        moves, paid = model.moves(state), model.rewards["payoff_1"]
        flow = lambda key: paid.get((state, key), 0.0) + sum(float(model.probability(p)) * values[t] for t, p in moves[key].items())
        stage = np.array([[flow(a + "," + b) for b in columns] for a in rows])
        m, n = stage.shape
        bounds = [(0, None)] * m + [(None, None)]
        best = linprog(np.append(np.zeros(m), -1), np.hstack([-stage.T, np.ones((n, 1))]), np.zeros(n), [[1.0] * m + [0.0]], [1], bounds)
        following[state] = -best.fun
    values = following
start = [int(line.split("init ")[1][:-1]) for line in text.splitlines() if line.startswith("  s : ")][0]
assert min(paid.values()) >= 0
print("Result: " + repr(float(values[start])) + " (value in the initial state)")
"""


def test_a_model_checker_is_asked_for_the_value(tmp_path, monkeypatch):
    """In place of PRISM-games a program that reads the model with the tests' own reader, and solves it by value iteration."""
    program = tmp_path / "prism"
    program.write_text(PRISM.format(python=sys.executable, path=sys.path, sweeps=40))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_agreement, "OTHERS", {})
    monkeypatch.setattr(_agreement, "list_games", lambda: ["two"])
    payoff = np.array([[[1.0, -2.0], [-1.0, 3.0]], [[0.5, 0.0], [-4.0, 1.0]]])
    transition = np.full((2, 2, 2, 2), 0.5)
    game = gt.StochasticGame(np.stack([payoff, -payoff]), transition, 0.5, [0.0, 1.0])
    monkeypatch.setattr(_agreement, "load_game", lambda name: game)
    cells = by_engine(agreement(["two"], time_limit=100, models=tmp_path, progress=False), "two")
    assert cells["prism"].outcome == "agrees", cells["prism"]
    assert cells["prism"].value == pytest.approx(cells["ours"].value, abs=1e-7)
    assert Model((tmp_path / "two.prism").read_text()).discount == 0.5
    program.write_text(f"#!{sys.executable}\nprint('Result: 99.0')\n")
    assert by_engine(agreement(["two"], progress=False), "two")["prism"].outcome == "differs"
    program.write_text(f"#!{sys.executable}\nprint('Error: no')\n")
    assert by_engine(agreement(["two"], progress=False), "two")["prism"].note == "Error: no"


def test_what_is_asked_for_wrongly():
    with pytest.raises(gt.GameError, match="did you mean 'chicken'"):
        agreement(["chiken"])
    with pytest.raises(gt.GameError, match="a positive number of seconds"):
        agreement(["chicken"], time_limit=0)


def test_the_command_prints_and_saves(call, tmp_path, others):
    answer = call("agree", "--games", "matching_pennies,nosde", "--time-limit", "0.2", "--out", "made")
    assert answer.code == 0
    assert "2 of 3" in answer.out
    assert "not installed: pygambit" in answer.out
    rows = list(csv.DictReader((tmp_path / "made" / "agreement.csv").read_text().splitlines()))
    assert [row["outcome"] for row in rows if row["game"] == "matching_pennies"] == ["agrees", "differs", "late", "error", "absent", "no"]
    assert (tmp_path / "made" / "nosde.prism").exists()

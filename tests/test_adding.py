"""The files that docs/adding.md walks through are whole: written out as they stand there, they run."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import gametheory_rl as gt

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "adding.md").read_text(encoding="utf-8")


def block(name):
    """The code below the comment that names it."""
    found = re.search(rf"<!-- {name} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found, f"docs/adding.md has no block {name}"
    return found.group(1)


def run(folder, files, lines):
    """Run ``lines`` as plain Python, with ``files`` appearing as modules of the package."""
    for name, text in files.items():
        (folder / f"{name.rpartition('.')[2]}.py").write_text(text, encoding="utf-8")
    graft = "".join(
        f"import importlib, {package}\n{package}.__path__.append({str(folder)!r})\n" for package in {n.rpartition(".")[0] for n in files}
    )
    environment = os.environ | {"GAMETHEORY_RL_COMPILE": "0"}
    command = [sys.executable, "-W", "error", "-c", graft + lines]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


def test_the_game(tmp_path):
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    (tmp_path / "heavier.toml").write_text(found.group(1), encoding="utf-8")
    assert tomllib.loads(found.group(1))["known"]["value"] == "1/5"
    assert gt.solve(gt.load_game(tmp_path / "heavier.toml")).values[0, 0] == pytest.approx(0.2, abs=1e-8)


def test_the_solver(tmp_path):
    lines = """
from gametheory_rl import load_game, solve
from gametheory_rl.stochastic._over_relaxation import over_relaxation
game = load_game("irrational_value")
mine, reference = over_relaxation(game), solve(game, "policy_iteration")
print(abs(mine.values - reference.values).max() <= mine.error_bound + reference.error_bound, mine.status.ok)
"""
    assert run(tmp_path, {"gametheory_rl.stochastic._over_relaxation": block("solver")}, lines) == ["True", "True"]


def test_the_learner(tmp_path):
    files = {
        "gametheory_rl.learners._distributed_q_kernels": block("rule"),
        "gametheory_rl.learners._distributed_q": block("learner"),
    }
    lines = """
from gametheory_rl import StochasticGame, learn
from gametheory_rl.learners._distributed_q import DistributedQ
team = StochasticGame.from_matrix_game([[[11, -30, 0], [-30, 7, 6], [0, 0, 5]]] * 2)
run = learn(team, DistributedQ(), steps=2000, records=2)
print(run.profile[0].argmax(), run.profile[1].argmax(), run.trace["nash_gap"][0, -1] < 1e-9)
"""
    assert run(tmp_path, files, lines) == ["0", "0", "True"]


def test_the_paper(tmp_path):
    lines = """
from gametheory_rl import _registry, reproduce
_registry.TABLES["paper"]["pennies"] = "gametheory_rl.papers._pennies:PAPER"
found = reproduce("pennies", quick=True)
print(len(found.rows), all(claim.holds for claim in found.claims), len(found.save(FOLDER)))
"""
    lines = lines.replace("FOLDER", repr(str(tmp_path / "out")))
    assert run(tmp_path, {"gametheory_rl.papers._pennies": block("paper")}, lines) == ["1", "True", "4"]

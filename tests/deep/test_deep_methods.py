"""Every method on every world in one table: resumed, refused with a reason, read back, and the page that it makes."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")

import gametheory_rl as gt
from gametheory_rl import _deep_methods
from gametheory_rl._deep_paradigms import Measured

DOCS = Path(__file__).parents[2] / "docs"
CHEAP = {"rollout": 8, "environments": 2, "minibatches": 1, "epochs": 1, "hidden": [4], "evaluation": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("methods")


def compared(folder):
    return gt.compare_deep_methods(["ippo"], ["prisoners_dilemma", "differential"], out=folder, steps=64, seeds=2, progress=False)


@pytest.fixture(scope="module")
def table(folder):
    kept = _deep_methods._design
    # The same designs, of small networks: what is tested is the table.
    _deep_methods._design = lambda *told: {**kept(*told), "learners": [{"name": name, **CHEAP} for name in told[1]]}
    try:
        found = compared(folder)
        files = {path: path.stat().st_mtime_ns for path in folder.glob("runs/*/runs/*/run.npz")}
        assert compared(folder).markdown() == found.markdown()
        # What is done is not done again.
        assert {path: path.stat().st_mtime_ns for path in folder.glob("runs/*/runs/*/run.npz")} == files
        yield found
    finally:
        _deep_methods._design = kept


def test_results_are_those_of_the_runs(table, folder):
    row = table.rows[0]
    assert (row.world, row.method, row.seeds, row.steps) == ("prisoners_dilemma", "ippo", 2, 64)
    game = gt.load_game("prisoners_dilemma")
    runs = [gt.load_run(path) for path in sorted(folder.glob("runs/prisoners_dilemma/runs/*/run.npz"))]
    assert row.result.centre == pytest.approx(np.mean([gt.verify(game, run.profile).epsilon for run in runs]))
    assert (len(runs), row.why) == (2, "")
    assert row.cpu_seconds > 0.0
    assert row.random == pytest.approx(gt.verify(game, tuple(np.full((1, 2), 0.5) for _ in range(2))).epsilon)


def test_a_world_of_numbers_is_played(table):
    row = table.rows[1]
    assert (row.world, row.seeds, row.why) == ("differential", 2, "")
    assert np.isfinite([row.result.centre, row.random]).all()


def test_what_is_refused_says_why(tmp_path):
    (row,) = gt.compare_deep_methods(["centralised_ppo"], ["differential"], out=tmp_path, steps=64, seeds=2, progress=False).rows
    assert row.seeds == 0
    assert "continuous" in row.why
    assert np.isnan(row.result.centre)


def test_a_sweep_takes_networks_and_worlds_by_name(tmp_path):
    learner = {"name": "ippo", **CHEAP, "learning_rate": [1e-3, 1e-2]}
    design = {"name": "worlds", "games": ["differential"], "learners": [learner], "steps": 64, "seeds": 2, "records": 1}
    plan = gt.plan_sweep(design, progress=False)
    assert (plan.count, plan.parts[0].refusal) == (4, "")
    assert 0.0 < plan.seconds < 1000.0
    results = gt.sweep(design, out=tmp_path / "runs", workers=0, progress=False)
    assert [row.state for row in results.rows] == ["done"] * 4
    returns = {(row.settings["learning_rate"], row.seed): row.end["episode_return"] for row in results.rows}
    direct = gt.learn("differential", gt.deep.IPPO(**CHEAP | {"hidden": (4,)}, learning_rate=1e-2), steps=64, seed=1, records=1)
    assert returns[1e-2, 1] == direct.trace["episode_return"][0, -1]
    assert [group.runs for group in results.group("learning_rate", metric="episode_return")] == [2, 2]


@pytest.mark.parametrize(("world", "match"), [({"name": "spread", "agnts": 4}, "agents"), ({"name": "spread", "agents": 0}, "agents")])
def test_a_sweep_refuses_a_world_that_cannot_be_made(world, match, tmp_path):
    with pytest.raises(gt.GameError, match=match):
        gt.sweep({"games": [world], "learners": ["ippo"], "steps": 64, "seeds": 1}, out=tmp_path / "none", workers=0)
    assert not (tmp_path / "none").exists()


def test_random_play_is_as_theory_has_it():
    # Each of five levers is missed by five uniform pulls with chance (4/5)**5.
    assert _deep_methods._played_at_random("levers")["distinct_share_at_end"] == pytest.approx(1 - 0.8**5, abs=0.03)


def test_read_back_it_makes_the_same_page(table, tmp_path):
    loaded = gt.DeepMethodTable.load(table.save(tmp_path / "methods.csv"))
    assert loaded.markdown() == table.markdown()
    assert [row.method for row in loaded.rows] == [row.method for row in table.rows]
    refused = dataclasses.replace(table.rows[0], seeds=0, why="no.")
    assert "| - (1) |" in gt.DeepMethodTable((refused,)).markdown()
    with pytest.raises(gt.GameError, match="save writes one"):
        gt.DeepMethodTable.load(DOCS / "deep.md")


@pytest.mark.parametrize(
    ("told", "match"),
    [({"methods": ["ipo"]}, "ippo"), ({"worlds": ["spred"]}, "spread"), ({"methods": []}, "at least one"), ({"steps": 0}, "steps")],
)
def test_bad_input_is_refused_before_anything_runs(told, match, tmp_path):
    with pytest.raises(gt.GameError, match=match):
        gt.compare_deep_methods(out=tmp_path / "none", **told)
    assert not (tmp_path / "none").exists()


def test_a_folder_without_runs_has_a_table_of_dashes(tmp_path, call):
    answer = call("methods", "--out", "none", "--methods", "ippo", "--worlds", "levers", "--dry-run", "--json")
    assert answer.code == 0
    (row,) = answer.document["rows"]
    assert (row["seeds"], row["why"]) == (0, "not run yet")


def test_the_page_is_what_the_results_give():
    assert gt.DeepMethodTable.load(DOCS / "deep_methods.csv").markdown() == (DOCS / "deep_methods_table.md").read_text(encoding="utf-8")


def test_one_seed_has_no_interval():
    assert [str(Measured.of(values)) for values in ([], [0.5], [0.5, 0.5])] == ["-", "0.500", "0.500 [0.500, 0.500]"]

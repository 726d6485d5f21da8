"""The benchmark of neural methods: it has all of them, each on a world that is there, and its page is that of its results."""

import json
from pathlib import Path

import pytest

pytest.importorskip("jax")
pytest.importorskip("rich")

import gametheory_rl as gt
from benchmarks import __main__ as bench
from benchmarks import accelerator, battle, deep, deep_each
from gametheory_rl._registry import TABLES

PEERS = Path(deep.__file__).parent / "peers"


def test_every_method_is_measured_on_a_world_that_is_there():
    assert set(deep_each.EACH) == set(TABLES["deep"])
    assert set(deep_each.EACH.values()) <= {*gt.list_games("all"), *TABLES["world"]}
    assert "deep_each" in bench.PARTS["methods"]


@pytest.fixture
def peer(monkeypatch):
    def steps(command):
        return 200.0 if command[1] == "-m" else 50.0

    monkeypatch.setattr(deep, "steps_of", steps)
    monkeypatch.setattr(deep_each, "steps_of", steps)
    monkeypatch.setattr(deep, "_cpu_seconds", lambda command, **settings: 3.0)
    for whose in ("TORCH", "JAXMARL", "XUANCE"):
        monkeypatch.delenv(f"GAMETHEORY_RL_{whose}_PYTHON", raising=False)
    return monkeypatch


def test_a_missing_peer_is_said_to_be_missing(peer):
    rows = deep.rows()
    beside = rows[:-1]
    assert len(beside) == 5
    assert [row.get("ratio") for row in beside] == [None] * 5
    assert all("missing" in row["note"] for row in beside)
    assert len(deep_each.rows()) == len(TABLES["deep"])


@pytest.mark.parametrize(("whose", "place", "script"), [("JAXMARL", 2, "jaxmarl_ippo.py"), ("XUANCE", 4, "xuance_mfq.py")])
def test_the_ratio_is_of_steps(peer, whose, place, script):
    peer.setenv(f"GAMETHEORY_RL_{whose}_PYTHON", "python-of-the-peer")
    row = deep.rows()[place]
    assert (row["ratio"], row["peer"], row["ours_s"], row["peer_s"]) == (4.0, deep.PEERS[script], 1 / 200, 1 / 50)
    assert all((PEERS / script).exists() for script in deep.PEERS)


def test_the_battle_is_measured_beside_magent(peer):
    peer.setattr(battle, "steps_of", deep.steps_of)
    peer.delenv("GAMETHEORY_RL_MAGENT_PYTHON", raising=False)
    assert [("ratio" in row, row["ours_s"]) for row in battle.rows()] == [(False, 1 / 200)]
    peer.setenv("GAMETHEORY_RL_MAGENT_PYTHON", "python-of-the-peer")
    (row,) = battle.rows()
    assert (row["ratio"], row["peer_s"]) == (4.0, 1 / 50)
    assert "battle" in bench.PARTS["deep"]


@pytest.mark.parametrize(("backend", "ratios"), [("cpu", [None, None]), ("gpu", [50.0, 50.0])])
def test_an_accelerator_is_measured_where_there_is_one(monkeypatch, backend, ratios):
    def measured(sizes, platform):
        return {"steps_per_s": 10.0 if platform == "cpu" else 500.0, "backend": platform or backend}

    monkeypatch.setattr(accelerator, "_measured", measured)
    rows = accelerator.rows()
    assert [row.get("ratio") for row in rows] == ratios
    assert all(("no accelerator" in row["note"]) == (backend == "cpu") for row in rows)


def test_the_page_of_figures_is_that_of_the_results():
    results = json.loads(bench.RESULTS.read_text(encoding="utf-8"))
    assert bench.page_of(results) == bench.PAGE.read_text(encoding="utf-8")

"""The benchmark of neural methods: it has all of them, each on a world that is there, and its page is that of its results."""

import json
from pathlib import Path

import pytest

pytest.importorskip("jax")
pytest.importorskip("rich")

import gametheory_rl as gt
from benchmarks import __main__ as bench
from benchmarks import accelerator, deep, deep_each
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
    for whose in ("TORCH", "JAXMARL"):
        monkeypatch.delenv(f"GAMETHEORY_RL_{whose}_PYTHON", raising=False)
    return monkeypatch


def test_a_missing_peer_is_said_to_be_missing(peer):
    rows = deep.rows()
    assert [row.get("ratio") for row in rows[:3]] == [None] * 3
    assert all("missing" in row["note"] for row in rows[:3])
    assert len(rows) == 3 + 1
    assert len(deep_each.rows()) == len(TABLES["deep"])


def test_the_ratio_is_of_steps(peer):
    peer.setenv("GAMETHEORY_RL_JAXMARL_PYTHON", "python-of-the-peer")
    row = deep.rows()[2]
    assert (row["ratio"], row["peer"], row["ours_s"], row["peer_s"]) == (4.0, "jaxmarl_ippo.py", 1 / 200, 1 / 50)
    assert (PEERS / row["peer"]).exists()


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

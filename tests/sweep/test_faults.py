"""Nothing is lost: kills, full disks, runs that raise or turn NaN."""

import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl import _checkpoint, _registry
from gametheory_rl._sweep import _folder, _perform, _pool
from gametheory_rl._sweep._task import Task

from .. import sweep_faults

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs to see the processes' children")


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """A design's file, and the fingerprint of a sweep that nobody disturbed."""
    place = tmp_path_factory.mktemp("calm")
    design = place / "faults.json"
    design.write_text(json.dumps(sweep_faults.DESIGN))
    results = gt.sweep(design, out=place / "calm", workers=0)
    assert results.counts == {"done": 24, "failed": 0, "missing": 0}
    return design, sweep_faults.fingerprint(place / "calm")


def test_killed_at_random_moments_and_gone_on(calm, tmp_path):
    design, expected = calm
    assert sweep_faults.disturbed(design, tmp_path / "out", 3, random.Random(2)) == 3
    assert sweep_faults.fingerprint(tmp_path / "out") == expected


@pytest.mark.slow
def test_killed_a_hundred_times():
    assert sweep_faults.main(100, 0) > 1


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
from gametheory_rl.cli import main
main(["sweep", sys.argv[1], "--out", sys.argv[2], "--workers", "0"])
"""


def test_a_full_disk_ends_it_with_one_sentence_and_loses_nothing(calm, tmp_path):
    design, expected = calm
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "GAMETHEORY_RL_PROGRESS": "0"}
    ended = subprocess.run(
        [sys.executable, "-c", FULL, str(design), str(tmp_path / "out")], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.startswith("gametheory-rl: cannot write")
    assert ended.stderr.count("\n") == 1
    kept = sweep_faults.count(tmp_path / "out")
    assert 0 < kept < 24
    gt.sweep(design, out=tmp_path / "out", workers=0)
    assert sweep_faults.fingerprint(tmp_path / "out") == expected


def test_a_long_run_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    design = {"games": ["climbing"], "learners": ["independent_q"], "steps": 3000, "records": [500, 1000, 2000], "horizon": 7}
    gt.sweep(design, out=tmp_path / "calm", workers=0)
    expected = sweep_faults.fingerprint(tmp_path / "calm")
    resume, save, begun, saved = _checkpoint.resume, _checkpoint.save, [], []

    def resumed(plan, seeds):
        found = resume(plan, seeds)
        if plan.checkpoint is not None:
            begun.append(found[0])
        return found

    def stopped(plan, seeds, done, rows):
        save(plan, seeds, done, rows)
        if plan.checkpoint is not None and plan.checkpoint.exists():
            saved.append(done)
            if done == 1000 and saved.count(done) < 3:
                raise KeyboardInterrupt

    monkeypatch.setattr(_checkpoint, "resume", resumed)
    monkeypatch.setattr(_checkpoint, "save", stopped)
    monkeypatch.setattr(_perform, "SAVED_EVERY", 0.0)
    out = tmp_path / "out"
    assert gt.sweep(design, out=out, workers=0).status is gt.Status.INTERRUPTED
    (kept,) = (out / "checkpoints").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100])  # cut short by hand: begins anew
    (out / "checkpoints" / ".half.npz").write_bytes(b"")
    assert gt.sweep(design, out=out, workers=0).counts["missing"] == 1
    assert gt.sweep(design, out=out, workers=0).status is gt.Status.FINISHED
    assert begun == [0, 0, 1000]
    assert sweep_faults.fingerprint(out) == expected
    assert not list((out / "checkpoints").iterdir())
    kept.write_bytes(whole)  # of a parent that died between the run's record and the end of its checkpoint
    gt.sweep(design, out=out, workers=0)
    assert not kept.exists()


def test_short_runs_write_no_checkpoint_and_a_full_disk_costs_only_that(tmp_path, monkeypatch):
    design = {"games": ["climbing"], "learners": ["independent_q"], "steps": 50, "records": 3}
    wrote = []

    def refused(path, arrays):
        wrote.append(path)
        raise gt.GameError("cannot write: no space left on device")

    monkeypatch.setattr(_checkpoint, "write_arrays", refused)
    assert gt.sweep(design, out=tmp_path / "short", workers=0).counts["done"] == 1
    assert not wrote
    monkeypatch.setattr(_perform, "SAVED_EVERY", 0.0)
    assert gt.sweep(design, out=tmp_path / "full", workers=0).counts["done"] == 1
    assert wrote


class Faulty(gt.learners.IndependentQ):
    """A learner with a fault that can be mended."""

    fault = "raise"

    def train(self, game, plan):
        if Faulty.fault == "raise":
            raise ZeroDivisionError("it divided by nothing")
        run = super().train(game, plan)
        if Faulty.fault == "nan":
            run.trace["nash_gap"][0, -1] = np.nan
        return run


def test_runs_that_raise_or_turn_nan_are_listed_and_can_be_retried(tmp_path, monkeypatch, call):
    monkeypatch.setitem(_registry.TABLES["learner"], "faulty", f"{__name__}:Faulty")
    monkeypatch.setattr("gametheory_rl._sweep._perform._compile", lambda *rest: None)
    design = {"games": ["climbing"], "learners": ["faulty", "independent_q"], "steps": 50, "records": 2}
    results = gt.sweep(design, out=tmp_path, workers=0)
    assert results.counts == {"done": 1, "failed": 1, "missing": 0}
    failure = results.where(state="failed").rows[0]
    assert failure.sentence == "unexpected ZeroDivisionError: it divided by nothing"
    with pytest.raises(gt.GameError, match="divided by nothing"):
        results.run(failure.id)
    assert gt.sweep(design, out=tmp_path, workers=0).counts["failed"] == 1  # not again unless asked for
    monkeypatch.setattr(Faulty, "fault", "nan")
    results = gt.sweep(design, out=tmp_path, workers=0, retry_failed=True)
    assert "nash_gap is nan at step 50" in results.where(state="failed").rows[0].sentence
    listed = call("results", str(tmp_path), "--where", "state=failed")
    assert "nash_gap is nan" in listed.out
    assert listed.code == 0
    monkeypatch.setattr(Faulty, "fault", "none")
    results = gt.sweep(design, out=tmp_path, workers=0, retry_failed=True)
    assert results.counts == {"done": 2, "failed": 0, "missing": 0}
    sweep_faults.fingerprint(tmp_path)
    assert not list(tmp_path.glob("runs/*/failure.json"))


class DeadWorker:
    """A worker that dies of every task, or before it begins."""

    greets = True

    def __init__(self, folder):
        del folder

    def ready(self):
        return self.greets

    def perform(self, task):
        raise EOFError

    def kill(self):
        pass

    def end(self):
        return "killed by signal 9"


def test_a_run_that_kills_its_worker_again_and_again_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setattr(_pool, "Worker", DeadWorker)
    pool = _pool.ProcessPool(1, tmp_path)
    outcome = pool.submit(Task("climbing", "independent_q", 10, 0)).result(timeout=10)
    pool.close()
    assert (outcome.state, outcome.sentence) == ("failed", "its process died 3 times: killed by signal 9")


def test_workers_that_never_begin_end_the_sweep(monkeypatch, tmp_path):
    monkeypatch.setattr(_pool, "Worker", DeadWorker)
    monkeypatch.setattr(DeadWorker, "greets", False)
    with pytest.raises(gt.GameError, match=r"die before they begin \(killed by signal 9\)"):
        gt.sweep({"games": "climbing", "learners": "independent_q", "steps": 10}, out=tmp_path, workers=1)


def test_what_a_dead_process_left_half_written_is_run_again(calm, tmp_path):
    design = {"games": ["climbing"], "learners": ["independent_q"], "steps": 50, "records": 2, "seeds": 3}
    gt.sweep(design, out=tmp_path, workers=0)
    expected = sweep_faults.fingerprint(tmp_path)
    first, second, third = (row.id for row in gt.load_results(tmp_path).rows)
    (tmp_path / "runs" / first / "run.json").unlink()
    (tmp_path / "runs" / second / "run.npz").write_bytes(b"PK")
    (tmp_path / "runs" / third / ".run.npz.tmp").write_bytes(b"")
    (tmp_path / "runs" / third / "run.json").write_text("{")
    assert gt.load_results(tmp_path, rebuild=True).counts == {"done": 0, "failed": 0, "missing": 3}
    (tmp_path / "runs" / first / "failure.json").write_text("{")
    (tmp_path / "index.sqlite").write_bytes(b"x" * 5000)
    gt.sweep(design, out=tmp_path, workers=0)
    assert sweep_faults.fingerprint(tmp_path) == expected


def test_arrays_that_were_damaged_are_found_and_run_again(tmp_path, monkeypatch):
    design = {"games": ["climbing"], "learners": ["independent_q"], "steps": 50, "records": 2, "seeds": 2}
    results = gt.sweep(design, out=tmp_path, workers=0)
    expected = sweep_faults.fingerprint(tmp_path)
    path = tmp_path / "runs" / results.rows[0].id / "run.npz"
    whole = path.read_bytes()
    middle = whole.index(b"PK", 1) - 12  # in the first array
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    with pytest.raises(gt.GameError, match="remove the folder"):
        [gt.load_results(tmp_path).run(row.id) for row in results.rows]
    monkeypatch.setattr(_folder, "DIGESTED", 0)  # as if they were large
    gt.sweep(design, out=tmp_path, workers=0)
    assert path.read_bytes() != whole
    monkeypatch.undo()
    gt.sweep(design, out=tmp_path, workers=0)
    assert sweep_faults.fingerprint(tmp_path) == expected


def test_a_worker_without_jax_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.delitem(vars(importlib.import_module("gametheory_rl.deep")), "IPPO", raising=False)
    outcome = _perform.perform(Task("climbing", "ippo", 10, 0))
    assert (outcome.state, outcome.sentence) == ("failed", "gametheory_rl.deep.IPPO needs jax: pip install 'gametheory-rl[deep]'")


def test_no_process_to_be_had_is_one_sentence(monkeypatch, tmp_path):
    def refused(folder):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(_pool, "Worker", refused)
    with pytest.raises(gt.GameError, match="cannot start a worker process: Resource temporarily unavailable; the runs that are done"):
        gt.sweep({"games": "climbing", "learners": "independent_q", "steps": 10}, out=tmp_path, workers=1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_a_parent_that_is_told_to_end(number, tmp_path):
    design = tmp_path / "long.json"
    design.write_text(json.dumps({"games": ["climbing"], "learners": ["independent_q"], "steps": 10**10, "records": 1}))
    parent = sweep_faults.begin(design, tmp_path / "out", "--workers", "1")
    deadline = time.monotonic() + 60
    while not (workers := sweep_faults.children(parent.pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    parent.send_signal(number)
    parent.communicate()
    assert parent.returncode == (130 if number == signal.SIGINT else -number)
    while any(b"_sweep._worker" in sweep_faults.command(pid) for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.02)

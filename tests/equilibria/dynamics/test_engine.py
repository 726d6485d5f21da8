"""What all dynamics share: batches, records, pieces, Ctrl-C, and the plain source."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from gametheory_rl import Status
from gametheory_rl.equilibria import dynamics
from gametheory_rl.equilibria.dynamics import _engine
from tests.equilibria.dynamics.rules import PENNIES, SCISSORS, a_game

DISCRETE = ["fictitious_play", "smooth_fictitious_play", "regret_matching", "regret_matching_plus", "conditional_regret_matching"]
DISCRETE += ["hedge", "optimistic_hedge", "extra_gradient"]
CONTINUOUS = ["replicator", "best_response", "logit", "iga", "wolf_iga"]

DIGEST = """
import hashlib, numpy as np
from gametheory_rl.equilibria import dynamics
hash = hashlib.sha256()
for shape in ((2, 2), (3, 2), (2, 3, 2)):
    game = np.random.default_rng(5).normal(size=(len(shape), *shape))
    starts, fixed = dynamics.random_starts(game, 2, seed=3), dict(equilibrium=[np.full(k, 1 / k) for k in shape])
    paths = [getattr(dynamics, name)(game, 30, start=starts, records=7) for name in DISCRETE]
    for name in CONTINUOUS:
        paths += [getattr(dynamics, name)(game, 3, start=starts, records=7, step=0.1, **(fixed if name == "wolf_iga" else {}))]
    square = game[0].reshape(shape[0], -1) @ game[1].reshape(shape[0], -1).T
    paths += [dynamics.hedge(game, 30, seed=4, start=starts), dynamics.replicator(square, 3, step=0.1)]
    for path in paths:
        for array in (*path.profiles, *path.average_profiles, *([] if path.joint is None else [path.joint])):
            hash.update(np.ascontiguousarray(array).tobytes())
DIGEST = hash.hexdigest()
"""


def test_the_plain_source_gives_the_same_bits():
    code = f"{DISCRETE = }\n{CONTINUOUS = }\n{DIGEST}"
    here = {"np": np, "hashlib": hashlib}
    exec(code, here)
    environment = {**os.environ, "GAMETHEORY_RL_COMPILE": "0"}
    plain = subprocess.run([sys.executable, "-c", f"{code}\nprint(DIGEST)"], check=True, capture_output=True, text=True, env=environment)
    assert plain.stdout.strip() == here["DIGEST"]


@pytest.mark.parametrize("name", DISCRETE + CONTINUOUS)
def test_a_batch_is_its_runs_and_pieces_change_nothing(name, monkeypatch):
    game = a_game(1, (3, 2))
    rule = getattr(dynamics, name)
    x, y = dynamics.random_starts(game, 12, seed=1)
    starts = x.reshape(3, 4, 3), y.reshape(3, 4, 2)
    together = rule(game, 20, start=starts, records=5)
    assert together.profiles[0].shape == (3, 4, 5, 3)
    assert together.profiles[1].shape == (3, 4, 5, 2)
    assert together.last_regret.shape == together.average_regret.shape == (3, 4)
    assert together.regrets.shape == together.average_regrets.shape == (3, 4, 5)
    assert together.status is Status.FINISHED
    if name in DISCRETE:
        assert together.joint.shape == (3, 4, 3, 2)
        assert together.slack.shape == together.coarse_slack.shape == (3, 4)
    else:
        assert together.joint is together.slack is together.coarse_slack is None
        assert together.step_error.shape == (3, 4)
    alone = rule(game, 20, start=(starts[0][0, 0], starts[1][0, 0]), records=5)
    assert alone.profiles[0].shape == (5, 3)
    for one, many in zip(alone.profiles, together.profiles, strict=True):
        np.testing.assert_array_equal(one, many[0, 0])
    monkeypatch.setattr(_engine, "WORK_AT_A_TIME", 1)
    monkeypatch.setenv("GAMETHEORY_RL_THREADS", "2")
    pieces = rule(game, 20, start=starts, records=5)
    for field in ("profiles", "average_profiles"):
        for one, other in zip(getattr(together, field), getattr(pieces, field), strict=True):
            np.testing.assert_array_equal(one, other)


def test_records():
    path = dynamics.fictitious_play(PENNIES, 1000, records=4)
    assert path.times.tolist() == [1, 334, 667, 1000]
    assert dynamics.fictitious_play(PENNIES, 3, records=100).times.tolist() == [1, 2, 3]
    assert dynamics.fictitious_play(PENNIES, 1000, records=1).times.tolist() == [1000]
    assert dynamics.fictitious_play(PENNIES, 1000, records=[5, 10]).times.tolist() == [5, 10, 1000]
    flow = dynamics.replicator(PENNIES, 10, records=3, start=([0.7, 0.3], [0.4, 0.6]))
    assert flow.times.tolist() == [0, 5, 10]
    assert flow.profiles[0][0].tolist() == [0.7, 0.3]
    assert flow.average_profiles[0][0].tolist() == [0.7, 0.3]
    many = dynamics.replicator(PENNIES, 10, records=[2.5, 5.0], start=([0.7, 0.3], [0.4, 0.6]))
    np.testing.assert_allclose(many.times, [2.5, 5, 10], rtol=1e-14)
    np.testing.assert_allclose(many.profiles[0][1:], flow.profiles[0][1:], atol=1e-6)
    for wanted in ([0.1, 0.37, 7.5], [0.0, 1 / 3, 2 / 3], 8, 12):
        times = dynamics.replicator(PENNIES, 10, records=wanted).times
        np.testing.assert_allclose(times, np.linspace(0, 10, wanted) if np.ndim(wanted) == 0 else [*wanted, 10], atol=1e-9)
    nearest = dynamics.replicator(PENNIES, 10, records=[np.pi, np.e * 2]).times
    np.testing.assert_allclose(nearest, [np.pi, np.e * 2, 10], atol=0.11)


def test_no_starts_and_one_action():
    none = dynamics.hedge(PENNIES, 10, start=(np.empty((0, 2)), np.empty((0, 2))))
    assert none.profiles[0].shape == (0, 10, 2)
    assert none.last_regret.shape == none.coarse_slack.shape == (0,)
    assert "no starts" in repr(none)
    assert dynamics.replicator(PENNIES, 1, start=(np.empty((0, 2)), np.empty((0, 2)))).step_error.shape == (0,)
    for name in DISCRETE + CONTINUOUS:
        if name != "wolf_iga":
            lonely = getattr(dynamics, name)([[3.0]], 3)
            assert lonely.last_regret == 0.0
            assert "regret at most 0 " in repr(lonely)


def test_an_interrupt_keeps_what_was_recorded(monkeypatch):
    monkeypatch.setattr(_engine, "WORK_AT_A_TIME", 1)
    run_chunks, calls = _engine.run_chunks, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) > 7:
            raise KeyboardInterrupt
        return run_chunks(*arguments)

    monkeypatch.setattr(_engine, "run_chunks", interrupted)
    path = dynamics.hedge(PENNIES, 100, records=50, start=([0.7, 0.3], [0.4, 0.6]))
    assert path.status is Status.INTERRUPTED
    assert path.times.tolist() == [1, 3, 5, 7]
    assert path.joint is None
    calls.clear()
    flow = dynamics.replicator(SCISSORS, 1.0, records=50, start=[0.5, 0.3, 0.2])
    assert flow.status is Status.INTERRUPTED
    assert len(flow.times) == len(flow.profiles[0]) == 4
    calls.extend([1] * 7)
    with pytest.raises(KeyboardInterrupt):
        dynamics.hedge(PENNIES, 100)


def test_long_runs_can_show_how_far_they_are(capsys, monkeypatch):
    monkeypatch.setattr(_engine, "WORK_AT_A_TIME", 1)
    monkeypatch.setattr("gametheory_rl._support._progress.LINE_EVERY", 0.0)
    dynamics.hedge(PENNIES, 10, progress=True)
    assert "dynamics: 50%" in capsys.readouterr().err

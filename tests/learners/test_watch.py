"""Policies between records: where they are sampled, what is kept of them, and that no number depends on when a run stopped."""

import numpy as np
import pytest

from gametheory_rl import learn, load_game, load_run
from gametheory_rl.learners._watch import BURST, PER_OCTAVE, sketcher, watch_steps
from tests.learners.games import random_game

NOSDE = load_game("nosde")


def test_the_steps_depend_on_no_plan():
    every = watch_steps(300_000)
    for steps in (*range(1, 2100), *range(2100, 300_000, 997)):  # within a burst, at its end, between two
        assert watch_steps(steps).tolist() == every[every <= steps].tolist()
    assert every[:128].tolist() == list(range(1, 129))
    assert len(watch_steps(2**53)) < 17_000


def test_they_are_dense_enough_for_periods_of_every_length():
    every = set(watch_steps(300_000).tolist())
    octave = 2**17
    assert {octave + k * octave // PER_OCTAVE for k in range(PER_OCTAVE + 1)} <= every
    for stride in (1, 4, 16, 64, 256, 1024):
        assert {4**9 - stride * k for k in range(BURST)} <= every


def test_a_small_policy_is_kept_whole():
    run = learn(NOSDE, "independent_q", steps=5000, seeds=2)
    assert run.watch is not None
    assert run.watch.steps.tolist() == watch_steps(5000).tolist()
    assert run.watch.sketches.shape == (2, len(run.watch.steps), 8)
    steps = run.trace["step"][0].tolist()
    run = learn(NOSDE, "independent_q", steps=4096, seeds=2)
    assert run.watch is not None
    assert run.watch.steps[-1] == 4096
    for k, profile in enumerate(run.profiles):
        np.testing.assert_array_equal(run.watch.sketches[k, -1].reshape(2, 2, 2), np.stack(profile, axis=1))
    assert run.watch.start_values.shape == (2, len(run.trace["step"][0]), 2)
    assert len(steps) > 10


def test_projections_keep_distances_on_average():
    rng = np.random.default_rng(1)
    policies = rng.dirichlet(np.ones(5), size=(200, 60, 2))
    sketch = sketcher(policies[0])
    seen = np.array([sketch(policy) for policy in policies])
    assert seen.shape == (200, 6)
    true = ((policies[1:] - policies[:-1]) ** 2).sum(axis=(1, 2, 3))
    kept = ((seen[1:] - seen[:-1]) ** 2).sum(axis=1)
    assert (kept / true).mean() == pytest.approx(1, abs=0.15)
    assert (sketch(policies[0]) == seen[0]).all()


def test_resuming_changes_nothing_that_was_seen(tmp_path):
    game = random_game(1, zero_sum=True)
    wanted = {"seeds": 2, "records": [700, 3000, 3001], "horizon": 9}  # no sample lies between the last two
    straight = learn(game, "minimax_q", steps=9000, **wanted)
    learn(game, "minimax_q", steps=3001, checkpoint=tmp_path / "c.npz", **wanted)
    resumed = learn(game, "minimax_q", steps=9000, checkpoint=tmp_path / "c.npz", **wanted)
    again = load_run(resumed.save(tmp_path / "run.npz"))
    for run in (resumed, again):
        assert run.watch is not None
        assert straight.watch is not None
        for name, array in straight.watch.arrays().items():
            assert run.watch.arrays()[name].tobytes() == array.tobytes()


def test_watching_changes_no_number_of_the_run(monkeypatch):
    runs = [learn(NOSDE, "independent_q", steps=5000)]
    monkeypatch.setattr("gametheory_rl.learners._watch.MOST_SEEDS", 0)
    runs.append(learn(NOSDE, "independent_q", steps=5000))
    assert runs[0].trace["nash_gap"].tobytes() == runs[1].trace["nash_gap"].tobytes()
    assert runs[1].watch is not None
    assert runs[1].watch.sketches.shape[0] == 0


def test_a_file_without_a_watch_is_still_read(tmp_path):
    path = learn(NOSDE, "independent_q", steps=500).save(tmp_path / "run.npz")
    with np.load(path) as saved:
        arrays = {name: saved[name] for name in saved if not name.startswith("watch/")}
    np.savez(path, **arrays)
    assert load_run(path).watch is None

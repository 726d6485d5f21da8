"""The battles of the mean-field paper with games that are made up, and the files that a long reproduction goes on from."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("jax")

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl._population import squeeze_optimum
from gametheory_rl._support._statistics import share_interval
from gametheory_rl.papers import Lab, _lab, _mean_field_battle, _mean_field_squeeze


def lab_in(folder):
    return Lab(quick=True, effort=1.0, seeds=2, seed=3, advance=lambda share, note: None, parts=folder)


@pytest.mark.parametrize(("count", "total"), [(0, 10), (95, 100), (100, 100), (1, 3)])
def test_the_interval_of_a_share_is_wilsons(count, total):
    from scipy.stats import binomtest

    exact = binomtest(count, total).proportion_ci(method="wilson")
    np.testing.assert_allclose(share_interval(count, total), exact, atol=1e-12)


def test_an_interval_of_no_trials_is_refused():
    with pytest.raises(GameError, match="at least one trial"):
        share_interval(0, 0)


def test_a_match_is_half_from_either_side(monkeypatch):
    """The strong player has more left on whichever side it stands, but for one draw a side."""
    world = SimpleNamespace(num_agents=4)

    def evaluate(world, sides, *, episodes, seed):
        ahead = np.ones(episodes)
        ahead[0] = 0
        return SimpleNamespace(last={f"alive_{side}": ahead * (sides[2 * side] == "strong") for side in (0, 1)})

    monkeypatch.setattr(_mean_field_battle.deep, "evaluate", evaluate)
    assert _mean_field_battle.meet(world, "strong", "weak", 10, 0).tolist() == [[4, 1, 0], [4, 1, 0]]
    assert _mean_field_battle.meet(world, "weak", "strong", 10, 0).tolist() == [[0, 1, 4], [0, 1, 4]]


def test_trained_networks_are_kept_and_taken_up_again(monkeypatch, tmp_path):
    pennies = gt.StochasticGame.from_matrix_game([[1, -1], [-1, 1]], name="pennies")
    learned = []

    def learn(game, learner, **knobs):
        learned.append(knobs["steps"])
        return gt.learn(game, "minimax_q", steps=knobs["steps"], records=1, progress=False)

    monkeypatch.setattr(_lab, "learn", learn)
    for lab in (lab_in(tmp_path), lab_in(tmp_path)):
        found = [lab.trained(pennies, gt.deep.DeepIndependentQ(), seed=3, steps=steps) for steps in (20, 30)]
        assert [run.settings["steps"] for run in found] == [20, 30]
    lab = lab_in(tmp_path)
    lab.trained(pennies, gt.deep.DeepIndependentQ(temperature=2.0), seed=3, steps=20)
    assert learned == [20, 30, 20]
    counted = []
    for told in ("a", "a", "b"):
        assert lab.once("match", told, lambda: counted.append(0) or np.arange(3)).tolist() == [0, 1, 2]
    assert len(counted) == 2


# ---- squeeze ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agents", [40, 100, 500, 1000])
def test_every_crowd_begins_at_the_same_load_or_uniformly(agents):
    first = np.exp(np.array(_mean_field_squeeze.leaning(agents, 0.2)) / 0.2)
    load = agents * float(first @ np.arange(10) / first.sum())
    assert load == pytest.approx(min(250.0, 4.5 * agents), rel=1e-6)


def test_networks_of_the_mean_that_an_action_makes_find_the_optimum_of_a_crowd():
    """Of 40 who should add up to 67: uniform play adds up to 180, and earns next to nothing."""
    game = gt.families.gaussian_squeeze(40, 10, mu=60.0, sigma=30.0, start=np.eye(10)[0])
    best = squeeze_optimum(60.0, 30.0)[1]
    assert _mean_field_squeeze.uniform_play(game) < 0.01 * best
    settings = _mean_field_squeeze.SETTINGS | {"hidden": (16, 16), "learning_rate": 0.005, "last_temperature": 0.03, "evaluation": 1}
    lean = _mean_field_squeeze.leaning(40, 0.03, load=40.0)
    method = gt.deep.DeepMeanFieldQ(temperature=0.03, initial=lean, joined=True, order="asynchronous", **settings)
    run = gt.learn(game, method, steps=600, records=[8, 600], seeds=3, horizon=25, progress=False)
    begun, ended = np.median(run.trace["mean_payoff"] / best, axis=0)
    assert begun < 0.6
    assert ended > 0.96

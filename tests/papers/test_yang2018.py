"""Populations of the mean-field paper: cumulants, crossings, uniform play in a squeeze."""

import math

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl.papers import _yang2018_ising as lattice
from gametheory_rl.papers import _yang2018_squeeze as squeeze


def test_cumulants_of_distributions_that_are_known():
    assert lattice.cumulant(np.full(7, 0.3)) == pytest.approx(2 / 3)
    normal = np.random.default_rng(0).standard_normal((2, 400_000))
    assert lattice.cumulant(normal) == pytest.approx([0, 0], abs=0.02)


def test_the_crossing_of_straight_lines_is_exact():
    temperatures = np.array([1.0, 1.1, 1.2])
    small, large = 0.6 - 0.1 * (temperatures - 1.13), 0.6 - 0.5 * (temperatures - 1.13)
    assert lattice.crossing(temperatures, small, large) == pytest.approx(1.13)
    assert math.isnan(lattice.crossing(temperatures, large, small))


@pytest.mark.parametrize(("agents", "actions"), [(2, 10), (5, 3)])
def test_uniform_play_is_the_mean_over_everything_that_can_be_played(agents, actions):
    game = gt.families.gaussian_squeeze(agents, actions, mu=6.0, sigma=3.0)
    loads = np.indices((actions,) * agents).sum(axis=0).ravel()
    assert squeeze.uniform_play(game) == pytest.approx((loads * np.exp(-(((loads - 6) / 3) ** 2))).mean())


def test_uniform_play_of_the_papers_crowds():
    best = gt.squeeze_optimum()[1]
    assert squeeze.uniform_play(gt.families.gaussian_squeeze(100)) / best == pytest.approx(0.977, abs=5e-4)
    assert squeeze.uniform_play(gt.families.gaussian_squeeze(500)) == pytest.approx(2.6e-28, rel=0.02)
    assert squeeze.uniform_play(gt.families.gaussian_squeeze(1000)) == pytest.approx(3.8e-127, rel=0.02)


def test_large_crowds_find_the_optimum_from_leaning_tables_only():
    found = gt.reproduce("yang2018_squeeze", quick=True, seeds=1, effort=0.1, progress=False)
    assert [claim.holds for claim in found.claims] == [True, False, True, False]


def test_the_learned_order_is_that_of_heat_bath_and_acting_at_once_is_not():
    game = gt.families.ising(20)
    orders = {
        turns: gt.learn(game, gt.learners.MeanFieldQ(temperature=1.4, turns=turns), steps=3000, records=[300, 3000], progress=False)
        for turns in ("asynchronous", "stale")
    }
    ends = {turns: run.trace["order_parameter"][0, -1] for turns, run in orders.items()}
    assert ends["asynchronous"] == pytest.approx(gt.heat_bath(game, 1.4, sweeps=3000).order, abs=0.03)
    assert ends["stale"] > 0.7

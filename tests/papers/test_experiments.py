"""What the papers' files compute for themselves, against what is known by hand."""

import numpy as np
import pytest

import gametheory_rl as gt
from gametheory_rl.papers import Lab
from gametheory_rl.papers._bowling_veloso2002 import _distances, rate
from gametheory_rl.papers._hu_wellman2003 import _exact_equilibria
from gametheory_rl.papers._traced import evenly, spread, traced
from gametheory_rl.papers._zinkevich2005 import ROUND, greedy_iteration, played_round


@pytest.fixture
def lab():
    return Lab(quick=True, effort=1.0, seeds=2, seed=3, advance=lambda share, note: None)


def test_greedy_iteration_goes_round_with_period_five():
    greedy = greedy_iteration(gt.load_game("nosde"), 100)
    assert greedy.period() == 5
    assert ROUND in {greedy.names(first, 5) for first in range(90, 95)}


def test_the_round_is_an_equilibrium_backwards_only():
    game = gt.load_game("nosde")
    greedy = greedy_iteration(game, 100)
    plan = played_round(game, greedy, 5, 0)
    assert gt.verify(game, plan).epsilon < 1e-6
    assert gt.verify(game, tuple(policy[::-1] for policy in plan)).epsilon > 0.1


def test_two_sweeps_have_no_period():
    assert greedy_iteration(gt.load_game("nosde"), 2).period() == 0


def test_tracing_is_learning(lab):
    game = gt.load_game("matching_pennies")
    learner = gt.learners.MinimaxQ()
    found = traced(lab, game, learner, [10, 300], lambda tables: tables.q[0, 0].copy(), "traced")
    run = gt.learn(game, learner, steps=300, seeds=2, seed=3, records=1, progress=False)
    assert found.seen.shape == (2, 2, 2, 2)
    for one, other in zip(found.profiles, run.profiles, strict=True):
        assert all((a == b).all() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("looks", [evenly, spread])
@pytest.mark.parametrize("steps", [1, 7, 10**6])
def test_looks_end_with_the_last_step(looks, steps):
    found = looks(steps, 50)
    assert found[-1] == steps
    assert found[0] >= 1
    assert found == sorted(set(found))


def test_the_equilibria_of_grid_game_2_are_enumerated(lab):
    _exact_equilibria(lab)
    assert len(lab.rows) == 7
    assert all(abs(row.median - row.exact) < 1e-6 for row in lab.rows)
    assert [claim.holds for claim in lab.claims] == [True]


def test_the_papers_rates():
    assert rate(2.0, 20_000.0).at(step=20_000) == pytest.approx(2 / 40_000)


def test_distances_are_those_of_the_worst_player():
    policies = np.zeros((1, 1, 2, 1, 3))
    policies[0, 0, :, 0] = [[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]]
    assert _distances(policies, (2, 3))[0, 0] == pytest.approx(0.5 - 1 / 3)

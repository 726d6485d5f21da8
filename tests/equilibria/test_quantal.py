from decimal import Decimal, localcontext
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit

from gametheory_rl import GameError, Status
from gametheory_rl import equilibria as eq
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria import _branches as branches
from tests.equilibria.nplayer_games import MCKELVEY_MCLENNAN, NAU, NAU_FIRST_ACTIONS, jordan

PENNIES = np.array([[[9.0, 0], [0, 1]], [[0, 1], [1, 0]]])
"""Ochs 1995: the row player gets 9 rather than 1 where both play their first action."""


def violation(payoffs, found):
    """Largest violation of log p_a - log p_b = precision (u_a - u_b), in 60 digits, over 1 + precision x span."""
    with localcontext() as context:
        context.prec = 60
        logs = [[Decimal(float(y)) for y in log] for log in found.log_profile]
        mixed = [[y.exp() for y in log] for log in logs]
        mixed = [[p / sum(x) for p in x] for x in mixed]
        worst = Decimal(0)
        for i, payoff in enumerate(payoffs):
            earned = [Decimal(0)] * payoff.shape[i]
            for cell in product(*map(range, payoff.shape)):
                chance = Decimal(1)
                for j, a in enumerate(cell):
                    chance *= mixed[j][a] if j != i else 1
                earned[cell[i]] += chance * Decimal(float(payoff[cell]))
            scale = 1 + Decimal(found.precision) * Decimal(float(np.ptp(payoff)))
            for a, b in product(range(len(earned)), repeat=2):
                worst = max(worst, abs(logs[i][a] - logs[i][b] - Decimal(found.precision) * (earned[a] - earned[b])) / scale)
        return float(worst)


@pytest.mark.parametrize("precision", [0.0, 1e-3, 0.5, 3.0, 40.0, 1e4])
def test_against_a_root_in_one_unknown(precision):
    def excess(p):
        q = expit(precision * (1 - 2 * p))  # the column player's first action
        return expit(precision * (9 * q - (1 - q))) - p

    p = brentq(excess, 0, 1, xtol=1e-16)
    found = eq.logit(PENNIES, precision)
    assert abs(found.profile[0][0] - p) < 1e-12
    assert abs(found.profile[1][0] - expit(precision * (1 - 2 * p))) < 1e-9
    assert found.regret == eq.regret(PENNIES, found.profile)


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 4), min_size=1, max_size=4), st.floats(0, 8), st.booleans())
def test_the_definition_in_sixty_digits(seed, sizes, exponent, whole):
    rng = np.random.default_rng(seed)
    shape = (len(sizes), *sizes)
    payoffs = rng.integers(0, 3, shape).astype(float) if whole else rng.normal(size=shape)
    found = eq.logit(payoffs, 10.0 ** (exponent - 2), throw=False)
    if found.status is Status.SOLVED:
        assert found.precision == 10.0 ** (exponent - 2)
    assert violation(payoffs, found) <= max(1e-11, 4 * found.residual)


def test_tiny_probabilities_survive():
    found = eq.logit([[0.0, 1.0]], 1e6)
    assert found.log_profile[0][0] == pytest.approx(-1e6, rel=1e-12)
    assert found.profile[0].tolist() == [0, 1]
    dominated = np.zeros((2, 2, 2))
    dominated[0, 1], dominated[1, :, 1] = 1, 2
    found = eq.logit(dominated, 900.0)
    np.testing.assert_allclose([log[0] for log in found.log_profile], [-900, -1800], rtol=1e-12)


def test_the_branch_ends_at_the_known_equilibria():
    path = eq.logit_path(NAU)
    np.testing.assert_allclose([x[0] for x in path.profile], NAU_FIRST_ACTIONS, atol=1e-6)
    assert path.regret[-1] <= 3e-8
    assert path.status is Status.SOLVED
    np.testing.assert_allclose(eq.logit_path(jordan()).profile, np.full((3, 2), 0.5), atol=1e-12)
    end = eq.logit_path(MCKELVEY_MCLENNAN, tol=1e-10)
    assert eq.regret(MCKELVEY_MCLENNAN, end.profile) == end.regret[-1] <= 1e-10


@pytest.mark.parametrize("seed", range(40))
def test_every_point_of_a_path(seed):
    rng = np.random.default_rng(seed)
    sizes = ((3, 3), (2, 2, 2), (3, 3, 3), (2, 3, 2, 2))[seed % 4]
    payoffs = rng.normal(size=(len(sizes), *sizes))
    path = eq.logit_path(payoffs)
    assert path.status is Status.SOLVED
    assert path.precisions[0] == 0
    assert (path.precisions[1:] > 0).all()
    assert (path.regret[-1] / np.ptp(payoffs.reshape(len(sizes), -1), axis=1)).min() <= 1e-8
    for k in range(len(path.precisions)):
        for i, (x, log) in enumerate(zip(path.profiles, path.log_profiles, strict=True)):
            earned = payoffs[i]
            for j in reversed(range(len(sizes))):
                if j != i:
                    earned = np.tensordot(earned, path.profiles[j][k], axes=(j, 0))
            odds = log[k] - path.precisions[k] * earned
            assert np.ptp(odds) <= 1e-7 * (1 + path.precisions[k])
            assert abs(x[k].sum() - 1) < 1e-14
            np.testing.assert_allclose(path.values[i, k], earned @ x[k], atol=1e-12)
        assert path.regret[k] == pytest.approx(eq.regret(payoffs, [x[k] for x in path.profiles]), abs=1e-14)


TURNING = {1: (3, 3), 3: (3, 3, 3), 145: (3, 3), 191: (3, 3, 3), 226: (2, 2, 2)}


@pytest.mark.parametrize("seed", TURNING)
def test_turning_points_are_survived(seed, monkeypatch):
    sizes = TURNING[seed]
    payoffs = np.random.default_rng(seed).normal(size=(len(sizes), *sizes))
    path = eq.logit_path(payoffs)
    assert len(path.turning_points) >= 2
    assert path.status is Status.SOLVED
    monkeypatch.setattr(branches, "CARES", branches.CARES[2:])  # the same branch in much shorter steps
    fine = eq.logit_path(payoffs)
    assert len(fine.precisions) > 3 * len(path.precisions)
    assert len(fine.turning_points) == len(path.turning_points)
    np.testing.assert_allclose(path.precisions[path.turning_points], fine.precisions[fine.turning_points], rtol=0.2)
    np.testing.assert_allclose(np.concatenate(path.profile), np.concatenate(fine.profile), atol=1e-4)
    # Between its turning points the branch has several equilibria; at a precision there, the first is meant.
    low, high = np.sort(fine.precisions[fine.turning_points])[[0, -1]]
    between = (low + high) / 2
    first = int(np.argmax(fine.precisions > between))
    near = eq.logit(payoffs, between).profile
    assert max(np.abs(x - mixed[first]).max() for x, mixed in zip(near, fine.profiles, strict=True)) < 0.1


def test_symmetry_is_kept_across_bifurcations():
    coordination = np.stack([np.eye(3), np.eye(3)])
    path = eq.logit_path(coordination, max_precision=1e3)
    np.testing.assert_allclose(path.profiles, 1 / 3, atol=1e-9)
    assert path.precisions[-1] == pytest.approx(1e3)
    other = eq.logit_path(coordination, prior=([0.5, 0.3, 0.2], [0.4, 0.3, 0.3]))
    np.testing.assert_allclose([x[0] for x in other.profile], 1, atol=1e-8)


def test_laws():
    rng = np.random.default_rng(5)
    payoffs = rng.normal(size=(3, 2, 3, 2))
    plain = eq.logit(payoffs, 2.5)
    for scale in (1e-300, 1e-9, 1e250):
        np.testing.assert_allclose(
            np.concatenate(eq.logit(payoffs * scale, 2.5 / scale).profile), np.concatenate(plain.profile), atol=1e-11
        )
    moved = eq.logit(payoffs + np.array([100.0, -7.0, 0.0])[:, None, None, None], 2.5)
    np.testing.assert_allclose(np.concatenate(moved.profile), np.concatenate(plain.profile), atol=1e-11)
    for order in permutations(range(3)):
        swapped = np.transpose(payoffs[list(order)], (0, *(i + 1 for i in order)))
        for x, player in zip(eq.logit(swapped, 2.5).profile, order, strict=True):
            np.testing.assert_allclose(x, plain.profile[player], atol=1e-11)
    # A duplicate halves an action's weight: the same equilibrium with that prior.
    twice = np.concatenate([payoffs, payoffs[:, :, -1:]], axis=2)
    prior = [np.full(2, 0.5), np.array([1, 1, 0.5, 0.5]) / 3, np.full(2, 0.5)]
    middle = eq.logit(twice, 2.5, prior=prior).profile[1]
    np.testing.assert_allclose([*middle[:2], middle[2] + middle[3]], plain.profile[1], atol=1e-11)


def test_players_of_very_different_stakes():
    payoffs = np.stack([PENNIES[0] * 1e200, PENNIES[1]])
    found = eq.logit(payoffs, 1e-200)
    assert found.profile[1].tolist() == [0.5, 0.5]  # the column player hardly notices such a precision
    np.testing.assert_allclose(found.profile[0], [expit(4.0), 1 - expit(4.0)], rtol=1e-9)


def test_constant_payoffs_and_single_actions():
    flat = np.full((3, 2, 1, 2), 7.0)
    assert [x.tolist() for x in eq.logit(flat, 5.0).profile] == [[0.5, 0.5], [1.0], [0.5, 0.5]]
    path = eq.logit_path(flat)
    assert path.precisions.tolist() == [0.0]
    assert path.regret.tolist() == [0.0]
    assert eq.logit(np.zeros((1, 1)), 1e300).profile[0].tolist() == [1.0]


def test_what_is_not_reached_is_said():
    with pytest.raises(SolverError, match="max_steps"):
        eq.logit_path(NAU, max_steps=5)
    short = eq.logit_path(NAU, max_steps=5, throw=False)
    assert short.status is Status.OUT_OF_STEPS
    assert len(short.precisions) == 5


@pytest.mark.parametrize("precision", [-1.0, np.nan, np.inf, "high", None])
def test_bad_precision(precision):
    with pytest.raises(GameError, match="precision"):
        eq.logit(PENNIES, precision)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"max_precision": 0}, "max_precision"),
        ({"max_precision": np.inf}, "max_precision"),
        ({"tol": -1}, "tol"),
        ({"max_steps": 1}, "max_steps"),
        ({"prior": ([1, 0], [0.5, 0.5])}, "positive"),
        ({"prior": ([0.5, 0.5],)}, "1 strategies, 2"),
        ({"prior": ([0.5, 0.6], [0.5, 0.5])}, "adds up"),
    ],
)
def test_bad_options(options, says):
    with pytest.raises(GameError, match=says):
        eq.logit_path(PENNIES, **options)


def test_a_product_of_precision_and_payoffs_beyond_floats_is_refused():
    with pytest.raises(GameError, match="too large"):
        eq.logit(PENNIES * 1e200, 1e200)

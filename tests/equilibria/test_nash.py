import os
import subprocess
import sys
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError, Status
from gametheory_rl import equilibria as eq
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria import _nash as module
from gametheory_rl.equilibria._scaling import normalised
from gametheory_rl.equilibria._supports import supports_of
from tests.equilibria.nplayer_games import MCKELVEY_MCLENNAN, NAU, NAU_FIRST_ACTIONS, all_equilibria, jordan

SIZES = (2, 2, 2), (3, 3, 3), (4, 4, 4), (5, 5, 5), (2,) * 4, (3,) * 4, (2,) * 5
KINDS = ("gauss", "zero_or_one", "three_values", "sparse", "zero_sum", "duplicated", "opposed")


def draw(rng, sizes, kind):
    shape = (len(sizes), *sizes)
    payoffs = rng.normal(size=shape)
    if kind == "zero_or_one":
        payoffs = rng.integers(0, 2, shape).astype(float)
    elif kind == "three_values":
        payoffs = rng.integers(-1, 2, shape).astype(float)
    elif kind == "sparse":
        payoffs *= rng.random(shape) < 0.3
    elif kind == "zero_sum":
        payoffs[-1] = -payoffs[:-1].sum(axis=0)
    elif kind == "duplicated":
        for i in range(len(sizes)):
            actions = np.moveaxis(payoffs, i + 1, 0)
            actions[-1] = actions[0]
    elif kind == "opposed":
        payoffs -= 1.5 * payoffs.mean(axis=0)
    return payoffs


def check(payoffs, found, accepted=1e-12):
    """Distributions, and by the definition, each player on its own scale, no gain from any deviation."""
    assert found.status is Status.SOLVED
    assert [x.shape for x in found.profile] == [(count,) for count in np.shape(payoffs)[1:]]
    for x in found.profile:
        assert (x >= 0).all()
        assert abs(x.sum() - 1) <= 1e-14
    assert eq.regret(normalised(np.asarray(payoffs, float)), found.profile) <= accepted
    assert found.regret == eq.regret(payoffs, found.profile)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", SIZES)
def test_random_games(sizes, kind):
    rng = np.random.default_rng([len(sizes), sizes[0], KINDS.index(kind)])
    for _ in range(15):
        payoffs = draw(rng, sizes, kind)
        check(payoffs, eq.nash(payoffs))
        check(payoffs, eq.nash(payoffs, method="logit"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", SIZES)
def test_a_thousand_games_of_each_kind(sizes, kind):
    rng = np.random.default_rng([7, len(sizes), sizes[0], KINDS.index(kind)])
    for _ in range(1_000):
        payoffs = draw(rng, sizes, kind)
        check(payoffs, eq.nash(payoffs))


def test_an_irrational_equilibrium():
    for found in (eq.nash(NAU), eq.nash(NAU, method="supports"), eq.nash(NAU, start=([0.9, 0.1], [0.1, 0.9], [0.5, 0.5]))):
        np.testing.assert_allclose([x[0] for x in found.profile], NAU_FIRST_ACTIONS, rtol=0, atol=1e-14)
        check(NAU, found)


def test_matching_pennies_of_three():
    found = eq.nash(jordan())
    assert found.method == "logit"
    np.testing.assert_allclose(found.profile, np.full((3, 2), 0.5), atol=1e-15)
    np.testing.assert_allclose(found.values, 0, atol=1e-15)


def test_nine_equilibria_two_of_them_totally_mixed():
    known = all_equilibria(MCKELVEY_MCLENNAN)
    assert len(known) == 9
    assert (np.minimum(known, 1 - known).min(axis=1) > 1e-6).sum() == 2
    rng, reached = np.random.default_rng(0), set()
    for method in (None, "pure", "logit", "supports"):
        reached.add(_which(known, eq.nash(MCKELVEY_MCLENNAN, method=method)))
    for _ in range(40):
        reached.add(_which(known, eq.nash(MCKELVEY_MCLENNAN, start=[rng.dirichlet([1, 1]) for _ in range(3)])))
    assert len(reached) >= 5


def _which(known, found):
    check(MCKELVEY_MCLENNAN, found)
    distances = np.abs(known - [x[0] for x in found.profile]).max(axis=1)
    assert distances.min() < 1e-12
    return int(np.argmin(distances))


@pytest.mark.parametrize("seed", range(20))
def test_what_is_found_is_one_of_all_equilibria(seed):
    payoffs = np.random.default_rng(seed).normal(size=(3, 2, 2, 2))
    known = all_equilibria(payoffs)
    assert len(known) % 2 == 1
    for method in ("logit", "supports"):
        found = eq.nash(payoffs, method=method)
        assert np.abs(known - [x[0] for x in found.profile]).max(axis=1).min() < 1e-9


def test_laws():
    rng = np.random.default_rng(3)
    payoffs = draw(rng, (2, 3, 4), "opposed")
    plain = eq.nash(payoffs, method="logit")
    moved = payoffs * np.array([1e-300, 7.0, 1e300])[:, None, None, None]
    check(moved, eq.nash(moved, method="logit"))
    np.testing.assert_allclose(np.concatenate(eq.nash(moved, method="logit").profile), np.concatenate(plain.profile), atol=1e-12)
    offset = payoffs + np.array([1e6, -1e6, 3.0])[:, None, None, None]
    np.testing.assert_allclose(np.concatenate(eq.nash(offset, method="logit").profile), np.concatenate(plain.profile), atol=1e-8)
    for order in permutations(range(3)):
        swapped = np.transpose(payoffs[list(order)], (0, *(i + 1 for i in order)))
        found = eq.nash(swapped, method="logit")
        check(swapped, found)
        for i, player in enumerate(order):
            np.testing.assert_allclose(found.profile[i], plain.profile[player], atol=1e-12)
    twice = np.concatenate([payoffs, payoffs[:, :, -1:]], axis=2)
    check(twice, eq.nash(twice, method="logit"))


@pytest.mark.parametrize("k", [-300, -150, 0, 150, 300])
def test_every_scale(k):
    payoffs = NAU * 10.0**k
    found = eq.nash(payoffs)
    check(payoffs, found)
    np.testing.assert_allclose([x[0] for x in found.profile], NAU_FIRST_ACTIONS, atol=1e-12)
    far = jordan() + 1e9
    check(far, eq.nash(far))


def test_one_two_and_idle_players():
    alone = eq.nash([[1.0, 3.0, 2.0]])
    assert alone.profile[0].tolist() == [0, 1, 0]
    assert alone.values.tolist() == [3]
    pennies = np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    assert eq.nash(pennies).method == "lemke_howson"
    for method in (None, "logit", "supports", "lemke_howson"):
        check(pennies, eq.nash(pennies, method=method))
    rng = np.random.default_rng(0)
    for sizes in [(1, 1, 1), (1, 3, 1), (6, 1, 5), (1,), (1, 4)]:
        payoffs = rng.normal(size=(len(sizes), *sizes))
        check(payoffs, eq.nash(payoffs))
        check(payoffs, eq.nash(payoffs, method="logit"))
    check(np.zeros((3, 2, 3, 2)), eq.nash(np.zeros((3, 2, 3, 2)), method="logit"))


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 3), min_size=2, max_size=4))
def test_small_integers_of_any_shape(seed, sizes):
    payoffs = np.random.default_rng(seed).integers(0, 3, (len(sizes), *sizes)).astype(float)
    check(payoffs, eq.nash(payoffs, method="logit"))


def test_larger_games():
    rng = np.random.default_rng(1)
    for sizes in [(12, 12, 12), (2,) * 8, (5, 1, 7, 4)]:
        payoffs = draw(rng, sizes, "opposed")
        check(payoffs, eq.nash(payoffs))


def test_against_quantecon():
    from quantecon.game_theory import NormalFormGame, mclennan_tourky

    rng = np.random.default_rng(4)
    for payoffs in (NAU, jordan(), draw(rng, (3, 3, 3), "gauss")):
        theirs = mclennan_tourky(NormalFormGame(np.moveaxis(payoffs, 0, -1).copy()), epsilon=1e-6)
        ours = eq.nash(payoffs)
        assert ours.regret <= eq.regret(payoffs, theirs) + 1e-12
        if payoffs.shape[1] == 2:  # games of a single equilibrium
            np.testing.assert_allclose(np.concatenate(ours.profile), np.concatenate(theirs), atol=1e-4)


def test_a_tolerance_in_payoff_units_is_respected():
    payoffs = draw(np.random.default_rng(0), (3, 3, 3), "opposed") * 1e-200
    assert eq.nash(payoffs, tol=1e-202).regret <= 1e-202
    with pytest.raises(SolverError, match="regret"):
        eq.nash(NAU, method="pure")
    left = eq.nash(NAU, method="pure", throw=False)
    assert left.status is Status.UNREACHED
    assert left.regret == eq.regret(NAU, left.profile) > 0.1


def test_supports_are_all_there_and_small_ones_first():
    every = list(supports_of(np.array([2, 3, 2]), 10_000))
    assert len(every) == len(set(every)) == 3 * 7 * 3
    assert all(max(map(len, a)) <= max(map(len, b)) for a, b in pairwise(every))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([[[1, 2], [3]]],), "ragged|shape"),
        (([[[1.0, np.nan], [0, 0]], [[0, 0], [0, 0]]],), "nan"),
        ((np.zeros((2, 2, 2, 2)),), "shape"),
        ((np.zeros((3, 2, 0, 2)),), "shape"),
    ],
)
def test_bad_payoffs(arguments, says):
    with pytest.raises(GameError, match=says):
        eq.nash(*arguments)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"method": "lucky"}, "method"),
        ({"method": "lemke_howson"}, "3 players"),
        ({"tol": -1.0}, "tol"),
        ({"tol": float("nan")}, "tol"),
        ({"start": ([1, 0], [0.5, 0.5], [0.5, 0.5])}, "positive"),
        ({"start": ([0.5, 0.5],)}, "1 strategies, 3"),
    ],
)
def test_bad_options(options, says):
    with pytest.raises(GameError, match=says):
        eq.nash(NAU, **options)


def test_all_methods_are_documented():
    assert all(f"``{name}``" in (eq.nash.__doc__ or "") for name in module.METHODS)


def test_the_plain_source_gives_the_same_bits():
    root = Path(__file__).resolve().parents[2]
    code = (
        "import numpy as np; from gametheory_rl import equilibria as eq; from tests.equilibria.nplayer_games import NAU;"
        "print([x.tolist() for x in (*eq.nash(NAU).profile, *eq.logit(NAU, 3.0).profile)])"
    )
    said = []
    for compiled in ("0", "1"):
        environment = os.environ | {"GAMETHEORY_RL_COMPILE": compiled, "PYTHONPATH": str(root)}
        said.append(subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout)
    assert said[0] == said[1]

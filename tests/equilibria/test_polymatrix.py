from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError, Status
from gametheory_rl import equilibria as eq
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria import _polymatrix as module
from gametheory_rl.equilibria._pair_payoffs import pairs
from gametheory_rl.equilibria._scaling import normalised

PENNIES = [[1, -1], [-1, 1]]


def draw(rng, sizes, kind, density=0.8):
    game = {}
    players = range(len(sizes))
    for i, j in product(players, players):
        if i != j and (rng.random() < density or j == (i + 1) % len(sizes)):
            shape = sizes[i], sizes[j]
            game[i, j] = rng.normal(size=shape) if kind == "gauss" else rng.integers(0, 3, shape).astype(float)
    return game


def zero_sum(rng, sizes):
    game = draw(rng, sizes, "gauss", 1.0)
    for i, j in product(range(len(sizes)), range(len(sizes))):
        if j < i:
            game[i, j] = -game[j, i].T
    # Moved from one pair to another, a player's own part leaves the sum of payoffs as it is, though no pair is zero-sum now.
    part = rng.normal(size=(sizes[0], 1))
    game[0, 1] = game[0, 1] + part
    game[2, 0] = game[2, 0] - part.T
    return game


def check(game, found):
    payoffs = eq.polymatrix_tensor(game)
    assert found.status is Status.SOLVED
    assert all((x >= 0).all() and abs(x.sum() - 1) < 1e-14 for x in found.profile)
    assert eq.regret(normalised(payoffs), found.profile) <= 2e-12
    assert found.regret == eq.polymatrix_regret(game, found.profile)
    assert eq.regret(payoffs, found.profile) == pytest.approx(found.regret, abs=1e-12 * np.abs(payoffs).max())
    for i, value in enumerate(found.values):
        earned = payoffs[i]
        for x in reversed(found.profile):
            earned = earned @ x
        assert value == pytest.approx(earned, abs=1e-12 * max(1.0, np.abs(payoffs[i]).max()))


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 5), min_size=2, max_size=5), st.sampled_from(["gauss", "whole"]))
def test_random_games(seed, sizes, kind):
    game = draw(np.random.default_rng(seed), sizes, kind)
    check(game, eq.polymatrix(game))


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 4), min_size=3, max_size=4))
def test_zero_sum_games_by_both_methods(seed, sizes):
    game = zero_sum(np.random.default_rng(seed), sizes)
    by_program, by_pivots = eq.polymatrix(game, method="linear_program"), eq.polymatrix(game)
    assert by_program.zero_sum
    assert by_program.method == "linear_program"
    for found in (by_program, by_pivots):
        check(game, found)
        assert abs(found.values.sum()) < 1e-12
    # Values of a zero-sum polymatrix game need not be unique, but strategies are interchangeable (Cai et al. 2016, section 4).


def test_two_players_are_a_bimatrix_game():
    rng = np.random.default_rng(0)
    for _ in range(20):
        A, B = rng.normal(size=(2, 4, 3))
        x, y = eq.polymatrix({(0, 1): A, (1, 0): B.T}).profile
        assert eq.regret(np.stack([A, B]), (x, y)) < 1e-12
        zero = eq.polymatrix({(0, 1): A, (1, 0): -A.T})
        assert zero.zero_sum
        assert zero.values[0] == pytest.approx(float(eq.minimax(A).value), abs=1e-9)


def test_an_array_of_pairs_and_a_mapping_are_the_same_game():
    rng = np.random.default_rng(1)
    array = rng.normal(size=(4, 4, 3, 3))
    array[np.arange(4), np.arange(4)] = 0
    mapping = {(i, j): array[i, j] for i in range(4) for j in range(4) if i != j}
    np.testing.assert_array_equal(eq.polymatrix_tensor(array), eq.polymatrix_tensor(mapping))
    ours, other = eq.polymatrix(array), eq.polymatrix(mapping)
    for x, y in zip(ours.profile, other.profile, strict=True):
        np.testing.assert_array_equal(x, y)
    payoffs = eq.polymatrix_tensor(array)
    cell = (2, 0, 1, 1)
    for i in range(4):
        assert payoffs[(i, *cell)] == pytest.approx(sum(array[i, j, cell[i], cell[j]] for j in range(4) if j != i))


def test_against_quantecon():
    from quantecon.game_theory.howson_lcp import polym_lcp_solver
    from quantecon.game_theory.polymatrix_game import PolymatrixGame

    rng = np.random.default_rng(2)
    for _ in range(5):
        game = draw(rng, (2, 3, 2), "gauss", 1.0)
        theirs = polym_lcp_solver(PolymatrixGame(game))
        assert eq.polymatrix_regret(game, theirs) < 1e-9
        check(game, eq.polymatrix(game))


@pytest.mark.parametrize("k", [-300, -20, 0, 20, 300])
def test_scales_and_offsets(k):
    game = draw(np.random.default_rng(3), (3, 2, 4), "gauss", 1.0)
    plain = eq.polymatrix(game)
    scaled = {key: matrix * (10.0**k if key[0] == 1 else 1.0) for key, matrix in game.items()}
    for x, y in zip(eq.polymatrix(scaled).profile, plain.profile, strict=True):
        np.testing.assert_allclose(x, y, atol=1e-10)
    moved = {key: matrix + 100.0 * key[0] for key, matrix in game.items()}
    for x, y in zip(eq.polymatrix(moved).profile, plain.profile, strict=True):
        np.testing.assert_allclose(x, y, atol=1e-10)


def test_many_players_without_a_tensor():
    rng = np.random.default_rng(4)
    ring = {(i, (i + d) % 70): rng.normal(size=(2, 2)) for i in range(70) for d in (1, -1)}
    found = eq.polymatrix(ring)
    assert found.status is Status.SOLVED
    assert eq.polymatrix_regret(ring, found.profile) < 1e-11
    with pytest.raises(GameError, match="70 players"):
        eq.polymatrix_tensor(ring)
    opposed = {(i, j): matrix for i in range(70) for j, matrix in [((i + 1) % 70, np.array(PENNIES) * (1.0 + i))]}
    opposed |= {(j, i): -matrix.T for (i, j), matrix in opposed.items()}
    large = {key: np.kron(matrix, np.ones((2, 2))) for key, matrix in opposed.items()}
    assert eq.polymatrix(large).method == "linear_program"


def test_rationals_where_floats_lose_the_path(monkeypatch):
    monkeypatch.setattr(module, "_by_lemke", lambda unit: None)
    rng = np.random.default_rng(5)
    for kind in ("gauss", "whole"):
        game = draw(rng, (3, 2, 2), kind)
        found = eq.polymatrix(game)
        assert found.method == "exact_lemke"
        check(game, found)
    monkeypatch.setattr(module, "EXACT_WORK", 1)
    with pytest.raises(SolverError, match="best profile"):
        eq.polymatrix(game)
    assert eq.polymatrix(game, throw=False).status is Status.UNSETTLED


def test_constant_payoffs_and_single_actions():
    for game in ({(0, 1): np.zeros((2, 3)), (1, 0): np.ones((3, 2))}, {(0, 1): [[4.0]], (1, 2): [[1.0, 2.0]]}):
        found = eq.polymatrix(game)
        assert found.regret == 0
        assert len(found.profile) == len(pairs(game).num_actions)


@pytest.mark.parametrize(
    ("game", "says"),
    [
        ({}, "no pairs"),
        ({(0, 0): PENNIES}, "different players"),
        ({(0, -1): PENNIES}, "whole numbers"),
        ({"01": PENNIES}, "different players"),
        ({(0, 1.0): PENNIES}, "different players"),
        ({(0, 2): PENNIES}, "player 1 of 3 is in no pair"),
        ({(0, 10**12): PENNIES}, "in no pair"),
        ({(0, 1): PENNIES, (1, 2): [[1, 2, 3]]}, "player 1 has 2 actions"),
        ({(0, 1): [[1, 2], [3]]}, "ragged"),
        ({(0, 1): [[1, np.inf]]}, "inf"),
        ({(0, 1): [1, 2]}, "shape"),
        ({(0, 1): np.zeros((0, 2))}, "shape"),
        (np.zeros((2, 3, 2, 2)), "n, n, A, A"),
        (np.ones((2, 2, 2, 2)), "with itself"),
    ],
)
def test_bad_pairs(game, says):
    for function in (eq.polymatrix, eq.polymatrix_tensor):
        with pytest.raises(GameError, match=says):
            function(game)


def test_bad_options():
    with pytest.raises(GameError, match="method"):
        eq.polymatrix({(0, 1): PENNIES}, method="guess")
    with pytest.raises(GameError, match="not zero-sum"):
        eq.polymatrix({(0, 1): PENNIES}, method="linear_program")
    with pytest.raises(GameError, match="1 strategies, 2"):
        eq.polymatrix_regret({(0, 1): PENNIES}, ([1, 0],))

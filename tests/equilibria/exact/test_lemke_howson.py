from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError, Status
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria.exact import lemke_howson, regret
from gametheory_rl.equilibria.exact._tableau import Tableau
from tests.equilibria.bimatrix_games import (
    CYCLING,
    SAVANI_VON_STENGEL,
    SAVANI_VON_STENGEL_PATHS,
    VON_STENGEL,
    quantecon_equilibrium,
    sandholm_gilpin_conitzer,
)


def fractions(text):
    return [Fraction(part) for part in text.split()]


def check(A, B, solution):
    """A profile of Fractions whose regret, by the definition, is exactly zero."""
    A, B = (np.array([[Fraction(a) for a in row] for row in np.asarray(M).tolist()], object) for M in (A, B))
    x, y = solution.profile
    assert all(isinstance(p, Fraction) and p >= 0 for p in (*x, *y))
    assert x.sum() == y.sum() == 1
    assert (A @ y).max() == x @ A @ y == solution.values[0]
    assert (x @ B).max() == x @ B @ y == solution.values[1]
    assert solution.regret == 0
    assert solution.exact
    assert solution.status is Status.SOLVED


@pytest.mark.parametrize(("label", "length"), list(enumerate(SAVANI_VON_STENGEL_PATHS)))
def test_long_paths(label, length):
    solution = lemke_howson(*SAVANI_VON_STENGEL, label)
    check(*SAVANI_VON_STENGEL, solution)
    assert solution.path_length == length
    assert solution.profile[0].tolist() == fractions("1/30 1/6 3/10 3/10 1/6 1/30")
    assert solution.profile[1].tolist() == fractions("1/6 1/30 3/10 3/10 1/30 1/6")


def test_ties_that_make_careless_methods_cycle():
    ends = [lemke_howson(*CYCLING, label) for label in range(6)]
    for end in ends:
        check(*CYCLING, end)
    assert [fractions("0 2/3 1/3"), fractions("0 1 0")] in [[x.tolist() for x in end.profile] for end in ends]


@pytest.mark.parametrize("k", range(2, 7))
def test_sandholm_gilpin_conitzer(k):
    A, B = sandholm_gilpin_conitzer(k)
    for label in (0, 2 * k, 4 * k - 1, 8 * k - 3):
        solution = lemke_howson(A, B, label)
        check(A, B, solution)
        for strategy in solution.profile:
            assert strategy.tolist() == [Fraction(1, 2 * k - 1)] * (2 * k - 1) + [Fraction(0)] * (2 * k)


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_every_game_ends_at_an_equilibrium(m, n, seed, largest):
    rng = np.random.default_rng(seed)
    A, B = rng.integers(-largest, largest + 1, (2, m, n))
    for label in range(m + n):
        check(A, B, lemke_howson(A, B, label))


@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_a_peer_ends_at_the_same_equilibrium(m, n, seed):
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(2, m, n))
    label = int(rng.integers(m + n))
    for mine, theirs in zip(lemke_howson(A, B, label).profile, quantecon_equilibrium(A, B, label), strict=True):
        np.testing.assert_allclose(mine.astype(float), theirs, atol=1e-9)


def test_rescaling_changes_nothing():
    rng = np.random.default_rng(0)
    for _ in range(30):
        A, B = rng.integers(0, 3, (2, 6, 5)).astype(object)
        mine = lemke_howson(A, B, 3)
        scaled = lemke_howson(A * Fraction(3, 7) - 10**30, B * 10**300 + Fraction(1, 10**40), 3)
        assert [x.tolist() for x in mine.profile] == [x.tolist() for x in scaled.profile]
        assert mine.path_length == scaled.path_length
        assert scaled.values[0] == mine.values[0] * Fraction(3, 7) - 10**30


def test_every_kind_of_number():
    wanted = lemke_howson(*VON_STENGEL, 1)
    assert [x.tolist() for x in wanted.profile] == [fractions("0 1/3 2/3"), fractions("1/3 2/3")]
    A, B = VON_STENGEL

    def entry_by_entry(convert):
        return lambda M: [[convert(a) for a in row] for row in M]

    kinds = (np.array, lambda M: np.array(M, np.int8), entry_by_entry(Fraction), entry_by_entry(Decimal))
    for kind in kinds:
        again = lemke_howson(kind(A), kind(B), np.int64(1))
        assert [x.tolist() for x in again.profile] == [x.tolist() for x in wanted.profile]
    check([[True]], [[2.5]], lemke_howson([[True]], [[2.5]]))


@pytest.mark.parametrize(
    ("A", "B", "label", "says"),
    [
        ([[1, 2], [3]], [[1, 2], [3, 4]], 0, "the row player's payoff matrix is ragged"),
        ([[1, 2]], [[1], [2]], 0, r"\(2, 1\) but the row player's \(1, 2\)"),
        ([[1]], [[float("nan")]], 0, r"the column player's payoff matrix is nan at \(0, 0\)"),
        ([[Fraction(1), float("inf")]], [[1, 2]], 0, r"is inf at \(0, 1\)"),
        ([[]], [[]], 0, "at least one"),
        ([1, 2], [1, 2], 0, r"shape \(2,\)"),
        ([["a"]], [["b"]], 0, "'a' at"),
        ([[1j]], [[1]], 0, "1j at"),
        ([[1]], [[1]], 2, "the label is 2, a whole number from 0 to 1"),
        ([[1]], [[1]], -1, "the label is -1"),
        ([[1]], [[1]], 0.5, "the label is 0.5"),
        ([[1]], [[1]], [0, 1], "one whole number"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(A, B, label, says):
    with pytest.raises(GameError, match=says):
        lemke_howson(A, B, label)


def test_a_bound_on_the_pivots():
    assert lemke_howson(*SAVANI_VON_STENGEL, max_pivots=88).path_length == 88
    with pytest.raises(SolverError, match="label 0 is longer than max_pivots = 87"):
        lemke_howson(*SAVANI_VON_STENGEL, max_pivots=87)


def test_a_pivot_there_and_back():
    tableau = Tableau([[2, 1], [1, 3]], (2, 3), (0, 1))
    before = [row[:] for row in tableau.entries]
    left = tableau.pivot(0)
    assert left == 2
    assert tableau.basic() == {0: Fraction(1, 2), 3: Fraction(1, 2)}
    assert tableau.pivot(left) == 0
    assert (tableau.entries, tableau.divisor) == (before, 1)


def test_regret_is_exact():
    third = Fraction(1, 3)
    pennies = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    assert regret(pennies, ([third, 2 * third], [Fraction(1, 2)] * 2)) == third
    assert regret(np.array(pennies, object) * 10**40, ([0.5, 0.5], [0.5, 0.5])) == 0
    three = np.arange(24).reshape(3, 2, 2, 2)
    assert regret(three, ([1, 0], [0, 1], [1, 0])) == 4


@pytest.mark.parametrize(
    ("payoffs", "profile", "says"),
    [
        (np.zeros((2, 2)), ([1, 0], [1, 0]), "one axis per player"),
        (np.zeros((2, 2, 2)), ([1, 0],), "2 were expected"),
        (np.zeros((2, 2, 2)), ([1, 0], [1, 0, 0]), "player 1 has shape"),
        (np.zeros((2, 2, 2)), ([1, 0], [0.1, 0.9]), "exactly 1"),
        (np.zeros((2, 2, 2)), ([2, -1], [1, 0]), "negative probability -1"),
        (np.full((2, 2, 2), np.nan), ([1, 0], [1, 0]), r"nan at \(0, 0, 0\)"),
        ([[[1, 2], [3]]] * 2, ([1, 0], [1, 0]), "ragged"),
    ],
)
def test_regret_refuses_in_a_sentence(payoffs, profile, says):
    with pytest.raises(GameError, match=says):
        regret(payoffs, profile)

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gametheory_rl as gt
from gametheory_rl import GameError, verify
from gametheory_rl.equilibria import duality_gap, obedience, regret


def brute_force_regret(payoffs, profile):
    """The definition, cell by cell."""
    payoffs = np.asarray(payoffs, float)
    worst = 0.0
    for player in range(len(profile)):
        values = np.zeros(payoffs.shape[player + 1])
        for cell in np.ndindex(*payoffs.shape[1:]):
            weight = np.prod([x[a] for other, (x, a) in enumerate(zip(profile, cell, strict=True)) if other != player])
            values[cell[player]] += weight * payoffs[(player, *cell)]
        worst = max(worst, values.max() - values @ profile[player])
    return worst


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_regret_is_the_definition(seed, players):
    rng = np.random.default_rng(seed)
    payoffs = rng.normal(size=(players, *rng.integers(1, 4, players)))
    profile = [rng.dirichlet(np.ones(k)) for k in payoffs.shape[1:]]
    assert regret(payoffs, profile) == pytest.approx(brute_force_regret(payoffs, profile), abs=1e-12)


def test_regret_is_zero_at_known_equilibria():
    prisoners = [[[-1, -3], [0, -2]], [[-1, 0], [-3, -2]]]
    assert regret(prisoners, ([0, 1], [0, 1])) == 0.0
    nau = np.zeros((3, 2, 2, 2))  # players last in the listing below
    cells = {(0, 0, 0): (3, 0, 2), (0, 1, 0): (0, 2, 0), (1, 0, 0): (0, 1, 0), (1, 1, 0): (1, 0, 0)}
    cells |= {(0, 0, 1): (1, 0, 0), (0, 1, 1): (0, 1, 0), (1, 0, 1): (0, 3, 0), (1, 1, 1): (2, 0, 3)}
    for cell, pays in cells.items():
        nau[(slice(None), *cell)] = pays
    root = np.sqrt(601.0)
    first = (53 - root) / 46, (root - 13) / 24, (root - 23) / 4
    assert regret(nau, [(p, 1 - p) for p in first]) < 1e-14
    assert regret(nau, [(p, 1 - p) for p in (0.6, 0.5, 0.4)]) > 1e-3


def test_a_shared_offset_costs_no_digits():
    game = np.array([[0.0, 1.0], [1.0, 0.0]])
    uniform = np.full(2, 0.5)
    assert duality_gap(game + 1e9, uniform, uniform) == 0.0
    assert regret(np.stack([game, -game]) + 1e9, (uniform, uniform)) == 0.0
    assert regret(np.stack([game, -game]) * 1.7e308, (uniform, uniform)) == 0.0


def test_duality_gap_is_the_sum_of_two_regrets():
    rng = np.random.default_rng(0)
    for _ in range(50):
        A = rng.normal(size=rng.integers(1, 6, 2))
        x, y = rng.dirichlet(np.ones(A.shape[0])), rng.dirichlet(np.ones(A.shape[1]))
        gains = (A @ y).max() - x @ A @ y, x @ A @ y - (x @ A).min()
        assert duality_gap(A, x, y) == pytest.approx(sum(gains))
        assert regret(np.stack([A, -A]), (x, y)) == pytest.approx(max(gains))


def test_duality_gap_of_a_batch():
    rng = np.random.default_rng(1)
    A = rng.normal(size=(2, 3, 4, 5))
    x, y = rng.dirichlet(np.ones(4), (2, 3)), rng.dirichlet(np.ones(5), (2, 3))
    found = duality_gap(A, x, y)
    assert found.shape == (2, 3)
    for k in np.ndindex(2, 3):
        assert found[k] == pytest.approx(float(duality_gap(A[k], x[k], y[k])))


@pytest.mark.parametrize(
    ("payoffs", "profile", "says"),
    [
        ([[1, 2], [3]], ([1], [1]), "ragged"),
        (np.zeros((2, 2)), ([1, 0], [1, 0]), "one axis per player"),
        (np.zeros((2, 2, 0)), ([1, 0], []), "one axis per player"),
        (np.zeros((2, 2, 2)), ([1, 0],), "2 were expected"),
        (np.zeros((2, 2, 2)), ([1, 0], [1, 0, 0]), "player 1 has shape"),
        (np.zeros((2, 2, 2)), ([1, 0], [0.5, 0.4]), "adds up to 0.9"),
        (np.zeros((2, 2, 2)), ([2, -1], [1, 0]), "negative"),
        (np.full((2, 2, 2), np.nan), ([1, 0], [1, 0]), r"nan at \(0, 0, 0\)"),
        (5.0, (), "one axis per player"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(payoffs, profile, says):
    with pytest.raises(GameError, match=says):
        regret(payoffs, profile)


def test_duality_gap_refuses_strategies_of_another_game():
    with pytest.raises(GameError, match="row player's strategy has shape"):
        duality_gap(np.zeros((2, 3)), [0.5, 0.25, 0.25], [0.5, 0.25, 0.25])


def brute_force_obedience(payoffs, drawn, *, coarse):
    """The most that any rule for disobeying earns, rule by rule."""
    worst = 0.0
    for player, count in enumerate(drawn.shape):
        rules = ([k] * count for k in range(count)) if coarse else itertools.product(range(count), repeat=count)
        for rule in rules:
            cells = ((c, (*c[:player], rule[c[player]], *c[player + 1 :])) for c in np.ndindex(*drawn.shape))
            worst = max(worst, sum(drawn[c] * (payoffs[(player, *d)] - payoffs[(player, *c)]) for c, d in cells))
    return worst


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.booleans())
def test_obedience_is_the_definition(seed, players, coarse):
    rng = np.random.default_rng(seed)
    payoffs = rng.normal(size=(players, *rng.integers(1, 4, players)))
    drawn = rng.dirichlet(np.full(payoffs[0].size, 0.5)).reshape(payoffs.shape[1:])
    assert obedience(payoffs, drawn, coarse=coarse) == pytest.approx(brute_force_obedience(payoffs, drawn, coarse=coarse), abs=1e-12)


def test_obedience_at_a_product_is_regret_and_coarse_asks_for_less():
    rng = np.random.default_rng(0)
    for _ in range(20):
        payoffs = rng.normal(size=(3, 2, 3, 2))
        x, y, z = (rng.dirichlet(np.ones(k)) for k in (2, 3, 2))
        drawn = np.einsum("i,j,k->ijk", x, y, z)
        assert obedience(payoffs, drawn) == pytest.approx(regret(payoffs, (x, y, z)), abs=1e-14)
        drawn = rng.dirichlet(np.ones(12)).reshape(2, 3, 2)
        assert obedience(payoffs, drawn, coarse=True) <= obedience(payoffs, drawn) + 1e-14
        assert obedience(payoffs, drawn) == pytest.approx(verify(repeated(payoffs), drawn[None]).gains.max(), abs=1e-12)


def repeated(payoffs):
    return gt.StochasticGame(payoffs[:, None], np.ones((1, *payoffs.shape[1:], 1)), 0.0)


def test_obedience_costs_no_digits_at_any_scale_or_offset():
    chicken = np.array([[[6.0, 2.0], [7.0, 0.0]], [[6.0, 7.0], [2.0, 0.0]]])
    device = np.array([[0.5, 0.25], [0.25, 0.0]])
    for game in (chicken, chicken + 1e9, (chicken - 3.5) * 5e307, chicken * 1e-300):
        assert obedience(game, device) == 0.0
    assert obedience(chicken + 1e9, [[1.0, 0.0], [0.0, 0.0]]) == 1.0


@pytest.mark.parametrize(
    ("drawn", "says"),
    [
        (np.full((3, 2), 1 / 6), r"the distribution has shape \(3, 2\), \(2, 2\) was expected"),
        (np.full((2, 2), 0.2), "the distribution adds up to 0.8"),
        ([[1.5, -0.5], [0, 0]], "the distribution has the negative"),
        ([[np.nan, 1], [0, 0]], "the distribution is nan"),
    ],
)
def test_obedience_refuses_what_is_no_distribution(drawn, says):
    with pytest.raises(GameError, match=says):
        obedience(np.zeros((2, 2, 2)), drawn)

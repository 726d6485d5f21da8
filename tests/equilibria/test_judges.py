import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl.equilibria import duality_gap, regret


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

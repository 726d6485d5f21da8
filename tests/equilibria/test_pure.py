import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl.equilibria import best_responses, pure, regret


def brute_force(payoffs):
    """The definition in exact arithmetic, cell by cell and deviation by deviation."""
    shape = payoffs.shape[1:]
    for cell in np.ndindex(*shape):
        deviations = ((i, (*cell[:i], a, *cell[i + 1 :])) for i in range(len(shape)) for a in range(shape[i]))
        if all(Fraction(payoffs[(i, *other)]) <= Fraction(payoffs[(i, *cell)]) for i, other in deviations):
            yield cell


def a_game(seed, players):
    rng = np.random.default_rng(seed)
    shape = (players, *rng.integers(1, 4, players))
    return rng.integers(0, 3, shape).astype(float) if seed % 2 else rng.normal(size=shape)


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_all_pure_equilibria_are_those_of_the_definition(seed, players):
    payoffs = a_game(seed, players)
    found = pure(payoffs)
    assert found.profiles == list(brute_force(payoffs))
    assert len(found) == len(found.profiles) == found.values.shape[1]
    for profile, mixed, values in zip(found.profiles, found.mixed, found.values.T, strict=True):
        assert regret(payoffs, mixed) == 0.0
        np.testing.assert_array_equal(values, payoffs[(slice(None), *profile)])


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_rescaling_and_relabelling_change_nothing(seed, players):
    rng = np.random.default_rng(seed)
    payoffs = a_game(seed, players)
    wanted = pure(payoffs).profiles
    scale = rng.choice([1e-9, 0.1, 3.0, 1e9], players).reshape(-1, *[1] * players)
    assert pure(payoffs * scale + rng.choice([-7.0, 0.0, 1e3]) * scale).profiles == wanted
    order = rng.permutation(players)
    swapped = np.stack([payoffs[i].transpose(order) for i in order])
    assert sorted(tuple(p[i] for i in order) for p in wanted) == pure(swapped).profiles
    relabel = [rng.permutation(k) for k in payoffs.shape[1:]]
    shuffled = payoffs[np.ix_(range(players), *relabel)]
    assert sorted(tuple(int(r[a]) for r, a in zip(relabel, p, strict=True)) for p in pure(shuffled).profiles) == wanted


def test_named_games():
    prisoners = [[[-1, -3], [0, -2]], [[-1, 0], [-3, -2]]]
    assert pure(prisoners).profiles == [(1, 1)]
    pennies = np.array([[1, -1], [-1, 1]])
    assert pure([pennies, -pennies]).profiles == []
    assert pure([pennies, -pennies]).values.shape == (2, 0)
    assert pure(np.zeros((3, 2, 3, 2))).profiles == list(itertools.product(range(2), range(3), range(2)))
    assert pure([[1.0, 3.0, 3.0]]).profiles == [(1,), (2,)]
    assert len(pure([np.eye(50)] * 2)) == 50


@pytest.mark.parametrize("power", range(-300, 301, 60))
def test_scale_and_offset(power):
    game = np.stack([np.diag([3.0, 2.0])] * 2)
    assert pure(game * 10.0**power).profiles == [(0, 0), (1, 1)]
    assert pure(game + 1e9).profiles == [(0, 0), (1, 1)]
    assert pure(game * 5e-324).profiles == [(0, 0), (1, 1)]
    assert pure((game - 1.5) * 1.1e308).profiles == [(0, 0), (1, 1)]


def test_rounding_is_no_difference_unless_it_is_asked_for():
    payoffs = np.array([[[0.3, 0.0], [0.1 + 0.2, 0.0]], [[1.0, 0.0], [1.0, 0.0]]])
    assert pure(payoffs).profiles == [(0, 0), (1, 0)]
    assert pure(payoffs, tol=0).profiles == [(1, 0)]
    assert pure(payoffs, tol=2.0).profiles == list(itertools.product(range(2), range(2)))


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_best_responses_are_the_definition(seed, players):
    rng = np.random.default_rng(seed)
    payoffs = a_game(seed, players)
    profile = [rng.dirichlet(np.ones(k)) for k in payoffs.shape[1:]]
    for i in range(players):
        earned = [
            sum(
                np.prod([x[a] for j, (x, a) in enumerate(zip(profile, c, strict=True)) if j != i]) * payoffs[(i, *c)] * (c[i] == k)
                for c in np.ndindex(*payoffs.shape[1:])
            )
            for k in range(payoffs.shape[i + 1])
        ]
        assert best_responses(payoffs, profile, i).tolist() == np.flatnonzero(np.array(earned) >= max(earned) - 1e-9).tolist()
        for cell in pure(payoffs).profiles:
            assert cell[i] in best_responses(payoffs, cell, i)


def test_all_actions_of_an_equilibrium_in_full_support_are_best_responses():
    rng = np.random.default_rng(0)
    A = rng.normal(size=(3, 3))
    A -= (A @ [0.2, 0.3, 0.5])[:, None]
    for scale, offset in ((1, 0), (1e-200, 0), (1e200, 0), (1, 1e9), (5.0, -1e6)):
        both = np.stack([A * scale + offset, A * scale])
        assert best_responses(both, ([0, 1, 0], [0.2, 0.3, 0.5]), 0).tolist() == [0, 1, 2]
    assert best_responses(both, (np.int64(0), None), 1).shape == (1,)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: pure([[1, 2], [3]]), "ragged"),
        (lambda: pure(np.zeros((2, 3, 3, 3))), "one axis per player"),
        (lambda: pure(np.zeros((2, 0, 3))), "one axis per player"),
        (lambda: pure(3.0), "one axis per player"),
        (lambda: pure(np.full((2, 1, 2), np.inf)), r"inf at \(0, 0, 0\)"),
        (lambda: pure(np.zeros((2, 1, 2)), tol=-1), "tol is -1"),
        (lambda: pure(np.zeros((2, 1, 2)), tol=np.nan), "tol is nan"),
        (lambda: best_responses(np.zeros((2, 1, 2)), (0, 0), 2), "from 0 to 1"),
        (lambda: best_responses(np.zeros((2, 1, 2)), (0, 2), 0), "strategy of player 1"),
        (lambda: best_responses(np.zeros((2, 1, 2)), (0, 0, 0), 0), "2 were expected"),
        (lambda: best_responses(np.zeros((2, 1, 2)), (None, [0.5, 0.4]), 0), "adds up to 0.9"),
        (lambda: best_responses(np.zeros((2, 1, 2)), (None, None), 0), "player 1"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, says):
    with pytest.raises(GameError, match=says):
        call()


def test_as_quantecon_finds_them():
    game_theory = pytest.importorskip("quantecon.game_theory")
    rng = np.random.default_rng(3)
    for shape in ((3, 4), (2, 3, 2), (3, 3, 3)):
        for _ in range(5):
            payoffs = rng.integers(0, 4, (len(shape), *shape)).astype(float)
            # Its players see their own action first and the others' in a cycle.
            players = [game_theory.Player(payoff.transpose(np.roll(range(len(shape)), -i))) for i, payoff in enumerate(payoffs)]
            assert sorted(game_theory.pure_nash_brute(game_theory.NormalFormGame(players))) == pure(payoffs).profiles

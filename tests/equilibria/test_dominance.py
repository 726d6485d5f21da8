import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl.equilibria import dominance, pure, rationalizable
from tests.equilibria.exact_simplex import exact_value

PEARCE = np.array([[3, 0], [0, 3], [1, 1]]), np.array([[1, 0], [0, 1], [2, 2]])
"""The last row is dominated by no row, but by half of each of the others."""


def exact_survivors(payoffs, *, strict):
    """Round by round in rationals, for up to three actions a player: a mixture of the others is then one number."""
    alive = [list(range(k)) for k in payoffs.shape[1:]]
    while True:
        gone = [[a for a in own if exactly_dominated(payoffs, alive, i, a, strict=strict)] for i, own in enumerate(alive)]
        if not any(gone):
            return alive
        alive = [[a for a in own if a not in lost] for own, lost in zip(alive, gone, strict=True)]


def exactly_dominated(payoffs, alive, player, action, *, strict):
    others = [b for b in alive[player] if b != action]
    against = list(itertools.product(*(own for i, own in enumerate(alive) if i != player)))

    def pays(b, rest):
        return Fraction(payoffs[(player, *rest[:player], b, *rest[player:])])

    gains = [[pays(b, rest) - pays(action, rest) for rest in against] for b in others]
    if not others:
        return False
    if strict:
        return exact_value(gains) > 0
    first, second = gains[0], gains[-1]
    low, high = Fraction(0), Fraction(1)  # the weights p of the first with p f + (1 - p) s >= 0 everywhere
    for f, s in zip(first, second, strict=True):
        if f == s:
            if f < 0:
                return False
        elif f > s:
            low = max(low, -s / (f - s))
        else:
            high = min(high, -s / (f - s))
    return low <= high and any(p * f + (1 - p) * s > 0 for p in (low, high) for f, s in zip(first, second, strict=True))


def check(payoffs, found, *, strict):
    """Every elimination holds in the game that its round began with, and what is left is the game of the survivors."""
    alive = [np.arange(k) for k in payoffs.shape[1:]]
    for number, group in itertools.groupby(found.eliminated, key=lambda e: e.round):
        group = list(group)
        left = payoffs[np.ix_(range(len(payoffs)), *alive)]
        for e in group:
            earns = np.moveaxis(left[e.player], e.player, 0).reshape(len(alive[e.player]), -1)
            gains = e.dominator[alive[e.player]] @ earns - earns[alive[e.player].tolist().index(e.action)]
            assert e.dominator.sum() == pytest.approx(1.0)
            assert gains.max() > 0
            assert gains.min() > 0 if strict else gains.min() >= -1e-11 * np.ptp(payoffs)
        alive = [np.array([a for a in own if (i, a) not in {(e.player, e.action) for e in group}]) for i, own in enumerate(alive)]
        assert number == group[0].round
    for own, survivors in zip(alive, found.survivors, strict=True):
        assert own.tolist() == survivors.tolist()
        assert survivors.size
    np.testing.assert_array_equal(found.payoffs, payoffs[np.ix_(range(len(payoffs)), *alive)])
    assert found.solvable == (found.payoffs[0].size == 1)


@settings(max_examples=100)
@given(st.integers(1, 3), st.integers(0, 2**32 - 1), st.booleans())
def test_survivors_are_those_of_rational_arithmetic(players, seed, strict):
    rng = np.random.default_rng(seed)
    payoffs = rng.integers(0, 5, (players, *rng.integers(1, 4, players))).astype(float)
    found = dominance(payoffs, strict=strict)
    check(payoffs, found, strict=strict)
    assert [own.tolist() for own in found.survivors] == exact_survivors(payoffs, strict=strict)


@settings(max_examples=30)
@given(st.integers(1, 3), st.integers(0, 2**32 - 1), st.booleans())
def test_laws(players, seed, strict):
    rng = np.random.default_rng(seed)
    payoffs = rng.integers(-4, 5, (players, *rng.integers(1, 6, players))).astype(float)
    found = dominance(payoffs, strict=strict)
    check(payoffs, found, strict=strict)
    survivors = [set(own.tolist()) for own in found.survivors]
    if strict:
        assert all(all(a in own for a, own in zip(profile, survivors, strict=True)) for profile in pure(payoffs).profiles)
    scale, offset = (rng.choice(values, players).reshape(-1, *[1] * players) for values in ([1e-6, 0.1, 3.0, 1e9], [-3.0, 0.0, 1e3]))
    assert [set(own.tolist()) for own in dominance((payoffs + offset) * scale, strict=strict).survivors] == survivors
    order = rng.permutation(players)
    swapped = dominance(np.stack([payoffs[i].transpose(order) for i in order]), strict=strict)
    assert [set(own.tolist()) for own in swapped.survivors] == [survivors[i] for i in order]
    relabel = [rng.permutation(k) for k in payoffs.shape[1:]]
    shuffled = dominance(payoffs[np.ix_(range(players), *relabel)], strict=strict)
    assert [set(r[own].tolist()) for r, own in zip(relabel, shuffled.survivors, strict=True)] == survivors
    last = payoffs.shape[1]
    doubled = dominance(np.concatenate([payoffs, payoffs[:, :1]], axis=1), strict=strict)
    assert set(doubled.survivors[0].tolist()) == survivors[0] | ({last} if 0 in survivors[0] else set())


def test_named_games():
    assert dominance(PEARCE).survivors[0].tolist() == [0, 1]
    (only,) = dominance(PEARCE).eliminated
    assert (only.round, only.player, only.action) == (0, 0, 2)
    np.testing.assert_allclose(only.dominator, [0.5, 0.5, 0])
    # D. Fudenberg and J. Tirole 1991, figure 1.1: three rounds.
    A, B = np.array([[4, 5, 6], [2, 8, 3], [3, 9, 2]]), np.array([[3, 1, 2], [1, 4, 6], [0, 6, 8]])
    found = dominance([A, B])
    assert [(e.round, e.player, e.action) for e in found.eliminated] == [(0, 1, 1), (1, 0, 1), (1, 0, 2), (2, 1, 2)]
    assert found.solvable
    # Weak dominance alone, and a duplicate that stays.
    weak = np.array([[[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0, 0.0]] * 3])
    assert dominance(weak).eliminated == []
    assert dominance(weak, strict=False).survivors[0].tolist() == [0, 2]
    # Weakly, by a mixture alone: half of each of the first two is 1 wherever the last is 1 or less.
    mixed = np.array([[[2.0, 0.0, 1.0], [0.0, 2.0, 1.0], [1.0, 1.0, 0.0]], np.zeros((3, 3))])
    (only,) = dominance(mixed, strict=False).eliminated
    np.testing.assert_allclose(only.dominator, [0.5, 0.5, 0], atol=1e-12)
    assert dominance(np.zeros((3, 2, 2, 2)), strict=False).payoffs.shape == (3, 2, 2, 2)
    assert dominance([[1.0, 3.0, 3.0]]).survivors[0].tolist() == [1, 2]


def test_guessing_two_thirds_of_the_average_ends_at_zero():
    guesses = np.arange(9)
    mine, yours = np.meshgrid(guesses, guesses, indexing="ij")
    target = (mine + yours) / 3
    payoff = -np.abs(mine - target)
    found = dominance([payoff, payoff.T], strict=False)
    assert [own.tolist() for own in found.survivors] == [[0], [0]]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 5e307])
def test_scale_and_offset(scale, strict):
    for game in (np.array(PEARCE) * scale, np.array(PEARCE) + 1e9):
        assert [own.tolist() for own in dominance(game, strict=strict).survivors] == [[0, 1], [0, 1]]


def test_rationalizable_in_batches():
    A, B = np.random.default_rng(0).integers(0, 4, (2, 5, 2, 4, 3)).astype(float)
    rows, columns = rationalizable(A, B)
    assert (rows.shape, columns.shape) == ((5, 2, 4), (5, 2, 3))
    for k in np.ndindex(5, 2):
        survivors = dominance([A[k], B[k]]).survivors
        assert np.flatnonzero(rows[k]).tolist() == survivors[0].tolist()
        assert np.flatnonzero(columns[k]).tolist() == survivors[1].tolist()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: dominance(np.zeros((2, 2))), "one axis per player"),
        (lambda: dominance(np.full((2, 1, 1), np.nan)), "nan at"),
        (lambda: rationalizable([[1, 2]], [[1], [2]]), "A and B have shapes"),
        (lambda: rationalizable([[1, np.inf]], [[1, 2]]), "matrix A is inf"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, says):
    with pytest.raises(GameError, match=says):
        call()

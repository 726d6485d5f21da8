import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError, Status
from gametheory_rl.equilibria import _stackelberg, minimax, pure, stackelberg

EXAMPLE = np.array([[2.0, 4.0], [1.0, 3.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])


def two_action_leader(A, B, *, strong):
    """All that a leader of two actions can get, exactly: at the ends of the pieces of [0, 1], from inside where ties hurt."""
    A, B = ([[Fraction(a) for a in row] for row in M.tolist()] for M in (A, B))
    replies = range(len(A[0]))

    def pays(M, p, j):
        return p * M[0][j] + (1 - p) * M[1][j]

    ends = {Fraction(0), Fraction(1)}
    for j in replies:
        for k in replies:
            slope = B[0][j] - B[1][j] - B[0][k] + B[1][k]
            if slope:
                ends.add((B[1][k] - B[1][j]) / slope)
    ends = sorted(p for p in ends if 0 <= p <= 1)
    best = []
    for p, q in itertools.pairwise(ends):
        middle = (p + q) / 2
        top = max(pays(B, middle, j) for j in replies)
        tied = [j for j in replies if pays(B, middle, j) == top]
        lines = {p, q} | {
            p + (q - p) * t for j in tied for k in tied if (t := crossing(*(pays(A, e, i) for i in (j, k) for e in (p, q)))) is not None
        }
        best.append(max((max if strong else min)(pays(A, e, j) for j in tied) for e in lines))
    if strong:
        for p in ends:
            top = max(pays(B, p, j) for j in replies)
            best.append(max(pays(A, p, j) for j in replies if pays(B, p, j) == top))
    return float(max(best))


def crossing(left, right, other_left, other_right):
    """Where two lines on [0, 1] cross."""
    slope = (right - left) - (other_right - other_left)
    t = (other_left - left) / slope if slope else None
    return t if t is not None and 0 <= t <= 1 else None


def check(A, B, solution, leader=0, *, strong=True):
    x, y = solution.profile
    assert solution.status is Status.SOLVED
    np.testing.assert_allclose(solution.values, [x @ A @ y, x @ B @ y], atol=1e-12 * max(np.ptp(A), np.ptp(B)))
    follower = B if leader == 0 else A.T
    committed = solution.profile[leader]
    assert (committed @ follower).max() <= (committed @ follower) @ solution.profile[1 - leader] + 1e-9 * np.ptp(follower)
    assert (np.sort(solution.profile[1 - leader])[-1:] == 1.0).all()


@settings(max_examples=60)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_leaders_of_two_actions_against_exact_enumeration(replies, seed, strong):
    A, B = np.random.default_rng(seed).integers(-2, 3, (2, 2, replies)).astype(float)
    solution = stackelberg(A, B, strong=strong)
    check(A, B, solution)
    assert solution.values[0] == pytest.approx(two_action_leader(A, B, strong=strong), abs=1e-9)
    if strong:
        assert solution.gap <= 1e-9


@settings(max_examples=25)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_laws(m, n, seed):
    rng = np.random.default_rng(seed)
    A, B = rng.integers(0, 3, (2, m, n)).astype(float) if seed % 2 else rng.normal(size=(2, m, n))
    strong, weak = stackelberg(A, B), stackelberg(A, B, strong=False)
    check(A, B, strong)
    check(A, B, weak)
    assert strong.values[0] >= weak.values[0] - 1e-9
    assert weak.values[0] >= minimax(A).value - 1e-9  # nobody is worse off for leading
    assert all(strong.values[0] >= value - 1e-9 for value in pure([A, B]).values[0])
    assert not weak.tie_proof or not strong.tie_proof or strong.values[0] == pytest.approx(weak.values[0], abs=1e-7)
    for kind, wanted in ((True, strong), (False, weak)):
        p, q = rng.permutation(m), rng.permutation(n)
        same = pytest.approx(wanted.values[0], abs=1e-8)
        assert stackelberg(A[p][:, q], B[p][:, q], strong=kind).values[0] == same
        assert stackelberg(A, B * 1e-7 + 0.5, strong=kind).values[0] == same if seed % 2 else True
        assert stackelberg(A * 8 - 16, B, strong=kind).values[0] / 8 + 2 == same
        assert stackelberg(np.vstack([A, A[:1]]), np.vstack([B, B[:1]]), strong=kind).values[0] == same
        assert stackelberg(np.hstack([A, A[:, :1]]), np.hstack([B, B[:, :1]]), strong=kind).values[0] == same
        turned = stackelberg(B.T, A.T, leader=1, strong=kind)
        check(B.T, A.T, turned, 1)
        assert turned.values[1] == same


def test_named_games():
    solution = stackelberg(*EXAMPLE)
    np.testing.assert_allclose(solution.profile[0], [0.5, 0.5])
    np.testing.assert_allclose(solution.values, [3.5, 0.5])
    assert not solution.tie_proof
    weak = stackelberg(*EXAMPLE, strong=False)
    assert weak.values[0] == pytest.approx(3.5)  # approached, not attained
    assert not weak.tie_proof
    # A reply that is best at a single point only: a leader who fears ties cannot have it.
    A, B = np.array([[0.0, 9.0], [0.0, 9.0]]), np.array([[1.0, 1.0], [1.0, 0.0]])
    np.testing.assert_allclose(stackelberg(A, B).values, [9, 1])
    assert stackelberg(A, B, strong=False).values[0] == pytest.approx(0.0)
    # Two replies that are the same to the follower: the worse one counts.
    same = np.ones((2, 2))
    np.testing.assert_allclose(stackelberg(np.eye(2), same).values, [1, 1])
    weak = stackelberg(np.eye(2), same, strong=False)
    np.testing.assert_allclose(weak.values, [0.5, 1])
    assert weak.tie_proof
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert stackelberg(pennies, -pennies).values[0] == pytest.approx(0.0)


def test_zero_sum_leaders_get_the_value():
    for A in np.random.default_rng(0).normal(size=(10, 5, 4)):
        for strong in (True, False):
            assert stackelberg(A, -A, strong=strong).values[0] == pytest.approx(float(minimax(A).value), abs=1e-9)


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 2e307])
def test_scale_and_offset(scale):
    A, B = (matrix * scale for matrix in EXAMPLE)
    for strong in (True, False):
        np.testing.assert_allclose(stackelberg(A, B, strong=strong).values / scale, [3.5, 0.5])
        np.testing.assert_allclose(
            stackelberg(EXAMPLE[0] + 1e9, EXAMPLE[1] - 1e9, strong=strong).values - [1e9, -1e9], [3.5, 0.5], atol=1e-6
        )


def test_leading_axes():
    A, B = np.random.default_rng(1).normal(size=(2, 2, 3, 4, 3))
    solution = stackelberg(A, B[0], leader=1)
    assert [x.shape for x in solution.profile] == [(2, 3, 4), (2, 3, 3)]
    assert solution.values.shape == (2, 2, 3)
    assert solution.slack.shape == solution.gap.shape == solution.tie_proof.shape == (2, 3)
    for k in np.ndindex(2, 3):
        one = stackelberg(A[k], B[0][k[1]], leader=1)
        np.testing.assert_array_equal(one.values, solution.values[(slice(None), *k)])
        check(A[k], B[0][k[1]], one, 1)
    empty = stackelberg(np.zeros((0, 2, 3)), np.zeros((0, 2, 3)))
    assert (empty.values.shape, empty.profile[0].shape, empty.profile[1].shape) == ((2, 0), (0, 2), (0, 3))


@settings(max_examples=25)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1), st.booleans())
def test_the_kernel_agrees_with_one_program_after_another(m, n, seed, strong):
    rng = np.random.default_rng(seed)
    A, B = rng.integers(0, 2 + seed % 3, (2, 4, m, n)).astype(float) if seed % 2 else rng.normal(size=(2, 4, m, n))
    compiled = stackelberg(A, B, strong=strong)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_stackelberg, "COMPILED_UP_TO", 0)
        patch.setattr(_stackelberg, "METHODS", ("highs",))
        one_by_one = stackelberg(A, B, strong=strong)
    assert compiled.status is Status.SOLVED
    np.testing.assert_allclose(compiled.values[0], one_by_one.values[0], atol=1e-8)
    assert compiled.gap.max() <= 1e-10
    assert compiled.slack.max() <= 1e-9


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1), st.booleans(), st.integers(0, 1))
def test_pure_commitments_by_looking_at_every_cell(m, n, seed, strong, leader):
    A, B = np.random.default_rng(seed).integers(0, 3, (2, m, n)).astype(float)
    mine, theirs = (A, B) if leader == 0 else (B.T, A.T)
    outcomes = [(max if strong else min)(mine[i, j] for j in np.flatnonzero(theirs[i] == theirs[i].max())) for i in range(len(mine))]
    found = stackelberg(A, B, leader=leader, strong=strong, mixed=False)
    assert found.status is Status.SOLVED
    assert found.values[leader] == max(outcomes)
    assert found.slack == found.gap == 0.0
    assert all(x.max() == 1.0 for x in found.profile)
    assert stackelberg(A, B, leader=leader, strong=strong).values[leader] >= found.values[leader] - 1e-9


@pytest.mark.parametrize(
    ("A", "B", "options", "says"),
    [
        ([[1, 2]], [[1], [2]], {}, "A and B have shapes"),
        (np.zeros((2, 2, 2)), np.zeros((3, 2, 2)), {}, "A and B have shapes"),
        ([[1, 2], [3]], [[1, 2]], {}, "A is ragged"),
        ([[1]], [[np.nan]], {}, "matrix B is nan"),
        (np.zeros((0, 2)), np.zeros((0, 2)), {}, "at least one row"),
        ([[1]], [[1]], {"leader": 2}, "the leader is 2"),
        ([[1]], [[1]], {"leader": "row"}, "the leader is 'row'"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(A, B, options, says):
    with pytest.raises(GameError, match=says):
        stackelberg(A, B, **options)

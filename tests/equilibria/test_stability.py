import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl.equilibria import is_ess, pure

THIRD = np.full(3, 1 / 3)


def rock_paper_scissors(win, lose):
    return np.array([[0, -lose, win], [win, 0, -lose], [-lose, win, 0]], float)


def invades(A, x, y):
    """Whether the mutant does better, by the definition and by more than rounding."""
    first, second = (x - y) @ A @ x, (x - y) @ A @ y
    return first < -1e-7 or (first < 1e-7 and second < -1e-7)


def check(A, x, found):
    """A mutant has to invade, or to be as good; nobody that is drawn at random invades a stable action."""
    x = np.asarray(x, float)
    if not found:
        y = found.mutant
        first, second = (x - y) @ A @ x, (x - y) @ A @ y
        assert np.abs(x - y).max() > 1e-6
        assert first <= 1e-8
        assert first < -1e-9 or second <= 1e-8
        assert found.reason.startswith("not ")
        return
    assert found.mutant is None
    rng = np.random.default_rng(0)
    for size in (1.0, 0.1):
        for y in rng.dirichlet(np.full(len(x), 0.5), 200):
            y = x + size * (y - x)
            assert not invades(A, x, y)


@pytest.mark.parametrize(
    ("A", "x", "stable", "says"),
    [
        ([[-1, 4], [0, 2]], [2 / 3, 1 / 3], True, "earns less than it does"),
        ([[-1, 4], [0, 2]], [1, 0], False, "action 1 earns 1 more"),
        ([[1, 4], [0, 2]], [1, 0], True, "strict"),
        ([[2, 0], [0, 1]], [1, 0], True, "strict"),
        ([[2, 0], [0, 1]], [0, 1], True, "strict"),
        ([[2, 0], [0, 1]], [1 / 3, 2 / 3], False, "more than it does"),
        (rock_paper_scissors(1, 1), THIRD, False, "as much as"),
        (rock_paper_scissors(2, 1), THIRD, True, "earns less"),
        (rock_paper_scissors(1, 2), THIRD, False, "more than"),
        ([[1, 1], [1, 0]], [1, 0], True, "earns less"),
        ([[1, 1], [1, 1]], [1, 0], False, "as much as"),
        ([[1, 0], [1, 2]], [1, 0], False, "more than"),
        ([[5]], [1], True, "strict"),
        # Two mutants, each harmless alone: together they invade, as each does well against the other.
        ([[0, 0, 0], [0, -1, 3], [0, 3, -1]], [1, 0, 0], False, "more than"),
        ([[0, 0, 0], [0, -3, 1], [0, 1, -3]], [1, 0, 0], True, "earns less"),
    ],
)
def test_known_cases(A, x, stable, says):
    A = np.array(A, float)
    found = is_ess(A, x)
    assert bool(found) is found.stable is stable
    assert says in found.reason
    assert found.reason.endswith(".")
    check(A, x, found)


@settings(max_examples=100)
@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_every_answer_holds_by_the_definition_and_under_the_laws(m, seed):
    rng = np.random.default_rng(seed)
    if seed % 2:
        A = rng.integers(-2, 3, (m, m)).astype(float)
        x = np.eye(m)[rng.integers(m)]
    else:
        # An equilibrium by construction, with some best replies that are not played.
        x = rng.dirichlet(np.ones(m)) * (np.arange(m) <= rng.integers(m))
        x /= x.sum()
        A = rng.normal(size=(m, m)) - np.eye(m) * rng.choice([0.0, 3.0])
        A += ((A[0] - A) @ x)[:, None] - (rng.random(m) * (x == 0) * rng.integers(0, 2, m))[:, None]
    found = is_ess(A, x)
    check(A, x, found)
    order = rng.permutation(m)
    assert is_ess(A[order][:, order], x[order]).stable == found.stable
    assert is_ess(A * 4.0 - 3.0, x).stable == found.stable
    if seed % 2:
        assert is_ess(A + rng.integers(-5, 6, m), x).stable == found.stable  # what an opponent's action pays to all alike
        if found and x.max() == 1.0:
            assert tuple([int(np.argmax(x))] * 2) in pure([A, A.T]).profiles


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1e9, 8e307])
def test_scale_and_offset(scale):
    assert not is_ess(np.array([[-1.0, 0.8], [0.0, 0.4]]) * scale, [1, 0])
    for win, stable in ((2, True), (0.5, False)):
        A = rock_paper_scissors(win, 1)
        assert is_ess(A * scale, THIRD).stable is stable
        assert is_ess(A + 1e6, THIRD).stable is stable


@pytest.mark.parametrize(
    ("A", "x", "says"),
    [
        (np.zeros((2, 3)), [1, 0], "both players choose"),
        (np.zeros((4, 2, 2)), [1, 0], "both players choose"),
        (np.zeros((2, 2)), [1, 0, 0], "the strategy has shape"),
        (np.zeros((2, 2)), [0.5, 0.4], "adds up to 0.9"),
        ([[0, np.nan], [0, 0]], [1, 0], "nan at"),
        (np.zeros((17, 17)), np.eye(17)[0], "16 best replies are not played"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(A, x, says):
    with pytest.raises(GameError, match=says):
        is_ess(A, x)

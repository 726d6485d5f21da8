import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gametheory_rl import GameError, Status
from gametheory_rl.equilibria import _minimax, _zero_sum, duality_gap, minimax
from gametheory_rl.equilibria._kernels import _batch
from tests.equilibria.exact_simplex import exact_value

ONEILL = np.array([[1, -1, -1, -1], [-1, -1, 1, 1], [-1, 1, -1, 1], [-1, 1, 1, -1]], float)
BIASED = np.array([[0, -0.25, 0.5], [0.25, 0, -0.05], [-0.5, 0.05, 0]])


def check(A, solution, *, spans=1e-12):
    """Strategies are distributions, the gap holds by the judge, and is narrow."""
    A = np.asarray(A, float)
    x, y = solution.profile
    assert solution.status is Status.SOLVED
    assert (x >= 0).all()
    assert (y >= 0).all()
    np.testing.assert_allclose(x.sum(-1), 1, atol=1e-14)
    np.testing.assert_allclose(y.sum(-1), 1, atol=1e-14)
    judged = duality_gap(A, x, y)
    assert (judged <= solution.gap).all()
    with np.errstate(over="ignore"):
        span = np.minimum(A.max((-1, -2)) - A.min((-1, -2)), np.finfo(float).max)
    assert (judged <= spans * span).all()
    assert (solution.gap <= spans * span + 1e-15 * np.abs(A).max((-1, -2)) + 1e-322).all()


@pytest.mark.parametrize(
    ("A", "value", "x", "y"),
    [
        ([[1, -1], [-1, 1]], 0, (0.5, 0.5), (0.5, 0.5)),
        (ONEILL, -0.2, (0.4, 0.2, 0.2, 0.2), (0.4, 0.2, 0.2, 0.2)),
        (BIASED, 0, (1 / 16, 10 / 16, 5 / 16), (1 / 16, 10 / 16, 5 / 16)),
        ([[7]], 7, (1,), (1,)),
        ([[3, 1, 2]], 1, (1,), (0, 1, 0)),
        ([[3], [5], [4]], 5, (0, 1, 0), (1,)),
        ([[4, 2], [3, 1]], 2, (1, 0), (0, 1)),
    ],
)
def test_named_games(A, value, x, y):
    solution = minimax(A)
    check(A, solution)
    assert solution.value == pytest.approx(value, abs=1e-14)
    for mine, known in zip(solution.profile, (x, y), strict=True):
        np.testing.assert_allclose(mine, known, atol=1e-14)


@pytest.mark.parametrize("power", range(-300, 301, 25))
def test_scale_does_not_matter(power):
    A = np.diag([3.0, 2.0]) * 10.0**power
    solution = minimax(A)
    check(A, solution)
    np.testing.assert_allclose(solution.profile, [[0.4, 0.6]] * 2, atol=1e-15)
    assert solution.value / 10.0**power == pytest.approx(1.2)


def test_offset_and_the_ends_of_float64():
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert minimax(swap + 1e9).value == 1e9 + 0.5
    for A in (swap * 5e-324, swap * 1.79e308, (swap * 2 - 1) * 1.79e308, swap * 1e-310):
        solution = minimax(A)
        check(A, solution)
        np.testing.assert_allclose(solution.profile, np.full((2, 2), 0.5))
        batch = minimax(np.broadcast_to(A, (100, 2, 2)))
        assert (batch.value == solution.value).all()


@pytest.mark.parametrize("A", [np.zeros((2, 2)), np.full((3, 4), -5.5), [[1, 1], [0, 2]], [[1, 2], [1, 2]], [[1, 1, 1], [0, 0, 0]]])
def test_degenerate_games_that_have_many_answers(A):
    check(A, minimax(A))


@given(
    st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from([(0, 1), (-1, 0, 1), (0, 1, 2), tuple(range(-9, 10))])
)
def test_small_integer_games_against_rationals(m, n, seed, entries):
    A = np.random.default_rng(seed).choice(entries, (m, n))
    solution = minimax(A)
    check(A, solution)
    assert abs(float(exact_value(A.tolist())) - solution.value) <= solution.gap


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_laws(m, n, seed):
    rng = np.random.default_rng(seed)
    A = rng.integers(-3, 4, (m, n)).astype(float) if seed % 2 else rng.normal(size=(m, n))
    value = minimax(A).value
    close = pytest.approx(value, abs=1e-13)
    assert -minimax(-A.T).value == close
    assert minimax(A[rng.permutation(m)][:, rng.permutation(n)]).value == close
    assert minimax(np.vstack([A, A[:1], A])).value == close
    assert minimax(np.hstack([A, A.max(1, keepdims=True) + 1])).value == close
    assert (minimax(A * 2.0**40 + 2.0**40).value / 2.0**40 - 1) == pytest.approx(value, abs=1e-11)
    assert np.diagonal(A).min() - 9 <= value <= A.max()


@pytest.mark.parametrize("size", [(1, 30), (30, 1), (7, 12), (12, 7), (20, 20), (30, 30)])
def test_values_of_linear_programs(size):
    rng = np.random.default_rng(sum(size))
    for draw in (rng.random, lambda shape: rng.integers(0, 3, shape).astype(float)):
        A = draw(size)
        solution = minimax(A)
        check(A, solution)
        m, n = size
        # max v, x'A >= v, by scipy.
        found = linprog(
            [*np.zeros(m), -1.0],
            A_ub=np.hstack([-A.T, np.ones((n, 1))]),
            b_ub=np.zeros(n),
            A_eq=[[*np.ones(m), 0.0]],
            b_eq=[1.0],
            bounds=[(0, None)] * m + [(None, None)],
        )
        assert -found.fun == pytest.approx(solution.value, abs=1e-9)


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 3), (3, 2), (1, 4), (4, 1), (7, 5), (12, 12)])
@pytest.mark.parametrize("entries", [(0, 1), (0, 1, 2), (-1, 0, 1)])
def test_thousands_of_degenerate_games(shape, entries):
    games = np.random.default_rng(0).choice(np.array(entries, float), (5_000, *shape))
    check(games, minimax(games))


@pytest.mark.parametrize("scale", [1e-300, 1e-6, 1e6, 1e300])
def test_batches_at_any_scale(scale):
    games = np.random.default_rng(0).random((500, 3, 3))
    np.testing.assert_allclose(minimax(games * scale).value / scale, minimax(games).value, rtol=1e-13)
    check(games * scale, minimax(games * scale))


def test_leading_axes():
    games = np.random.default_rng(2).random((2, 3, 4, 5))
    solution = minimax(games)
    assert solution.value.shape == solution.gap.shape == (2, 3)
    assert [x.shape for x in solution.profile] == [(2, 3, 4), (2, 3, 5)]
    for k in np.ndindex(2, 3):
        assert solution.value[k] == pytest.approx(minimax(games[k]).value, abs=1e-14)
    assert minimax(games[0, 0]).value.shape == ()
    for empty in ((0, 2, 3), (4, 0, 3, 2)):
        solution = minimax(np.zeros(empty))
        assert solution.value.shape == empty[:-2]
        assert solution.profile[1].shape == (*empty[:-2], empty[-1])


def test_any_real_input_and_the_input_is_left_alone():
    A = np.arange(12).reshape(3, 4)[:, ::-1] % 5
    wanted = minimax(A.astype(float)).value
    for same in (A, A.tolist(), A.astype(np.float32), np.asfortranarray(A, dtype=float), A.astype(np.uint8)):
        assert minimax(same).value == pytest.approx(wanted)
    B = np.random.default_rng(0).random((70, 3, 3))
    before = B.copy()
    B.flags.writeable = False
    minimax(B)
    np.testing.assert_array_equal(B, before)
    minimax(B[0])
    assert minimax([[True, False], [False, True]]).value == 0.5


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (70, 3, 4), (70, 4, 3), (70, 8, 9), (70, 1, 3), (90, 90)])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_entries_that_are_not_finite_are_refused_wherever_they_are(shape, bad):
    rng = np.random.default_rng(0)
    for place in {tuple(int(rng.integers(s)) for s in shape) for _ in range(6)}:
        A = rng.random(shape)
        A[place] = bad
        with pytest.raises(GameError, match=f"the payoff matrix is {bad} at ") as caught:
            minimax(A)
        assert str(place) in str(caught.value)


@pytest.mark.parametrize(
    ("A", "says"),
    [
        ([[1, 2], [3]], "ragged"),
        ([1, 2], r"shape \(2,\)"),
        (3.0, r"shape \(\)"),
        (np.zeros((0, 3)), "at least one row"),
        (np.zeros((5, 3, 0)), "at least one row"),
        ([["a", "b"]], "real numbers"),
        ([[1j, 2]], "real numbers"),
        ([[None, 2]], "real numbers"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(A, says):
    with pytest.raises(GameError, match=says):
        minimax(A)


@pytest.mark.parametrize("tol", [0.0, -1.0, np.nan])
def test_bad_tolerance_is_refused(tol):
    with pytest.raises(GameError, match="tol is"):
        minimax(np.eye(2), tol=tol)


def test_a_tolerance_beyond_float64_is_reported_not_hidden():
    solution = minimax(np.random.default_rng(0).random((5, 5)), tol=1e-17)
    assert solution.status is Status.ROUNDING
    assert solution.gap > 1e-17
    assert minimax(np.eye(3), tol=1e-6).status is Status.SOLVED


@pytest.mark.parametrize("method", ["interior_points", "linear_programs"])
def test_large_games_go_to_other_methods(monkeypatch, method):
    def never(games):
        raise AssertionError(f"{len(games)} games for simplex")

    monkeypatch.setattr(_minimax, "COMPILED_UP_TO", 6)
    monkeypatch.setattr(_minimax, "NARROW", 0)
    monkeypatch.setattr(_minimax, "simplex", never)
    monkeypatch.setattr(_minimax, "interior_points", getattr(_zero_sum, method))
    for A in (np.random.default_rng(0).random((9, 7)), np.random.default_rng(0).random((3, 7, 9)) + 1e6, np.zeros((8, 8))):
        check(A, minimax(A), spans=1e-9)


@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(0, 5))
def test_interior_points_reach_the_value(m, n, seed, kind):
    rng = np.random.default_rng(seed)
    A = [
        rng.random((m, n)),
        rng.integers(0, 2, (m, n)).astype(float),
        rng.integers(-1, 2, (m, n)).astype(float),
        np.repeat(rng.random((m, 1)), n, axis=1),
        rng.normal(size=(m, 2)) @ rng.normal(size=(2, n)),
        np.exp(4.0 * rng.normal(size=(m, n))),
    ][kind]
    found = _zero_sum.interior_points(A[np.newaxis])
    wanted = minimax(A)
    assert found.value[0] == pytest.approx(float(wanted.value), abs=found.gap[0] + float(wanted.gap))
    # Payoffs spread over many orders of magnitude are not promised to this method: it says so, and the simplex method takes over.
    if kind < 5:
        assert found.gap[0] <= 1e-12 * np.ptp(A) + 1e-15 * np.abs(A).max() + 1e-300
    assert float(wanted.gap) <= 1e-9 * np.ptp(A) + 1e-15 * np.abs(A).max() + 1e-300


def test_interior_points_at_any_scale():
    A = np.random.default_rng(3).normal(size=(30, 20))
    for scale, offset in ((1e-300, 0.0), (1e300, 0.0), (1.0, 1e9)):
        found = _zero_sum.interior_points((A * scale + offset)[np.newaxis])
        assert found.fine[0]
        assert (found.value[0] - offset) / scale == pytest.approx(float(minimax(A).value), abs=1e-12 + 1e-15 * offset)


def test_what_the_first_method_leaves_wide_is_solved_by_the_second(monkeypatch):
    def spoil(games, which, x, y, value, gap, fine):
        x[which], y[which], value[which], gap[which], fine[which] = 1 / x.shape[1], 1 / y.shape[1], 0.0, 1.0, False

    monkeypatch.setattr(_batch, "minimax_each", spoil)
    games = np.random.default_rng(0).random((3, 4, 4))
    check(games, minimax(games), spans=1e-9)


@pytest.mark.parametrize(
    ("m", "n", "kind"),
    [
        (1700, 100, "uniform"),
        pytest.param(420, 420, "uniform", marks=pytest.mark.slow),
        (2000, 90, "three values"),
        (410, 410, "spread"),
    ],
)
def test_games_past_the_compiled_size(m, n, kind):
    rng = np.random.default_rng(1)
    A = {
        "uniform": lambda: rng.random((m, n)),
        "three values": lambda: rng.integers(0, 3, (m, n)).astype(float),
        "spread": lambda: np.diag(np.logspace(0, 6, n)),  # interior points leave this wide
    }[kind]()
    solution = minimax(A)
    check(A, solution, spans=1e-11)
    if kind == "spread":
        assert float(solution.value) == pytest.approx(1.0 / (1.0 / np.diag(A)).sum(), rel=1e-6)


@pytest.mark.slow
def test_games_of_many_actions():
    rng = np.random.default_rng(0)
    for n in (100, 300, 600, 1000):
        check(A := rng.random((n, n)), minimax(A), spans=1e-9)
        check(A := rng.integers(0, 3, (n, n)).astype(float), minimax(A), spans=1e-9)

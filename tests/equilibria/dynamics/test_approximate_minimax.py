import tracemalloc

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array, random_array

from gametheory_rl import GameError, Status
from gametheory_rl.equilibria import duality_gap, dynamics, minimax
from gametheory_rl.equilibria.dynamics import _contest, approximate_minimax
from gametheory_rl.equilibria.dynamics._approximate_minimax import METHODS


def games(n=60):
    rng = np.random.default_rng(0)
    yield "uniform", rng.random((n, n))
    yield "gaussian", rng.normal(size=(n, 2 * n))
    yield "low rank", rng.normal(size=(n, 3)) @ rng.normal(size=(3, n))
    yield "zero or one", rng.integers(0, 2, (2 * n, n)).astype(float)
    yield "diagonal", np.diag(rng.uniform(0.5, 1.5, n))
    ranks = rng.permutation(n)
    yield "tournament", np.sign(np.subtract.outer(ranks, ranks))
    yield "one row", rng.random((1, n))
    yield "one column", rng.random((n, 1))
    yield "one action each", np.array([[3.0]])
    yield "constant", np.full((n, n), -2.5)
    yield "saddle", np.add.outer(rng.random(n), rng.random(n))


@pytest.mark.parametrize(("name", "A"), list(games()), ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("method", [None, *METHODS])
def test_the_bounds_hold_the_value(name, A, method):
    found = approximate_minimax(A, method=method)
    value = minimax(A).value
    span = np.ptp(A) or 1.0
    assert found.status is Status.SOLVED
    assert found.gap <= 1e-3 * span
    assert found.lower - 1e-12 * span <= value <= found.upper + 1e-12 * span
    assert found.lower <= found.value <= found.upper
    assert duality_gap(A, *found.profile) <= found.gap
    assert found.gap == pytest.approx(found.upper - found.lower)
    tight = approximate_minimax(A, tol=1e-5 * span, method=method)
    assert tight.gap <= 1e-5 * span
    assert abs(tight.value - value) <= 1e-5 * span


@pytest.mark.parametrize("power", [-300, -30, 0, 30, 300])
def test_scale_and_offset(power):
    A = np.random.default_rng(1).normal(size=(30, 40))
    plain = approximate_minimax(A, method="predictive_regret_matching")
    scaled = approximate_minimax(A * 10.0**power, method="predictive_regret_matching")
    assert scaled.iterations == plain.iterations
    np.testing.assert_allclose(scaled.value, plain.value * 10.0**power, rtol=1e-9)
    np.testing.assert_allclose(scaled.profile[0], plain.profile[0], atol=1e-9)
    shifted = approximate_minimax(A + 1e9, tol=1e-3)
    assert shifted.status is Status.SOLVED
    assert abs(shifted.value - 1e9 - minimax(A).value) < 1e-3
    widest = approximate_minimax(A / abs(A).max() * 1.7e308)
    assert widest.status is Status.SOLVED
    assert np.isfinite(widest.gap)


def test_swapping_the_players_swaps_the_bounds():
    A = np.random.default_rng(2).random((40, 30))
    one, other = approximate_minimax(A, tol=1e-4), approximate_minimax(-A.T, tol=1e-4)
    assert abs(one.value + other.value) <= 1e-4


def test_any_layout_and_kind_of_number():
    rng = np.random.default_rng(3)
    A = rng.integers(-9, 10, (50, 70))
    value, span = minimax(A).value, 18
    wide = np.zeros((50, 140))
    wide[:, ::2] = A
    backwards = np.array(A[::-1, ::-1], np.float64)[::-1, ::-1]
    kinds = [A, A.astype(np.int8), A.astype(np.float32), A.astype(np.float16), np.asfortranarray(A, np.float64), A.tolist()]
    kinds += [wide[:, ::2], backwards, A.astype(">f8"), A.astype(np.longdouble), np.asfortranarray(A, np.float32), A.astype(">f4")]
    for kind in (*kinds, csr_array(A), csc_array(A.astype(np.float32))):
        found = approximate_minimax(kind)
        assert found.gap <= 1e-3 * span
        assert found.lower <= value + 1e-9
        assert found.upper >= value - 1e-9
    solid = approximate_minimax(A > 0)
    assert solid.lower <= minimax(A > 0).value <= solid.upper


def test_sparse_matrices():
    A = random_array((80, 90), density=0.05, rng=np.random.default_rng(4), format="coo")
    found, dense = approximate_minimax(A, tol=1e-4), minimax(A.toarray())
    assert found.gap <= 1e-4
    assert abs(found.value - dense.value) <= 1e-4
    eye = approximate_minimax(csr_array(np.eye(50) * 1e305))
    assert eye.status is Status.SOLVED


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_the_matrix_is_not_copied(layout, kind):
    A = layout(np.random.default_rng(5).random((2500, 2500)), kind)
    small = approximate_minimax(A[:50, :50])
    assert small.status is Status.SOLVED
    tracemalloc.start()
    found = approximate_minimax(A, tol=0.02)
    peak = tracemalloc.get_traced_memory()[1] - 2 * 8 * 3 * 210 * len(A)  # less what the double oracle holds
    tracemalloc.stop()
    assert found.gap <= 0.02
    # One block of the judge at most, and a few vectors.
    assert peak < 4 * 8 * _block_entries() < 8 * A.size * 2


def _block_entries():
    from gametheory_rl.equilibria.dynamics import _matrices

    return _matrices.BLOCK_ENTRIES


def test_what_cannot_be_reached_is_said():
    A = np.random.default_rng(6).normal(size=(30, 30))
    stopped = approximate_minimax(A, tol=1e-6, max_iterations=5, method="regret_matching_plus")
    assert stopped.status is Status.MAX_ITERATIONS
    assert stopped.iterations == 5
    assert stopped.lower <= minimax(A).value <= stopped.upper
    rough = approximate_minimax(A + 1e9, tol=1e-12)
    assert rough.status is Status.ROUNDING
    assert rough.lower <= minimax(A + 1e9).value <= rough.upper
    single = approximate_minimax(A.astype(np.float32), tol=1e-12, max_iterations=2000, method="predictive_regret_matching")
    assert single.status in (Status.ROUNDING, Status.MAX_ITERATIONS)
    assert single.lower <= minimax(A.astype(np.float32)).value <= single.upper


@pytest.mark.parametrize("method", METHODS)
def test_an_interrupt_keeps_the_guarantees(monkeypatch, method):
    A = np.random.default_rng(7).normal(size=(60, 60))
    settled, calls = _contest.Contest.settled, []

    def interrupted(contest):
        calls.append(1)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return settled(contest)

    monkeypatch.setattr(_contest.Contest, "settled", interrupted)
    found = approximate_minimax(A, method=method)
    assert found.status is Status.INTERRUPTED
    assert found.lower <= minimax(A).value <= found.upper


def test_an_interrupt_before_the_first_guarantee_goes_on(monkeypatch):
    monkeypatch.setattr(_contest.Guarantee, "offer", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        approximate_minimax(np.eye(3))


def test_games_of_few_good_actions_are_solved_by_best_replies_and_others_by_self_play():
    rng = np.random.default_rng(9)
    structured, scattered = rng.normal(size=(700, 5)) @ rng.normal(size=(5, 800)), rng.random((700, 800))
    found = approximate_minimax(structured, tol=1e-6)
    assert (found.method, found.status) == ("double_oracle", Status.SOLVED)
    assert (found.profile[0] > 0).sum() < 20
    found = approximate_minimax(scattered)
    assert (found.method, found.status) == ("predictive_regret_matching", Status.SOLVED)


def test_progress_is_in_digits(capsys, monkeypatch):
    monkeypatch.setattr("gametheory_rl._support._progress.LINE_EVERY", 0.0)
    approximate_minimax(np.random.default_rng(8).random((50, 50)), progress=True)
    assert "gap" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("A", "settings", "says"),
    [
        ([[1, 2], [3]], {}, "ragged"),
        ([1, 2], {}, r"has shape \(2,\)"),
        (np.zeros((0, 3)), {}, "at least one row"),
        (np.zeros((2, 2, 2)), {}, r"\(m, n\)"),
        ([[1, np.nan]], {}, r"nan at \(0, 1\)"),
        ([[1, -np.inf]], {}, r"-inf at \(0, 1\)"),
        ([["a"]], {}, "real numbers"),
        ([[1j]], {}, "real numbers"),
        (csr_array([[1.0, np.nan]]), {}, "nan"),
        (csr_array([[1j, 0]]), {}, "real numbers"),
        ([[1.0]], {"method": "simplex"}, "method is 'simplex', one of double_oracle"),
        ([[1.0]], {"tol": 0}, "tol is 0"),
        ([[1.0]], {"tol": np.nan}, "tol is nan"),
        ([[1.0]], {"max_iterations": 0}, "max_iterations is 0"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(A, settings, says):
    with pytest.raises(GameError, match=says):
        dynamics.approximate_minimax(A, **settings)

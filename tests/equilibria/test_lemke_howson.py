import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import GameError, Status, load_game
from gametheory_rl._support._compile import COMPILED
from gametheory_rl._support._errors import SolverError
from gametheory_rl.equilibria import _lemke_howson as module
from gametheory_rl.equilibria import exact, lemke_howson, lemke_howson_all, regret
from tests.equilibria.bimatrix_games import (
    CYCLING,
    DRAWS,
    SAVANI_VON_STENGEL,
    SAVANI_VON_STENGEL_PATHS,
    VON_STENGEL,
    WILSON,
    quantecon_equilibrium,
    sandholm_gilpin_conitzer,
)

ROOT = Path(__file__).resolve().parents[2]


def spans(M):
    return M.max((-2, -1)) - M.min((-2, -1))


def check(A, B, solution, accepted=1e-12):
    """Distributions, and by the definition, each player apart on its own scale, no gain from any deviation."""
    A, B = np.broadcast_arrays(np.asarray(A, float), np.asarray(B, float))
    x, y = solution.profile
    assert solution.status is Status.SOLVED
    for strategy in (x, y):
        assert (strategy >= 0).all()
        np.testing.assert_allclose(strategy.sum(-1), 1, atol=1e-14)
    with np.errstate(over="ignore"):
        for player, M in enumerate((A, B)):
            shifted = M / 4 - M.min((-2, -1), keepdims=True) / 4
            replies = shifted @ y[..., None] if player == 0 else np.swapaxes(shifted, -1, -2) @ x[..., None]
            earned = (replies[..., 0] * solution.profile[player]).sum(-1)
            gain = replies[..., 0].max(-1) - earned
            assert (gain <= accepted * shifted.max((-2, -1)) + 1e-323).all()
            assert (gain <= solution.regret / 4 + 1e-14 * shifted.max((-2, -1)) + 1e-323).all()
            np.testing.assert_allclose(solution.values[player] / 4, earned + M.min((-2, -1)) / 4, rtol=1e-12, atol=1e-12 * np.abs(M).max())


def test_long_paths_to_the_only_equilibrium():
    found = lemke_howson_all(*SAVANI_VON_STENGEL)
    assert found.path_length.tolist() == SAVANI_VON_STENGEL_PATHS
    assert found.labels == (tuple(range(12)),)
    np.testing.assert_allclose(found.profiles[0][0], np.array([1, 5, 9, 9, 5, 1]) / 30, atol=1e-13)
    np.testing.assert_allclose(found.profiles[0][1], np.array([5, 1, 9, 9, 1, 5]) / 30, atol=1e-13)
    assert found.values.shape == (2, 1)
    assert found.regret.shape == found.exact.shape == (1,)


@pytest.mark.parametrize("n", range(1, 9))
def test_coordination_reaches_the_pure_equilibria(n):
    found = lemke_howson_all(np.eye(n), np.eye(n))
    assert found.labels == tuple((k, n + k) for k in range(n))
    for k, (x, y) in enumerate(found.profiles):
        assert x.tolist() == y.tolist() == np.eye(n)[k].tolist()
    np.testing.assert_array_equal(found.values, np.ones((2, n)))


def test_only_one_of_three_is_reached():
    found = lemke_howson_all(*WILSON)
    assert found.labels == (tuple(range(6)),)


def test_the_textbook_s_game_and_its_degenerate_twin():
    found = lemke_howson_all(*VON_STENGEL)
    assert 1 <= len(found.profiles) <= 3
    known = [([1, 0, 0], [1, 0]), ([0.8, 0.2, 0], [2 / 3, 1 / 3]), ([0, 1 / 3, 2 / 3], [1 / 3, 2 / 3])]
    for profile in found.profiles:
        assert any(all(np.allclose(mine, theirs) for mine, theirs in zip(profile, pair, strict=True)) for pair in known)
    A, B = [[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]
    for x, y in lemke_howson_all(A, B).profiles:
        assert regret(np.stack([A, B]), (x, y)) < 1e-15


def test_ties_that_make_careless_methods_cycle():
    found = lemke_howson_all(*CYCLING)
    assert any(np.allclose(x, [0, 2 / 3, 1 / 3]) and np.allclose(y, [0, 1, 0]) for x, y in found.profiles)


@pytest.mark.parametrize("power", range(-300, 301, 25))
def test_scale_does_not_matter(power):
    A = np.diag([3.0, 2.0]) * 10.0**power
    zero_sum = lemke_howson(A, -A)
    check(A, -A, zero_sum)
    np.testing.assert_allclose(zero_sum.profile, [[0.4, 0.6]] * 2, atol=1e-15)
    together = lemke_howson(A, A, [0, 1, 2, 3])
    check(A, A, together)
    assert together.profile[0].tolist() == [[1, 0], [0, 1], [1, 0], [0, 1]]


def test_every_label_of_the_game_of_75_equilibria():
    A, B = load_game("von_stengel_75").payoff[:, 0]
    found = lemke_howson_all(A, B)
    assert found.path_length.tolist() == [exact.lemke_howson(A, B, label).path_length for label in range(12)]
    assert (found.regret <= 1e-14 * np.ptp(A)).all()
    assert sorted(sum(found.labels, ())) == list(range(12))


def test_unequal_coordination():
    found = lemke_howson_all(np.diag([3, 2, 1, 4]), np.diag([2, 2, 4, 7]))
    assert found.labels == tuple((k, 4 + k) for k in range(4))


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 3), (6, 4), (12, 15), (30, 30)])
def test_whichever_path_ends_soonest(draw, shape):
    rng = np.random.default_rng(shape)
    A, B = DRAWS[draw](rng, (40, *shape)), DRAWS[draw](rng, (40, *shape))
    found = lemke_howson(A, B, None)
    check(A, B, found)
    for k in range(0, 40, 8):
        every = lemke_howson(A[k], B[k], np.arange(sum(shape)))
        label = int(found.label[k])
        assert every.path_length[label] == found.path_length[k]
        np.testing.assert_allclose(every.profile[0][label], found.profile[0][k], atol=1e-9)
        caps = 10 * 2 ** np.ceil(np.log2(np.maximum(every.path_length, 10) / 10))  # what each path would have needed
        assert label == np.argmin(caps)
        one = lemke_howson(A[k], B[k], None)
        assert (one.label, one.path_length) == (label, found.path_length[k])


def test_large_games_are_quick_by_some_label():
    A, B = np.random.default_rng(0).random((2, 3, 150, 150))
    found = lemke_howson(A, B, None)
    check(A, B, found)
    assert (found.path_length <= 20).all()


def test_the_label_is_told():
    A, B = np.random.default_rng(0).random((2, 4, 3))
    assert int(lemke_howson(A, B).label) == 0
    assert int(lemke_howson(A, B, 6).label) == 6
    assert lemke_howson(A, B, np.int64(5)).label == 5
    assert lemke_howson(A, B, [2, 3]).label.tolist() == [2, 3]
    assert exact.lemke_howson(A, B, 4).label == 4


def test_no_label_wanted_and_rationals(monkeypatch):
    monkeypatch.setattr(module, "lemke_howson_each", lose)
    A, B = np.random.default_rng(0).integers(0, 3, (2, 4, 5, 6)).astype(float)
    found = lemke_howson(A, B, None)
    check(A, B, found)
    assert found.exact.tolist() == [True, False] * 2
    assert (found.label >= 0).all()


def test_offset_and_the_ends_of_float64():
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    far = lemke_howson(swap + 1e9, -swap - 1e9)
    np.testing.assert_allclose(far.profile, np.full((2, 2), 0.5), atol=1e-15)
    assert far.regret < 1e-15
    assert far.values.tolist() == [1e9 + 0.5, -1e9 - 0.5]
    ends = swap * 5e-324, swap * 1e-310, swap * 1.79e308, (swap * 2 - 1) * 1.79e308, np.full((2, 2), 1.79e308), np.full((2, 2), -5e-324)
    for A in ends:
        for B in ends:
            check(A, B, lemke_howson(A, B, np.arange(4)))


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1), (2, 2), (2, 3), (3, 3), (5, 5), (7, 4), (10, 10), (6, 16)])
def test_thousands_of_games(draw, shape):
    rng = np.random.default_rng(shape)
    A, B = DRAWS[draw](rng, (1_500, *shape)), DRAWS[draw](rng, (1_500, *shape))
    check(A, B, lemke_howson(A, B, rng.integers(0, sum(shape), 1_500)))


@pytest.mark.parametrize("draw", ["two values", "three values", "signs"])
@pytest.mark.parametrize("n", [10, 16, 20, 30, 40])
def test_where_floating_point_cycles(draw, n):
    rng = np.random.default_rng(n)
    A, B = DRAWS[draw](rng, (200, n, n)), DRAWS[draw](rng, (200, n, n))
    solution = lemke_howson(A, B)
    check(A, B, solution)
    assert solution.path_length.max() < 10_000


@pytest.mark.parametrize("draw", DRAWS)
def test_duplicated_rows_and_columns(draw):
    rng = np.random.default_rng(0)
    for m, n in ((3, 3), (5, 8), (12, 12)):
        A, B = DRAWS[draw](rng, (300, m, n)), DRAWS[draw](rng, (300, m, n))
        rows, columns = rng.integers(0, m, 2 * m - 1), rng.integers(0, n, 2 * n - 1)
        A, B = A[:, rows][:, :, columns], B[:, rows][:, :, columns]
        check(A, B, lemke_howson(A, B, rng.integers(0, 2 * (m + n) - 2, 300)))


@pytest.mark.parametrize("offset", [0.0, 1e9])
@pytest.mark.parametrize("scales", [(1e-300, 1e290), (1e-6, 1.0), (1e6, 1e-9)])
def test_batches_at_any_scale(scales, offset):
    rng = np.random.default_rng(0)
    A, B = rng.integers(0, 100, (2, 500, 5, 5)).astype(float)
    label = rng.integers(0, 10, 500)
    plain = lemke_howson(A, B, label)
    scaled = lemke_howson(A * scales[0] + offset * scales[0], B * scales[1] - offset * scales[1], label)
    check(A, B, plain)
    same = plain.path_length == scaled.path_length
    assert same.mean() > 0.9  # ties apart, which rounding of the scaled payoffs decides
    for mine, theirs in zip(plain.profile, scaled.profile, strict=True):
        np.testing.assert_allclose(mine[same], theirs[same], atol=1e-6 if offset else 1e-11)
    powers = lemke_howson(A * 2.0**-900, B * 2.0**800, label)
    for mine, theirs in zip(plain.profile, powers.profile, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_constant_games_and_constant_rows():
    for shape in ((1, 1), (2, 2), (3, 5)):
        A, B = np.zeros(shape), np.full(shape, -7.5)
        check(A, B, lemke_howson(A, B, np.arange(sum(shape))))
    A = np.repeat([[1.0], [1.0], [0.0]], 4, axis=1)
    B = np.random.default_rng(0).integers(0, 2, (3, 4))
    check(A, B, lemke_howson(A, B, np.arange(7)))


@pytest.mark.parametrize("k", range(2, 9))
def test_sandholm_gilpin_conitzer(k):
    found = lemke_howson_all(*sandholm_gilpin_conitzer(k))
    assert found.labels == (tuple(range(8 * k - 2)),)
    for strategy in found.profiles[0]:
        np.testing.assert_allclose(strategy, np.r_[np.full(2 * k - 1, 1 / (2 * k - 1)), np.zeros(2 * k)], atol=1e-13)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1), st.sampled_from(sorted(DRAWS)))
def test_the_exact_method_takes_the_same_path(m, n, seed, draw):
    rng = np.random.default_rng(seed)
    A, B = DRAWS[draw](rng, (m, n)), DRAWS[draw](rng, (m, n))
    label = int(rng.integers(m + n))
    mine, truth = lemke_howson(A, B, label), exact.lemke_howson(A, B, label)
    check(A, B, mine)
    assert mine.path_length == truth.path_length
    for found, known in zip(mine.profile, truth.profile, strict=True):
        np.testing.assert_allclose(found, known.astype(float), atol=1e-9)


@given(st.integers(2, 20), st.integers(2, 20), st.integers(0, 2**32 - 1))
def test_a_peer_ends_at_the_same_equilibrium(m, n, seed):
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(2, m, n))
    label = int(rng.integers(m + n))
    for mine, theirs in zip(lemke_howson(A, B, label).profile, quantecon_equilibrium(A, B, label), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-8)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_laws(m, n, seed):
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(2, m, n))
    label = int(rng.integers(m + n))
    x, y = lemke_howson(A, B, label).profile
    swapped = lemke_howson(B.T, A.T, label + n if label < m else label - m)
    np.testing.assert_allclose(np.r_[y, x], np.r_[swapped.profile], atol=1e-9)
    rows, columns = rng.permutation(m), rng.permutation(n)
    moved = np.argsort(rows)[label] if label < m else m + np.argsort(columns)[label - m]
    permuted = lemke_howson(A[rows][:, columns], B[rows][:, columns], moved)
    np.testing.assert_allclose(np.r_[x[rows], y[columns]], np.r_[permuted.profile], atol=1e-9)
    rescaled = lemke_howson(3.7 * A - 11, 1e-5 * B + 2e-5, label)
    np.testing.assert_allclose(np.r_[x, y], np.r_[rescaled.profile], atol=1e-8)


def test_leading_axes_broadcast():
    rng = np.random.default_rng(2)
    A, B = rng.random((2, 1, 3, 4)), rng.random((5, 3, 4))
    label = rng.integers(0, 7, (2, 5))
    solution = lemke_howson(A, B, label)
    assert [x.shape for x in solution.profile] == [(2, 5, 3), (2, 5, 4)]
    assert solution.values.shape == (2, 2, 5)
    assert solution.regret.shape == solution.path_length.shape == solution.exact.shape == (2, 5)
    for i, j in np.ndindex(2, 5):
        one = lemke_howson(A[i, 0], B[j], int(label[i, j]))
        np.testing.assert_array_equal(one.profile[0], solution.profile[0][i, j])
        np.testing.assert_array_equal(one.values, solution.values[:, i, j])
        assert one.regret.shape == ()
    for empty in ((0, 2, 3), (4, 0, 3, 2)):
        solution = lemke_howson(np.zeros(empty), np.zeros(empty))
        assert solution.values.shape == (2, *empty[:-2])
        assert solution.status is Status.SOLVED


def test_the_input_is_left_alone():
    A, B = np.random.default_rng(0).random((2, 70, 3, 3))
    before = A.copy(), B.copy()
    A.flags.writeable = False
    lemke_howson(A, B)
    np.testing.assert_array_equal((A, B), before)
    turned = np.asfortranarray(A[0]), B[0].tolist()
    np.testing.assert_array_equal(lemke_howson(*turned).profile[0], lemke_howson(A[0], B[0]).profile[0])


def lose(*arguments):
    """Stand in for a kernel that lost every second path."""
    which, fine = arguments[5], arguments[-1]
    real(*arguments)
    fine[which[::2]] = False


real = module.lemke_howson_each


def test_what_floating_point_leaves_is_settled_exactly(monkeypatch):
    A, B = np.random.default_rng(0).integers(0, 3, (2, 9, 5, 6)).astype(float)
    wanted = lemke_howson(A, B)
    monkeypatch.setattr(module, "lemke_howson_each", lose)
    found = lemke_howson(A, B)
    check(A, B, found)
    assert found.exact.tolist() == [True, False] * 4 + [True]
    np.testing.assert_allclose(found.profile[0], wanted.profile[0], atol=1e-13)
    np.testing.assert_array_equal(found.path_length, wanted.path_length)
    assert lemke_howson_all(A[0], B[0]).exact[0]


def test_a_cap_on_pivots_hands_over(monkeypatch):
    def tiny_budget(*arguments):
        real(*arguments[:6], 20, *arguments[7:])

    monkeypatch.setattr(module, "lemke_howson_each", tiny_budget)
    found = lemke_howson(*SAVANI_VON_STENGEL, np.arange(12))
    assert found.path_length.tolist() == SAVANI_VON_STENGEL_PATHS
    assert found.exact.tolist() == [length > 20 for length in SAVANI_VON_STENGEL_PATHS]


def test_large_games_are_tried_again_before_rationals(monkeypatch):
    attempts = []

    def watched(*arguments):
        attempts.append((len(arguments[5]), *arguments[6:8]))
        lose(*arguments)

    monkeypatch.setattr(module, "lemke_howson_each", watched)
    monkeypatch.setattr(module, "SMALL", 1)
    A, B = np.random.default_rng(0).random((2, 8, 3, 3))
    found = lemke_howson(A, B)
    check(A, B, found)
    assert attempts == [(8, 1_600, module.TIES), (4, module.LONGEST, module.COARSE_TIES)]
    assert np.flatnonzero(found.exact).tolist() == [0, 4]


def test_what_is_too_large_for_rationals_is_said(monkeypatch):
    monkeypatch.setattr(module, "lemke_howson_each", lose)
    monkeypatch.setattr(module, "EXACT_WORK", 9)
    A = np.random.default_rng(0).random((2, 2, 3, 3))
    with pytest.raises(SolverError, match=r"2 of 4 games could not be settled, the first at \(0, 0\): .* try another label"):
        lemke_howson(A, A)
    found = lemke_howson(A, A, throw=False)
    assert found.status is Status.UNSETTLED
    lost = np.array([[True, False], [True, False]])
    for part in (found.regret, found.profile[0][..., 0], found.profile[1][..., 2], found.values[1]):
        np.testing.assert_array_equal(np.isnan(part), lost)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (7, 3, 2)])
def test_entries_that_are_not_finite_are_refused_wherever_they_are(shape, bad):
    for place in np.ndindex(shape):
        A, B = np.random.default_rng(0).random((2, *shape))
        B[place] = bad
        for pair, who in (((A, B), "column"), ((B, A), "row")):
            with pytest.raises(GameError, match=f"the {who} player's payoff matrix is {bad} at ") as caught:
                lemke_howson(*pair)
            assert str(place) in str(caught.value)


@pytest.mark.parametrize(
    ("A", "B", "label", "says"),
    [
        ([[1, 2], [3]], np.eye(2), 0, "row player's payoff matrix is ragged"),
        (np.eye(2), np.zeros((2, 0)), 0, "at least one row"),
        (np.eye(2), np.ones((2, 3)), 0, r"\(2, 3\) but the row player's \(2, 2\)"),
        (np.ones((3, 2, 2)), np.ones((4, 2, 2)), 0, "do not broadcast"),
        (np.ones((3, 2, 2)), np.ones((3, 2, 2)), [0, 1], "do not broadcast"),
        (np.eye(2), [1, 2], 0, r"column player's payoff matrix has shape \(2,\)"),
        (np.eye(2), [["a", "b"]] * 2, 0, "real numbers"),
        (np.eye(2), np.eye(2), 4, "the label is 4, a whole number from 0 to 3"),
        (np.eye(2), np.eye(2), -1, "the label is -1"),
        (np.eye(2), np.eye(2), [0, 9], "the label is 9"),
        (np.eye(2), np.eye(2), 1.0, "the label is 1.0"),
        (np.eye(2), np.eye(2), "0", "the label is '0'"),
        (np.eye(2), np.eye(2), True, "the label is True"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(A, B, label, says):
    with pytest.raises(GameError, match=says):
        lemke_howson(A, B, label)


def test_every_label_of_a_batch_is_refused():
    with pytest.raises(GameError, match=r"one game \(m, n\) was expected"):
        lemke_howson_all(np.ones((3, 2, 2)), np.ones((2, 2)))


def answers():
    rng = np.random.default_rng(5)
    found = []
    for shape in ((3, 4), (6, 6)):
        for draw in DRAWS.values():
            A, B = draw(rng, (12, *shape)), draw(rng, (12, *shape))
            solution = lemke_howson(A, B, rng.integers(0, sum(shape), 12))
            found += [part.reshape(-1) for part in (*solution.profile, solution.values, solution.regret, solution.path_length)]
    return np.concatenate(found)


@pytest.mark.skipif(not COMPILED, reason="compares compiled with plain")
def test_the_plain_source_gives_the_same_bits():
    code = "import sys; from tests.equilibria.test_lemke_howson import answers; sys.stdout.buffer.write(answers().tobytes())"
    plain = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "GAMETHEORY_RL_COMPILE": "0"}, cwd=ROOT, capture_output=True, check=True
    )
    np.testing.assert_array_equal(np.frombuffer(plain.stdout), answers())


def test_long_paths_of_large_games():
    rng = np.random.default_rng(0)
    A, B = rng.random((2, 10, 80, 80))
    solution = lemke_howson(A, B)
    check(A, B, solution)
    assert not solution.exact.any()
    A = rng.integers(0, 3, (4, 60, 60)).astype(float)
    check(A, A[::-1], lemke_howson(A, A[::-1]))


def hard_games(rng, count, shape):
    """Payoffs of every draw, with duplicated rows and columns, at scales from 1e-300 to 1e300 and offsets of 1e9, each player apart."""
    players = []
    for draw in rng.permuted(sorted(DRAWS))[:2]:
        M = DRAWS[draw](rng, (count, *shape))
        if rng.random() < 0.5:
            M = M[:, rng.integers(0, shape[0], shape[0])]
        if rng.random() < 0.5:
            M = M[:, :, rng.integers(0, shape[1], shape[1])]
        M = M + 1e9 * (rng.random((count, 1, 1)) < 0.2)
        players.append(M * 10.0 ** rng.integers(-300, 290, (count, 1, 1)))
    return players


# These draw 2 x 5, 4 x 5, 5 x 6 and 6 x 6, whose kernels compile for 2 to 10 CPU-seconds each.
@pytest.mark.parametrize("seed", [pytest.param(k, marks=pytest.mark.slow) if k in (5, 8, 10, 11) else k for k in range(16)])
def test_a_sample_of_hard_games(seed):
    rng = np.random.default_rng(seed)
    for _ in range(5):
        shape = tuple(rng.integers(1, 31, 2))
        A, B = hard_games(rng, 70, shape)
        check_each(A, B, lemke_howson(A, B, None if rng.random() < 0.3 else rng.integers(0, sum(shape), 70)))


def check_each(A, B, solution):
    """What ``check`` asks, on payoffs normalised game by game and player by player: scales differ within the batch."""
    assert solution.status is Status.SOLVED
    x, y = solution.profile
    for player, M in enumerate((A, B)):
        low, high = M.min((-2, -1), keepdims=True), M.max((-2, -1), keepdims=True)
        unit = (M / 4 - low / 4) / np.where(high > low, high / 4 - low / 4, 1.0)
        pays = (unit @ y[..., None] if player == 0 else np.swapaxes(unit, -1, -2) @ x[..., None])[..., 0]
        strategy = solution.profile[player]
        assert (strategy >= 0).all()
        np.testing.assert_allclose(strategy.sum(-1), 1, atol=1e-14)
        assert (pays.max(-1) - (pays * strategy).sum(-1) <= 2e-12).all()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_hard_games_by_the_hundred_thousand(seed):
    rng = np.random.default_rng(seed)
    for _ in range(50):
        shape = tuple(rng.integers(1, 31, 2))
        A, B = hard_games(rng, 100, shape)
        check_each(A, B, lemke_howson(A, B, None if rng.random() < 0.3 else rng.integers(0, sum(shape), 100)))


@pytest.mark.slow
@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("count", [200])
def test_a_hundred_thousand_games_of_any_size(draw, count):
    rng = np.random.default_rng(0)
    for _ in range(25_000 // count):
        shape = tuple(rng.integers(1, 31, 2))
        A, B = DRAWS[draw](rng, (count, *shape)), DRAWS[draw](rng, (count, *shape))
        check(A, B, lemke_howson(A, B, rng.integers(0, sum(shape), count)))

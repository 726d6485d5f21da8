import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from quantecon.optimize import minmax

from gametheory_rl._support._compile import COMPILED
from gametheory_rl.equilibria import duality_gap
from gametheory_rl.equilibria._kernels._simplex import minimax_into, workspace

ROOT = Path(__file__).resolve().parents[2]


def solve(A):
    m, n = A.shape
    x, y = np.empty(m), np.empty(n)
    return *minimax_into(A, m, n, x, y, *workspace(m, n)), x, y


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1), (2, 2), (3, 5), (5, 3), (10, 10), (30, 30), (60, 60)])
def test_bounds_hold_and_agree_with_a_peer(size):
    rng = np.random.default_rng(0)
    for _ in range(20):
        A = rng.random(size)
        lower, upper, x, y = solve(A)
        assert abs(upper - lower) < 1e-13
        assert lower == pytest.approx((x @ A).min(), abs=1e-14)
        assert upper == pytest.approx((A @ y).max(), abs=1e-14)
        assert minmax(A)[0] == pytest.approx(lower, abs=1e-12)


@pytest.mark.parametrize("size", [10, 16, 25, 40])
@pytest.mark.parametrize("entries", [(0, 1), (0, 1, 2), (-1, 0, 1)])
def test_ties_do_not_cycle(size, entries):
    rng = np.random.default_rng(size)
    for _ in range(100):
        lower, upper, x, y = solve(rng.choice(np.array(entries, float), (size, size)))
        assert abs(upper - lower) < 1e-13
        assert x.sum() == pytest.approx(1)
        assert y.sum() == pytest.approx(1)


def test_only_the_leading_block_counts_and_nothing_else_is_written():
    rng = np.random.default_rng(0)
    big = np.full((6, 7), np.nan)
    big[:3, :4] = rng.random((3, 4))
    x, y = np.full(6, 9.0), np.full(7, 9.0)
    lower, upper = minimax_into(big, 3, 4, x, y, *workspace(8, 9))
    assert (lower, upper) == solve(np.ascontiguousarray(big[:3, :4]))[:2]
    assert (x[3:] == 9).all()
    assert (y[4:] == 9).all()


def test_a_saddle_point_is_exact_and_pure():
    A = np.array([[0.1, 0.3, 0.7], [-4.0, 0.2, 9.0]])
    assert [np.asarray(part).tolist() for part in solve(A)] == [0.1, 0.1, [1, 0], [1, 0, 0]]


def test_duplicated_rows_and_columns():
    rng = np.random.default_rng(0)
    for _ in range(50):
        A = rng.integers(-2, 3, (4, 4)).astype(float)
        B = A[rng.integers(0, 4, 9)][:, rng.integers(0, 4, 9)].copy()
        lower, upper, x, y = solve(B)
        assert upper - lower < 1e-14
        assert duality_gap(B, x, y) < 1e-14


def test_nearly_singular_games_are_refined():
    rng = np.random.default_rng(0)
    for size in (4, 8, 16):
        for spread in (1e-3, 1e-6, 1e-9, 1e-12):
            A = rng.random(size)[:, None] + rng.random(size) + spread * rng.normal(size=(size, size))
            lower, upper, _, _ = solve(A)
            assert upper - lower < 1e-12


def games():
    rng = np.random.default_rng(5)
    for k in range(200):
        shape = tuple(rng.integers(1, 8, 2))
        yield rng.integers(0, 3, shape).astype(float) if k % 2 else rng.normal(size=shape) * 10.0 ** rng.integers(-9, 9)


def answers():
    return np.concatenate([np.hstack(solve(A)) for A in games()])


@pytest.mark.skipif(not COMPILED, reason="compares compiled with plain")
def test_the_plain_source_gives_the_same_bits():
    code = "import sys; from tests.equilibria.test_simplex_kernel import answers; sys.stdout.buffer.write(answers().tobytes())"
    plain = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "GAMETHEORY_RL_COMPILE": "0"}, cwd=ROOT, capture_output=True, check=True
    )
    np.testing.assert_array_equal(np.frombuffer(plain.stdout), answers())

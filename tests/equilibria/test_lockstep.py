import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from gametheory_rl._support._compile import COMPILED
from gametheory_rl.equilibria import duality_gap
from gametheory_rl.equilibria._kernels import _batch, _generate, _lanes

ROOT = Path(__file__).resolve().parents[2]

needs_numba = pytest.mark.skipif(not COMPILED, reason="lockstep kernels are for compiled use")


@pytest.mark.parametrize("size", _generate.SIZES)
def test_generated_files_are_what_the_generator_writes(size):
    assert _generate.path(*size).read_text(encoding="utf-8") == _generate.source(*size)


def test_no_stray_generated_files():
    folder = _generate.path(2, 2).parent
    assert {p.name for p in folder.glob("_lockstep_*.py")} == {_generate.path(*size).name for size in _generate.SIZES}
    assert max(max(size) for size in _generate.SIZES) == _batch.STRAIGHT_LINE_UP_TO


def room(games):
    count, m, n = games.shape
    return np.empty((count, m)), np.empty((count, n)), np.empty(count), np.empty(count)


def samples(m, n, count=203):
    rng = np.random.default_rng(m * 10 + n)
    yield rng.random((count, m, n))
    yield rng.integers(0, 3, (count, m, n)).astype(float)
    yield rng.integers(-1, 2, (count, m, n)) + 1e9
    yield rng.normal(size=(count, m, n)) * 10.0 ** rng.integers(-200, 200, (count, 1, 1))


@needs_numba
@pytest.mark.parametrize("size", [(2, 2), (2, 3), (3, 2), (3, 3), (5, 4), (7, 7), (2, 12), (12, 2), (20, 20)])
def test_the_scalar_kernel_agrees(size):
    for games in samples(*size):
        x, y, value, gap = room(games)
        _batch.minimax_lockstep(games, x, y, value, gap)
        kept = (gap >= 0.0) & (gap < np.inf)
        span = games.max((1, 2)) - games.min((1, 2))
        assert kept[span > 0].mean() > 0.98
        assert kept[span == 0].all()
        judged = duality_gap(games[kept], x[kept], y[kept])
        assert (judged <= gap[kept]).all()
        assert (judged <= 1e-12 * span[kept]).all()
        theirs, wide, fine = np.empty_like(value), np.empty_like(gap), np.empty(len(games), bool)
        _batch.minimax_each(games, np.arange(len(games)), np.empty_like(x), np.empty_like(y), theirs, wide, fine)
        assert fine.all()
        assert (np.abs(theirs - value)[kept] <= (gap + wide)[kept]).all()


@needs_numba
@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 17])
@pytest.mark.parametrize("size", [(3, 3), (3, 2), (7, 7)])
def test_a_game_s_answer_depends_on_nothing_but_the_game(size, count):
    games = np.random.default_rng(0).random((24, *size))
    every, some = room(games), room(games[:count])
    _batch.minimax_lockstep(games, *every)
    _batch.minimax_lockstep(games[:count], *some)
    for all_of_them, first in zip(every, some, strict=True):
        np.testing.assert_array_equal(all_of_them[:count], first)


@needs_numba
@pytest.mark.parametrize("size", [(2, 2), (3, 3), (7, 7)])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_game_that_is_not_finite_is_flagged_and_spoils_no_other(size, bad):
    games = np.random.default_rng(0).random((16, *size))
    clean = room(games)
    _batch.minimax_lockstep(games, *clean)
    for place in np.ndindex(*size):
        spoiled, found = games.copy(), room(games)
        spoiled[(3, *place)] = bad
        _batch.minimax_lockstep(spoiled, *found)
        assert found[3][3] == np.inf
        np.testing.assert_array_equal(np.delete(found[2], 3), np.delete(clean[2], 3))


def answers():
    """Answers of two kernels and the lanes' own functions, in one array."""
    found = []
    for size in ((2, 3), (7, 4)):
        games = np.random.default_rng(1).random((11, *size))
        answer = room(games)
        _batch.minimax_lockstep(games, *answer)
        found += [part.reshape(-1) for part in answer]
    return np.concatenate(found)


@needs_numba
def test_the_plain_source_gives_the_same_bits():
    code = "import sys; from tests.equilibria.test_lockstep import answers; sys.stdout.buffer.write(answers().tobytes())"
    plain = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "GAMETHEORY_RL_COMPILE": "0"}, cwd=ROOT, capture_output=True, check=True
    )
    np.testing.assert_array_equal(np.frombuffer(plain.stdout), answers())


def test_lanes_without_numba():
    v, w = np.arange(8.0), np.full(8, 3.5)
    assert _lanes.bits(_lanes.less(v, w)) == 0b1111
    assert _lanes.bits(_lanes.without(_lanes.at_most(v, w), _lanes.equal(v, _lanes.splat(2.0)))) == 0b1011
    np.testing.assert_array_equal(_lanes.select(_lanes.less(v, w), v, w), _lanes.minimum(v, w))


@pytest.mark.slow
@needs_numba
@pytest.mark.parametrize("size", [(m, n) for m in range(2, 7) for n in range(2, 7)])
def test_every_generated_size(size):
    assert import_module(f"{_batch.__package__}._lockstep_{min(size)}x{max(size)}")
    test_the_scalar_kernel_agrees(size)

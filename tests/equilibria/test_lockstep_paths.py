import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from gametheory_rl._support._compile import COMPILED
from gametheory_rl.equilibria import _lemke_howson as module
from gametheory_rl.equilibria import lemke_howson
from gametheory_rl.equilibria._kernels import _generate_paths, _path_batch
from tests.equilibria.bimatrix_games import DRAWS
from tests.equilibria.test_lemke_howson import check

ROOT = Path(__file__).resolve().parents[2]

needs_numba = pytest.mark.skipif(not COMPILED, reason="lockstep kernels are for compiled use")


@pytest.mark.parametrize("size", _generate_paths.SIZES)
def test_generated_files_are_what_the_generator_writes(size):
    assert _generate_paths.path(*size).read_text(encoding="utf-8") == _generate_paths.source(*size)


def test_no_stray_generated_files():
    folder = _generate_paths.path(2, 2).parent
    assert {p.name for p in folder.glob("_paths_*.py")} == {_generate_paths.path(*size).name for size in _generate_paths.SIZES}
    sizes = [count for size in _generate_paths.SIZES for count in size]
    assert (min(sizes), max(sizes)) == (_path_batch.SMALLEST, _path_batch.LARGEST)


def lockstep(A, B, labels, of_a=None, of_b=None):
    """What the kernel itself says: x, y, values, regret (inf: flagged), length."""
    count, m, n = len(labels), *A.shape[1:]
    every = np.arange(count)
    x, y, values, regret = np.empty((count, m)), np.empty((count, n)), np.empty((2, count)), np.empty(count)
    length = np.empty(count, np.int64)
    of_a, of_b = every if of_a is None else of_a, every if of_b is None else of_b
    _path_batch.lemke_howson_lockstep(A, B, of_a, of_b, labels, module.TIES, x, y, values, regret, length)
    return x, y, values, regret, length


def one_by_one(A, B, labels):
    """The other kernel's answers, game after game."""
    found = [lemke_howson(a, b, None if label is None else int(label)) for a, b, label in zip(A, B, labels, strict=True)]
    return [
        np.array([s.profile[0] for s in found]),
        np.array([s.profile[1] for s in found]),
        *([getattr(s, k) for s in found] for k in KEYS),
    ]


KEYS = ("path_length", "label")


@needs_numba
@pytest.mark.parametrize("size", [(2, 2), (3, 3), (2, 3), (3, 2), (5, 5)])
def test_the_scalar_kernel_takes_the_same_paths(size):
    rng = np.random.default_rng(size)
    for draw in DRAWS.values():
        A, B = draw(rng, (303, *size)), draw(rng, (303, *size))
        labels = rng.integers(0, sum(size), 303)
        x, y, _, regret, length = lockstep(A, B, labels)
        kept = np.isfinite(regret)
        known_x, known_y, lengths, _ = one_by_one(A, B, labels)
        assert (length == lengths)[kept].all()
        np.testing.assert_allclose(x[kept], known_x[kept], atol=1e-12)
        np.testing.assert_allclose(y[kept], known_y[kept], atol=1e-12)
        whole = lemke_howson(A, B, labels)
        check(A, B, whole)
        np.testing.assert_array_equal(whole.path_length, lengths)
        assert kept.all() or draw is not DRAWS["gaussian"]  # which has no ties


@needs_numba
@pytest.mark.parametrize("size", [(2, 2), (3, 2), (5, 5)])
def test_the_path_that_ends_soonest_is_the_same(size):
    rng = np.random.default_rng(0)
    for draw in DRAWS.values():
        A, B = draw(rng, (200, *size)), draw(rng, (200, *size))
        whole = lemke_howson(A, B, None)
        check(A, B, whole)
        *_, lengths, labels = one_by_one(A, B, [None] * 200)
        np.testing.assert_array_equal(whole.path_length, lengths)
        np.testing.assert_array_equal(whole.label, labels)


@needs_numba
@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 17])
@pytest.mark.parametrize("size", [(3, 3), (3, 2)])
def test_a_game_s_answer_depends_on_nothing_but_the_game(size, count):
    rng = np.random.default_rng(0)
    A, B = rng.random((2, 50, *size))
    labels = rng.integers(0, sum(size), 50)
    every, some = lockstep(A, B, labels), lockstep(A[:count], B[:count], labels[:count])
    for name, all_of_them, first in zip("xyvrl", every, some, strict=True):
        np.testing.assert_array_equal(all_of_them[..., :count] if name == "v" else all_of_them[:count], first)
    order = rng.permutation(50)
    shuffled = lockstep(A, B, labels[order], order, order)
    np.testing.assert_array_equal(shuffled[0], every[0][order])
    np.testing.assert_array_equal(shuffled[2], every[2][:, order])


@needs_numba
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_game_that_is_not_finite_is_flagged_and_spoils_no_other(bad):
    A, B = np.random.default_rng(0).random((2, 16, 3, 2))
    labels = np.zeros(16, np.int64)
    clean = lockstep(A, B, labels)
    for place in np.ndindex(3, 2):
        for player in range(2):
            pair = [A.copy(), B.copy()]
            pair[player][(3, *place)] = bad
            found = lockstep(*pair, labels)
            assert found[3][3] == np.inf
            np.testing.assert_array_equal(np.delete(found[0], 3, 0), np.delete(clean[0], 3, 0))


@needs_numba
@pytest.mark.parametrize("scales", [(1e-300, 1e290), (1e-6, 1e300), (3e307, 1e-305)])
@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_any_scale(scales, offset):
    rng = np.random.default_rng(0)
    A, B = (rng.integers(-5, 6, (2, 100, 3, 3)) + offset * (np.array(scales) < 1e200)[:, None, None, None]) * np.array(scales)[
        :, None, None, None
    ]
    check(A, B, lemke_howson(A, B, rng.integers(0, 6, 100)))


def answers():
    """Answers of two kernels, in one array."""
    found = []
    for size in ((2, 3), (3, 2)):
        A, B = np.random.default_rng(1).random((2, 13, *size))
        found += [part.reshape(-1) for part in lockstep(A, B, np.arange(13) % 5)]
    return np.concatenate(found)


@needs_numba
def test_the_plain_source_gives_the_same_bits():
    code = "import sys; from tests.equilibria.test_lockstep_paths import answers; sys.stdout.buffer.write(answers().tobytes())"
    plain = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "GAMETHEORY_RL_COMPILE": "0"}, cwd=ROOT, capture_output=True, check=True
    )
    np.testing.assert_array_equal(np.frombuffer(plain.stdout), answers())


@pytest.mark.slow
@needs_numba
@pytest.mark.parametrize("size", [(m, n) for m in range(2, 7) for n in range(2, 7)])
def test_every_generated_size(size):
    assert import_module(f"{_path_batch.__package__}._paths_{min(size)}x{max(size)}")
    test_the_scalar_kernel_takes_the_same_paths(size)

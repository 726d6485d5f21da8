"""Counter-based streams: the same bits however they are run, uniform, and different for different keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from gametheory_rl import GameError
from gametheory_rl._support._streams_kernels import stream_keys, uniform, uniform_plain
from tests._streams_helper_kernels import fill_uniform

KEYS = st.integers(0, 2**64 - 1)
COUNTERS = st.integers(0, 2**62)


@given(key=KEYS, counter=COUNTERS)
def test_the_plain_source_gives_the_same_bits(key, counter):
    number = uniform(np.uint64(key), counter)
    assert number == uniform_plain(key, counter)
    assert 0.0 <= number < 1.0


def test_inside_a_kernel_the_bits_are_the_same():
    keys = np.append(stream_keys(3, 4), np.array([0, 2**64 - 1], dtype=np.uint64))
    for key in keys:
        drawn = np.empty(500)
        fill_uniform(key, drawn)
        assert drawn.tolist() == [uniform_plain(key, counter) for counter in range(len(drawn))]


def test_it_is_the_published_generator():
    # The first outputs of SplitMix64 from seed 1234567, as printed with the authors' C source by several libraries' tests.
    words = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert [uniform_plain(1234567, counter) for counter in range(5)] == [(word >> 11) * 2.0**-53 for word in words]


def draws(key, count):
    drawn = np.empty(count)
    fill_uniform(np.uint64(key), drawn)
    return drawn


@pytest.mark.parametrize("seed", range(5))
def test_numbers_are_uniform_singly_and_in_pairs(seed):
    drawn = draws(stream_keys(seed, 1)[0], 200_000)
    for cells in (drawn[:, np.newaxis], np.stack([drawn[:-1:2], drawn[1::2]], axis=1)):
        sides = 256 if cells.shape[1] == 1 else 16
        index = np.ravel_multi_index(tuple((cells * sides).astype(int).T), (sides,) * cells.shape[1])
        counts = np.bincount(index, minlength=256)
        statistic = ((counts - len(cells) / 256) ** 2).sum() / (len(cells) / 256)
        assert chi2.ppf(1e-5, 255) < statistic < chi2.ppf(1 - 1e-5, 255)


def test_streams_of_neighbouring_seeds_are_unrelated():
    keys = np.concatenate([stream_keys(seed, 8) for seed in range(4)])
    drawn = np.stack([draws(key, 20_000) for key in keys])
    correlation = np.corrcoef(drawn) - np.eye(len(keys))
    assert np.abs(correlation).max() < 6 / np.sqrt(20_000)


def test_keys_are_distinct_reproducible_and_do_not_depend_on_how_many_are_asked_for():
    many = stream_keys(0, 10_000)
    assert many.dtype == np.uint64
    assert len(set(many.tolist())) == 10_000
    np.testing.assert_array_equal(stream_keys(0, 7), many[:7])
    assert not set(stream_keys(1, 1000).tolist()) & set(many.tolist())


@pytest.mark.parametrize("seed", [-1, 1.5, "x", None])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(GameError, match="seed is .*, an integer from 0 up was expected"):
        stream_keys(seed, 3)

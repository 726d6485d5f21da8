"""Slopes, interquartile means and their intervals against laws and other libraries."""

import numpy as np
import pytest
import scipy.stats

from gametheory_rl import GameError, Run, bands
from gametheory_rl._diagnosis._statistics import iqm, log_slope, pooled

STEPS = np.geomspace(100, 1e6, 50)


@pytest.mark.parametrize("power", [-1.0, -0.5, 0.0, 0.3])
def test_a_power_law_gives_its_power(power):
    slope = log_slope(STEPS, 3 * STEPS**power)
    assert slope.slope == pytest.approx(power, abs=1e-9)
    assert slope.low == pytest.approx(slope.high, abs=1e-9)


def test_the_slope_is_theils_and_outliers_do_not_move_it():
    rng = np.random.default_rng(0)
    gaps = STEPS**-0.5 * np.exp(0.2 * rng.standard_normal(50))
    slope = log_slope(STEPS, gaps)
    theirs = scipy.stats.theilslopes(np.log(gaps), np.log(STEPS))
    assert slope.slope == pytest.approx(theirs.slope)
    assert slope.low <= theirs.low_slope
    assert slope.high >= theirs.high_slope
    gaps[::10] *= 1000
    assert log_slope(STEPS, gaps).slope == pytest.approx(-0.5, abs=0.1)


def test_its_interval_covers():
    rng = np.random.default_rng(1)
    x = STEPS[-12:]
    hits = [s.low <= -0.5 <= s.high for s in (log_slope(x, x**-0.5 * np.exp(0.3 * rng.standard_normal(12))) for _ in range(300))]
    assert np.mean(hits) > 0.92


def test_too_little_has_no_slope():
    assert np.isnan(log_slope(STEPS[:3], STEPS[:3]).slope)
    assert np.isnan(log_slope(STEPS, np.zeros(50)).slope)
    assert np.isnan(pooled([]).slope)


def test_the_interquartile_mean_is_scipys_trimmed_mean():
    numbers = np.random.default_rng(2).standard_normal((13, 5))
    np.testing.assert_allclose(iqm(numbers), scipy.stats.trim_mean(numbers, 0.25, axis=0))


def run_of(gaps):
    steps = np.broadcast_to(np.arange(1, gaps.shape[1] + 1), gaps.shape)
    return Run((), (), {"step": steps, "nash_gap": gaps}, {})


def test_bands_cover_the_middle_of_the_distribution():
    rng = np.random.default_rng(3)
    band = bands(run_of(rng.standard_normal((25, 300))))
    assert ((band.low <= band.iqm) & (band.iqm <= band.high)).all()
    # The interquartile mean of a symmetric distribution is its centre; each record is an experiment of its own.
    assert 0.87 < ((band.low <= 0) & (band.high >= 0)).mean() < 0.98
    again = bands(run_of(np.random.default_rng(3).standard_normal((25, 300))))
    assert again.low.tobytes() == band.low.tobytes()


def test_bands_agree_with_scipys_bootstrap():
    numbers = np.random.default_rng(4).standard_normal((20, 1))
    theirs = scipy.stats.bootstrap(
        (numbers[:, 0],), lambda x, axis: scipy.stats.trim_mean(x, 0.25, axis=axis), n_resamples=20_000, method="percentile", rng=0
    ).confidence_interval
    band = bands(run_of(numbers))
    assert band.low[0] == pytest.approx(theirs.low, abs=0.05)
    assert band.high[0] == pytest.approx(theirs.high, abs=0.05)


def test_two_seeds_have_no_interval():
    assert np.isnan(bands(run_of(np.ones((2, 3)))).low).all()


def test_bad_input_is_refused_in_a_sentence():
    with pytest.raises(GameError, match="no column 'gap' .* it has: nash_gap"):
        bands(run_of(np.ones((2, 3))), "gap")
    with pytest.raises(GameError, match="run is int"):
        bands(3)  # type: ignore[arg-type]

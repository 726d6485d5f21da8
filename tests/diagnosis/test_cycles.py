"""The cycle detector on paths with known answers: periods are found, noise is not a cycle."""

import numpy as np
import pytest

from gametheory_rl._diagnosis._cycles import find_cycles, period_of, route
from gametheory_rl.learners._watch import watch_steps

STEPS = watch_steps(100_000)


def pure(symbols, count):
    """Sequences of profiles as policies: one coordinate each."""
    return np.eye(count)[symbols]


def square(phase):
    """Two players of two actions each, who answer each other in turn: once round is 4."""
    bits = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])[phase % 4]
    return np.concatenate([bits, 1 - bits], axis=-1).astype(float)


@pytest.mark.parametrize("period", [2, 3, 4, 5, 7, 12])
def test_a_periodic_sequence_gives_its_period(period):
    assert period_of(pure(np.arange(64) % period, period)) == period


@pytest.mark.parametrize("length", [3, 6, 10])
def test_a_square_wave_has_the_period_of_both_halves(length):
    assert period_of(pure(np.arange(120) // length % 2, 2)) == 2 * length


@pytest.mark.parametrize("period", [6, 100, 3000, 25_000])
def test_a_cycle_is_found_at_any_speed(period):
    path = square(STEPS * 4 // period)
    (found,) = find_cycles(STEPS, path[None])
    assert found is not None
    assert found.steps == pytest.approx(period, rel=0.2)
    loop = route(path[found.places, :2].astype(int))
    start = loop.index((0, 0))
    assert (*loop[start:], *loop[:start]) == ((0, 0), (1, 0), (1, 1), (0, 1))


def test_a_cycle_that_slows_down_and_flickers_is_found():
    rng = np.random.default_rng(0)
    # Once round in every interval of steps ** 0.25 of 2, as with step sizes n ** -0.75; at the borders it goes back now and then.
    phase = STEPS**0.25 / 2 * 4
    paths = []
    for _ in range(4):
        noisy = np.floor(phase + rng.normal(0, 0.15, len(STEPS)) + rng.random() * 4).astype(int)
        paths.append(square(noisy))
    found = find_cycles(STEPS, np.array(paths))
    assert all(each is not None for each in found)


def telegraph(rng, rate):
    """Two players who change their minds at random, independently."""
    flips = (np.cumsum(rng.random((100_001, 2)) < rate, axis=0) % 2)[STEPS]
    return np.concatenate([flips, 1 - flips], axis=1).astype(float)


def slow_noise(rng, length):
    decay = np.exp(-1 / length)
    path, now = np.empty((100_001, 3)), np.zeros(3)
    kicks = rng.standard_normal((100_001, 3)) * np.sqrt(1 - decay**2)
    for t, kick in enumerate(kicks):
        now = decay * now + kick
        path[t] = now
    return path[STEPS]


NOISES = {
    "independent draws": lambda rng: pure(rng.integers(4, size=len(STEPS)), 4),
    "two policies at random": lambda rng: pure(rng.integers(2, size=len(STEPS)), 2),
    "fast changes": lambda rng: telegraph(rng, 0.1),
    "slow changes": lambda rng: telegraph(rng, 0.001),
    "correlated": lambda rng: slow_noise(rng, 300),
    "a random walk": lambda rng: np.cumsum(rng.standard_normal((len(STEPS), 3)), axis=0) / 20,
}


@pytest.mark.parametrize("kind", NOISES)
def test_noise_is_no_cycle(kind):
    rng = np.random.default_rng(1)
    count = 8 if kind == "correlated" else 40
    found = [each for _ in range(count // 4) for each in find_cycles(STEPS, np.array([NOISES[kind](rng) for _ in range(4)]))]
    # One in a hundred, as documented: two in forty would be a surprise.
    assert sum(each is not None for each in found) <= 1


def test_small_motion_is_no_cycle():
    angle = STEPS / 500
    assert find_cycles(STEPS, 0.05 * np.stack([np.cos(angle), np.sin(angle)], axis=1)[None]) == [None]


def test_a_cycle_that_came_to_rest_is_none():
    assert find_cycles(STEPS, square(np.where(STEPS < 20_000, STEPS * 4 // 1000, 0))[None]) == [None]


def test_few_samples_are_no_evidence():
    assert find_cycles(np.arange(3), np.zeros((2, 3, 4))) == [None, None]
    assert find_cycles(np.zeros(0, np.int64), np.zeros((1, 0, 4))) == [None]


def test_the_route_ignores_flicker():
    around = [0, 1, 2, 3] * 6
    flickering = [s for symbol in around for s in (symbol, (symbol + 1) % 4, symbol)]
    assert sorted(route(np.array(flickering)[:, None])) == [(0,), (1,), (2,), (3,)]
    assert route(np.zeros((5, 1), int)) == ()

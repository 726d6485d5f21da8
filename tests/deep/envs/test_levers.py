"""Levers against enumeration of all pulls, and the draw against what it must be."""

import itertools

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs import Levers, load_world

pulls = np.array(list(itertools.product(range(5), repeat=5)))


@pytest.fixture(scope="module")
def played():
    world = Levers()
    state, first = world.reset(jax.random.key(3))
    step = jax.jit(jax.vmap(world.step, (None, None, 0)))
    after = step(jax.random.key(4), state, pulls)
    return world, first, after, jax.vmap(world.measures)(*after)


def test_rewards_of_all_pulls(played):
    world, first, (_, step), measures = played
    distinct = np.array([len(set(pull)) for pull in pulls.tolist()])
    np.testing.assert_allclose(step.rewards, np.repeat(distinct[:, None] / 5, 5, axis=1), rtol=1e-6)
    np.testing.assert_allclose(measures["distinct_share"], distinct / 5, rtol=1e-6)
    np.testing.assert_allclose(measures["distinct_beyond_one"], (distinct - 1) / 4, rtol=1e-6)
    # What uniform play scores in expectation, both ways.
    assert np.mean(measures["distinct_share"]) == pytest.approx(0.67232, abs=1e-5)
    assert np.mean(measures["distinct_beyond_one"]) == pytest.approx(0.5904, abs=1e-5)
    assert not np.any(step.continues)
    assert float(first.continues) == 1
    assert world.num_agents == 5


def test_draws_are_different_identities_equally_often():
    world = Levers(levers=3, pool=5)
    states, steps = jax.jit(jax.vmap(world.reset))(jax.random.split(jax.random.key(0), 12000))
    drawn = np.asarray(states.identities)
    assert all(len(set(row)) == 3 for row in drawn.tolist())
    # 60 ordered draws, alike likely: the chi-squared statistic has mean 59 and deviation 10.9.
    _, counts = np.unique(drawn @ [25, 5, 1], return_counts=True)
    assert len(counts) == 60
    assert np.sum((counts - 200) ** 2 / 200) < 59 + 5 * 10.9
    np.testing.assert_array_equal(np.asarray(steps.observations).argmax(axis=-1), drawn)


def test_both_forms_of_observations_show_the_same_identities():
    key = jax.random.key(9)
    seen = [Levers(one_hot=form).reset(key)[1].observations for form in (True, False)]
    assert seen[1].shape == (5, 1)
    np.testing.assert_array_equal(*(Levers(one_hot=form).identities(o) for form, o in zip((True, False), seen, strict=True)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"levers": 1}, "levers is 1, an integer from 2"),
        ({"pool": 4}, "pool is 4, an integer from 5"),
        ({"one_hot": 1}, "one_hot is 1, True or False"),
        ({"pol": 4}, "unknown setting of the world levers, 'pol'; did you mean 'pool'?"),
    ],
)
def test_bad_settings_are_refused(settings, words):
    with pytest.raises(GameError, match=words.replace("?", r"\?")):
        load_world("levers", **settings)


def test_unknown_worlds_are_refused_with_the_nearest_name():
    with pytest.raises(GameError, match="unknown world 'lever'; did you mean 'levers'"):
        load_world("lever")

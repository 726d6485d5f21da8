"""The traffic junction against a plain simulation of its rules, and its maps against the counts of the paper."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")

import jax.numpy as jnp

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs import TrafficJunction
from gametheory_rl.deep.envs._traffic_maps import roads

EPISODES = 64


@pytest.mark.parametrize(("difficulty", "entrances", "each", "cells"), [("easy", 2, 2, 13), ("medium", 4, 3, 52), ("hard", 8, 7, 128)])
def test_maps_are_the_papers(difficulty, entrances, each, cells):
    here = roads(difficulty)
    assert here.entrances.shape == (entrances, each)
    assert len(here.cells) == cells
    for route, length in zip(here.routes, here.lengths, strict=True):
        path = here.cells[route[:length]]
        np.testing.assert_array_equal(np.abs(np.diff(path, axis=0)).sum(axis=1), 1)
        assert len({tuple(cell) for cell in path.tolist()}) == length
        ends = path[[0, -1]]
        assert np.all(np.any((ends == 0) | (ends == here.size - 1), axis=1))
    # Two-way roads: opposite lanes never share a cell in the same direction, and cars keep to the right.
    if difficulty != "easy":
        right_of = {(1, 0): (0, -1), (-1, 0): (0, 1), (0, 1): (1, 0), (0, -1): (-1, 0)}
        road = {tuple(cell) for cell in here.cells.tolist()}
        for route in here.routes:
            (row, column), (down, right) = here.cells[route[0]], here.cells[route[1]] - here.cells[route[0]]
            beside = right_of[int(down), int(right)]
            assert (row + beside[0], column + beside[1]) not in road


@pytest.fixture(scope="module")
def episodes():
    """Random play of the middle map: states before and after each step, actions and steps, ``[T, E, ...]``."""
    world = TrafficJunction("medium", arrival=0.5)

    def episode(key):
        def body(carry, k):
            state, step = carry
            act, go = jax.random.split(k)
            actions = jax.random.bernoulli(act, 0.3, (world.num_agents,)).astype(jnp.int32)
            after, seen = world.step(go, state, actions)
            return (after, seen), ((state, step.alive), actions, (after, seen))

        begin, rest = jax.random.split(key)
        return jax.lax.scan(body, world.reset(begin), jax.random.split(rest, world.limit))[1]

    return world, jax.tree.map(np.asarray, jax.jit(jax.vmap(episode))(jax.random.split(jax.random.key(0), EPISODES)))


def test_moves_rewards_and_failures_follow_the_rules(episodes):
    world, ((before, alive), actions, (after, step)) = episodes
    here = roads("medium")
    for e in range(EPISODES):
        failed = False
        for t in range(world.limit):
            cars, rewards = {}, np.zeros(world.num_agents)
            for i in np.flatnonzero(alive[e, t]):
                place = before.place[e, t, i] + (actions[e, t, i] == 0)
                cars.setdefault(here.routes[before.route[e, t, i], place], []).append(i)
                left = place == here.lengths[before.route[e, t, i]] - 1
                assert bool(step.alive[e, t, i]) != left
                if not left:
                    assert after.place[e, t, i] == place
                    assert after.age[e, t, i] == before.age[e, t, i] + 1
                rewards[i] = -0.01 * (before.age[e, t, i] + 1)
            for crowd in cars.values():
                if len(crowd) > 1:
                    failed = True
                    rewards[crowd] -= 5
            np.testing.assert_allclose(step.rewards[e, t], rewards, rtol=1e-5)
            assert bool(after.failed[e, t]) == failed
            assert bool(step.truncated[e, t]) == (t == world.limit - 1)
    assert after.failed[:, -1].mean() > 0.5
    assert np.all(step.continues == 1)


def test_cars_arrive_as_often_and_on_routes_as_told(episodes):
    world, ((_, alive), _, (after, step)) = episodes
    entrances = roads("medium").entrances
    room = (~alive).sum(axis=2) >= len(entrances)
    new = (~alive & step.alive).sum(axis=2)[room]
    assert new.mean() == pytest.approx(len(entrances) * 0.5, abs=5 * np.sqrt(len(entrances) * 0.25 / len(new)))
    arrived = ~alive & step.alive
    assert np.all(after.place[arrived] == 0)
    share = np.bincount(after.route[arrived & room[..., None]], minlength=12) / (arrived & room[..., None]).sum()
    np.testing.assert_allclose(share, 1 / 12, atol=0.03)
    slots = (arrived & room[..., None]).sum(axis=(0, 1))
    assert slots.min() > 0.5 * slots.max()
    assert alive.sum(axis=2).max() == world.num_agents


def test_cars_see_their_neighbourhood_and_nothing_else(episodes):
    world, (_, _, (after, step)) = episodes
    here, n = roads("medium"), world.num_agents
    width = n + len(here.cells) + len(here.routes)
    for e, t in np.random.default_rng(0).integers(0, [EPISODES, world.limit], (60, 2)):
        alive = np.flatnonzero(step.alive[e, t])
        cells = here.routes[after.route[e, t], after.place[e, t]]
        expected = np.zeros((n, 9, width))
        for i in alive:
            for j in alive:
                row, column = here.cells[cells[j]] - here.cells[cells[i]]
                if max(abs(row), abs(column)) <= 1:
                    expected[i, 3 * (row + 1) + column + 1, [j, n + cells[j], n + len(here.cells) + after.route[e, t, j]]] += 1
        np.testing.assert_array_equal(step.observations[e, t], expected.reshape(n, -1))


def test_an_arrival_that_is_an_array_is_no_constant():
    import equinox as eqx

    traced = []
    reset = eqx.filter_jit(lambda world, key: traced.append(world) or world.reset(key)[0].alive)
    keys = jax.random.split(jax.random.key(0), 20)
    counts = [sum(int(reset(TrafficJunction(arrival=jnp.float32(p)), key).sum()) for key in keys) for p in (0.0, 0.5, 1.0)]
    assert counts[0] == 0
    assert 0 < counts[1] < counts[2] == 40
    assert len(traced) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"difficulty": "esy"}, "unknown difficulty 'esy'; did you mean 'easy'"),
        ({"arrival": 1.5}, r"arrival is 1.5, a number in \[0, 1\]"),
        ({"cars": 0}, "cars is 0, an integer from 1"),
        ({"max_steps": 0}, "max_steps is 0"),
    ],
)
def test_bad_settings_are_refused(settings, words):
    with pytest.raises(GameError, match=words):
        TrafficJunction(**settings)

"""Particle worlds against ``mpe2``, step for step from the same states."""

import importlib

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")

import jax.numpy as jnp

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs import Adversary, Spread, Tag, load_world
from gametheory_rl.deep.envs._particles import ParticleState

CASES = {
    "speaker_listener": ("simple_speaker_listener_v4", {}, {}),
    "spread": ("simple_spread_v3", {"agents": 4, "local_ratio": 0.3}, {"N": 4, "local_ratio": 0.3}),
    "tag": (
        "simple_tag_v3",
        {"predators": 3, "prey": 2, "obstacles": 2},
        {"num_adversaries": 3, "num_good": 2, "num_obstacles": 2},
    ),
    "adversary": ("simple_adversary_v3", {"agents": 3}, {"N": 3}),
    "push": ("simple_push_v3", {}, {}),
    "crypto": ("simple_crypto_v3", {}, {}),
}

CONTINUOUS = ("speaker_listener", "tag", "crypto")
"""Who speaks, who moves and collides, who does neither."""


def peer(name, continuous, settings, seed):
    pytest.importorskip("mpe2")
    env = importlib.import_module(f"mpe2.{name}").parallel_env(max_cycles=25, continuous_actions=continuous, **settings)
    seen, _ = env.reset(seed=seed)
    return env, seen


def goals_of(world, inner):
    """Which landmarks matter, in our order."""
    if world.name == "crypto":
        return [inner.landmarks.index(inner.agents[0].goal_a), int(np.argmax(inner.agents[2].key))]
    goal = {"speaker_listener": lambda: inner.agents[0].goal_b, "adversary": lambda: inner.agents[0].goal_a}
    found = goal.get(world.name, lambda: getattr(inner.agents[0], "goal_a", None))()
    return [] if found is None else [inner.landmarks.index(found)]


def state_of(world, env, time):
    """The peer's state as ours."""
    inner = env.unwrapped.world
    place = np.array([entity.state.p_pos for entity in inner.entities])
    speed = np.array([agent.state.p_vel for agent in inner.agents])
    said = np.array([agent.state.c for agent in inner.agents])[:, : world.symbols]
    floats = (np.asarray(value, np.float32) for value in (place, speed, said))
    return ParticleState(*floats, np.array(goals_of(world, inner), np.int32), np.int32(time))


def crowd(env, rng):
    """Move everybody to the middle, so that bodies collide."""
    for entity in env.unwrapped.world.entities:
        entity.state.p_pos = rng.uniform(-0.25, 0.25, 2)


def draw(world, rng):
    """An action of everybody: ours, and as the peer takes it."""
    if not world.continuous:
        ours = [int(rng.integers(size)) for size in world.action_sizes]
        return jnp.asarray(ours, jnp.int32), ours
    width = max(world.action_sizes)
    ours, theirs = np.zeros((world.num_agents, width), np.float32), []
    for i, (body, size) in enumerate(zip(world.actors, world.action_sizes, strict=True)):
        ours[i, :size] = rng.uniform(-1, 1, size)
        x, y = ours[i, :2]
        moves = [0, max(-x, 0), max(x, 0), max(-y, 0), max(y, 0)] if body.mobile else []
        theirs.append(np.array([*moves, *((ours[i, 2 * body.mobile : size] + 1) / 2)], np.float32))
    return jnp.asarray(ours), theirs


def same(world, names, step, seen, rewards, tolerance):
    for i, (name, size) in enumerate(zip(names, world.observation_sizes, strict=True)):
        np.testing.assert_allclose(step.observations[i, :size], seen[name], atol=tolerance, rtol=tolerance)
        np.testing.assert_array_equal(step.observations[i, size:], 0)
        if rewards is not None:
            assert float(step.rewards[i]) == pytest.approx(rewards[name], rel=tolerance, abs=10 * tolerance)


@pytest.mark.parametrize(("name", "continuous"), [*((name, False) for name in CASES), *((name, True) for name in CONTINUOUS)])
def test_every_step_is_the_peers(name, continuous):
    theirs, ours, settings = CASES[name]
    world = load_world(name, continuous_actions=continuous, **ours)
    step_world = jax.jit(world.step)
    rng = np.random.default_rng(1)
    for seed in range(3):
        env, seen = peer(theirs, continuous, settings, seed)
        assert tuple(env.possible_agents) == world.agent_names
        if not continuous:
            assert tuple(int(env.action_space(agent).n) for agent in env.possible_agents) == world.action_sizes
        assert tuple(env.observation_space(agent).shape[0] for agent in env.possible_agents) == world.observation_sizes
        if seed:
            crowd(env, rng)
        for time in range(25):
            before = state_of(world, env, time)
            actions, given = draw(world, rng)
            _, step = step_world(jax.random.key(0), before, actions)
            seen, rewards, ended, cut, _ = env.step(dict(zip(world.agent_names, given, strict=True)))
            same(world, world.agent_names, step, seen, rewards, 3e-5)
            assert bool(step.truncated) == all(cut.values())
            assert float(step.continues) == 1
            assert not any(ended.values())


def test_a_whole_episode_is_the_peers_in_double_precision():
    # Without states being carried over at each step: contacts magnify what float32 rounds away, so this is done in float64.
    theirs, ours, settings = CASES["tag"]
    world = load_world("tag", **ours)
    with jax.enable_x64(True):
        env, _ = peer(theirs, False, settings, 7)
        rng = np.random.default_rng(2)
        crowd(env, rng)
        state = state_of(world, env, 0)
        place = jnp.array([entity.state.p_pos for entity in env.unwrapped.world.entities])
        state = state._replace(positions=place, velocities=jnp.asarray(state.velocities, jnp.float64))
        step_world = jax.jit(world.step)
        for _ in range(25):
            actions, given = draw(world, rng)
            state, step = step_world(jax.random.key(0), state, actions)
            seen, rewards, *_ = env.step(dict(zip(world.agent_names, given, strict=True)))
            same(world, world.agent_names, step, seen, rewards, 1e-3)


def test_resets_draw_what_the_rules_say():
    world = load_world("tag")
    states, steps = jax.jit(jax.vmap(world.reset))(jax.random.split(jax.random.key(0), 2000))
    place = np.abs(np.asarray(states.positions))
    assert 0.99 < place[:, :4].max() <= 1
    assert 0.89 < place[:, 4:].max() <= 0.9
    np.testing.assert_allclose(place[:, :4].mean(), 0.5, atol=0.02)
    assert not np.any(steps.rewards)
    goals = jax.vmap(load_world("crypto").draw_goals)(jax.random.split(jax.random.key(1), 2000))
    np.testing.assert_allclose(np.asarray(goals).mean(axis=0), 0.5, atol=0.06)


def test_measures_say_what_stands_in_the_state():
    world = load_world("speaker_listener")
    state, step = world.reset(jax.random.key(0))
    place = jnp.array([[0, 0], [0.3, 0.4], [0.3, 0.52], [1, 1], [-1, 0]], jnp.float32)
    measures = world.measures(state._replace(positions=place, goals=jnp.array([0])), step)
    assert float(measures["distance"]) == pytest.approx(0.12, abs=1e-6)
    assert [int(measures[f"reach_{near}"]) for near in (10, 15, 25)] == [0, 1, 1]
    tag = Tag(predators=2, prey=1, obstacles=0)
    state, step = tag.reset(jax.random.key(0))
    touching = state._replace(positions=jnp.array([[0, 0], [0.2, 0], [0.1, 0.0]], jnp.float32))
    assert float(tag.measures(touching, step)["touches"]) == 2
    np.testing.assert_allclose(tag.reward(touching), [20, 20, -20])
    spread = Spread(agents=2)
    state, step = spread.reset(jax.random.key(0))
    here = state._replace(positions=jnp.array([[0, 0], [0.2, 0], [0.05, 0], [1, 0]], jnp.float32))
    measures = spread.measures(here, step)
    assert (float(measures["covered"]), float(measures["collisions"])) == (1, 1)
    assert float(measures["distance"]) == pytest.approx(0.425, abs=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Spread(agents=0), "agents is 0, an integer from 1 to 128"),
        (lambda: Spread(local_ratio=2), r"local_ratio is 2, a number in \[0, 1\]"),
        (lambda: Spread(max_cycles=0), "max_cycles is 0"),
        (lambda: Adversary(continuous_actions=1), "continuous_actions is 1, True or False"),
        (lambda: Tag(obstacles=300), "304 bodies, at most 256"),
    ],
)
def test_bad_settings_are_refused(make, words):
    with pytest.raises(GameError, match=words):
        make()

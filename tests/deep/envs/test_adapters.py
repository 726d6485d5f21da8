"""Worlds as PettingZoo environments, by that library's own tests; JaxMARL's form of environment as a world, by a stand-in."""

from typing import Any, NamedTuple

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")
pytest.importorskip("pettingzoo")

import jax.numpy as jnp
from pettingzoo.test import parallel_api_test

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs import Levers, Push, SpeakerListener, from_jaxmarl, to_pettingzoo


@pytest.mark.parametrize("world", [SpeakerListener(continuous_actions=True), Levers(levers=2, pool=4)])
def test_pettingzoos_own_test_passes(world):
    parallel_api_test(to_pettingzoo(world), num_cycles=40)


def test_an_environment_plays_as_its_world():
    world = Push(max_cycles=60)
    env = to_pettingzoo(world, render_mode="rgb_array")
    assert env.possible_agents == ["adversary_0", "agent_0"]
    told: list[Any] = []
    seen: Any = {}
    rewards: Any = {}
    ends: Any = {}
    cuts: Any = {}
    for _ in range(2):
        rng = np.random.default_rng(0)
        seen, _ = env.reset(seed=4)
        own = [np.concatenate(list(seen.values()))]
        for _ in range(60):
            assert env.agents
            seen, rewards, ends, cuts, infos = env.step({agent: int(rng.integers(5)) for agent in env.agents})
            own.append(np.concatenate([*seen.values(), list(rewards.values())]))
            assert infos["agent_0"]["action_mask"].tolist() == [1] * 5
        assert not any(ends.values())
        assert all(cuts.values())
        told.append(own)
    assert len(told[0]) == 61
    for one, same in zip(*told, strict=True):
        np.testing.assert_array_equal(one, same)
    assert [len(seen[agent]) for agent in env.possible_agents] == [8, 19]
    # What the agent is told of its target and its reward belong together.
    assert rewards["agent_0"] == pytest.approx(-np.linalg.norm(seen["agent_0"][2:4]), rel=1e-5)
    picture = env.render()
    assert picture.dtype == np.uint8
    assert picture.ndim == 3


class Count(NamedTuple):
    total: Any
    done: Any


class Space(NamedTuple):
    n: int


class Box(NamedTuple):
    low: float
    high: float
    shape: tuple


class Adders:
    """JaxMARL's methods: two agents add to a counter; at 5 it ends, after 4 steps time is up; the first leaves at 3."""

    name = "adders"
    agents = ("b", "a")
    max_steps = 4

    def __init__(self, space=None):
        self.spaces = dict(zip(self.agents, space or (Space(3), Space(2)), strict=True))

    def observation_space(self, agent):
        return None

    def action_space(self, agent):
        return self.spaces[agent]

    def reset(self, key):
        state = Count(jnp.float32(0), jnp.int32(0))
        return self.seen(state), state

    def seen(self, state):
        return {"a": state.total.reshape(1, 1), "b": jnp.stack([state.total, state.done.astype(jnp.float32)])}

    def get_avail_actions(self, state):
        return {"a": jnp.array([1, 0]), "b": jnp.array([1, 1, 0])}

    def step_env(self, key, state, actions):
        added = sum(jnp.sum(actions[agent]) for agent in self.agents)
        state = Count(state.total + added, state.done + 1)
        over = (state.total >= 5) | (state.done >= self.max_steps)
        done = {"a": over, "b": over | (state.total >= 3), "__all__": over}
        return self.seen(state), state, {"a": added, "b": -added}, done, {}


def test_jaxmarls_form_is_a_world():
    world = from_jaxmarl(Adders())
    assert (world.name, world.observation_sizes, world.action_sizes) == ("adders", (2, 1), (3, 2))
    state, first = world.reset(jax.random.key(0))
    np.testing.assert_array_equal(first.observations, np.zeros((2, 2)))
    np.testing.assert_array_equal(first.legal, [[True, True, False], [True, False, False]])
    step = jax.jit(world.step)
    state, seen = step(jax.random.key(0), state, jnp.array([2, 1]))
    np.testing.assert_array_equal(seen.observations, [[3, 1], [3, 0]])
    np.testing.assert_array_equal(seen.rewards, [-3, 3])
    np.testing.assert_array_equal(seen.alive, [False, True])
    _, end = step(jax.random.key(0), state, jnp.array([2, 0]))
    assert (float(end.continues), bool(end.truncated)) == (0, False)
    for _ in range(3):
        state, seen = step(jax.random.key(0), state, jnp.array([0, 0]))
    assert (float(seen.continues), bool(seen.truncated)) == (1, True)


def test_boxes_are_scaled_from_minus_one_to_one():
    world = from_jaxmarl(Adders((Box(0.0, 10.0, (2,)), Box(-1.0, 3.0, (1,)))))
    assert world.continuous
    assert world.action_sizes == (2, 1)
    state, _ = world.reset(jax.random.key(0))
    _, seen = world.step(jax.random.key(0), state, jnp.array([[-1.0, 0.0], [0.0, 9.0]]))
    assert float(seen.rewards[1]) == pytest.approx(0 + 5 + 1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: from_jaxmarl(3), "env is int, without agents, reset"),
        (lambda: from_jaxmarl(Adders((Space(3), Box(0, 1, (1,))))), "of several kinds"),
        (lambda: from_jaxmarl(Adders((Box(0, np.inf, (1,)),) * 2)), "no finite bounds"),
        (lambda: to_pettingzoo("spread"), "world is str, a World was expected"),
        (lambda: to_pettingzoo(Levers(), render_mode="human"), "render_mode is 'human'"),
    ],
)
def test_what_cannot_be_adapted_is_refused(call, words):
    with pytest.raises(GameError, match=words):
        call()


def test_bad_actions_are_refused():
    env = to_pettingzoo(Levers(levers=2, pool=4))
    with pytest.raises(GameError, match="call reset"):
        env.step({})
    env.reset(seed=0)
    with pytest.raises(GameError, match="an action of agent_1"):
        env.step({"agent_0": 0})
    with pytest.raises(GameError, match="from 0 to 1 was expected"):
        env.step({"agent_0": 0, "agent_1": 2})

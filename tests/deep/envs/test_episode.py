"""Episodes kept whole: the same seed gives the same one; every registered world plays one and draws it."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")

from gametheory_rl._support._errors import GameError
from gametheory_rl.deep.envs import list_worlds, load_world, play_episode


@pytest.mark.parametrize("name", list_worlds())
def test_every_world_keeps_the_protocol(name):
    world = load_world(name)
    assert world.name == name
    state, step = jax.eval_shape(world.reset, jax.random.key(0))
    n = world.num_agents
    actions = np.zeros((n, max(world.action_sizes)), np.float32) if world.continuous else np.zeros(n, np.int32)
    after = jax.eval_shape(lambda key, state: world.step(key, state, actions), jax.random.key(0), state)
    for one, other in zip(jax.tree.leaves((state, step)), jax.tree.leaves(after), strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
    assert step.observations.shape == (n, max(world.observation_sizes))
    assert step.legal.shape == (n, 0 if world.continuous else max(world.action_sizes))
    assert [str(part.dtype) for part in step] == ["float32", "float32", "float32", "bool", "bool", "bool"]
    scene = world.scene(jax.jit(world.reset)(jax.random.key(1))[0])
    assert scene.circles.shape[1] == 4
    assert scene.squares.shape[1] == 4
    assert scene.lines.shape[1] == 5
    kinds = [*scene.circles[:, 3], *scene.squares[:, 3], *scene.lines[:, 4]]
    assert all(0 <= kind < len(scene.kinds) for kind in kinds)


def test_a_seed_is_an_episode():
    world = load_world("levers", pool=20)
    one, same, other = (play_episode(world, seed=seed) for seed in (1, 1, 2))
    assert one.ended
    for a, b in zip(jax.tree.leaves(one.states), jax.tree.leaves(same.states), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (one.states[0].identities != other.states[0].identities).any()
    with pytest.raises(GameError, match="steps is 0"):
        play_episode(world, steps=0)

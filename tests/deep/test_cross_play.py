"""Policies of different runs in one world: each hears what the others really did."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")

import jax.numpy as jnp

import gametheory_rl as gt
from gametheory_rl.deep import DeepMeanFieldQ, PopulationWorld, evaluate, load_policy
from gametheory_rl.deep._best_response import Against
from gametheory_rl.deep._watch import scenes


def test_agents_notice_what_others_really_did():
    game = gt.families.ising(4)
    small = {"environments": 2, "rollout": 2, "replay": 64, "warmup": 64, "evaluation": 2, "hidden": 4}
    down, up = (
        load_policy(gt.learn(game, DeepMeanFieldQ(initial=first, **small), steps=8, records=1, progress=False), game)
        for first in ((1000.0, 0.0), (0.0, 1000.0))
    )
    told = up.method.told(down.memory(), jnp.arange(16))
    assert told.tolist() == list(range(16))
    against = Against(down.world, down.weights, down.method, down.spec, 3)
    (inner, _, memory), _ = against.step(jax.random.PRNGKey(1), against.reset(jax.random.PRNGKey(0))[0], jnp.array([1]))
    assert memory.tolist() == inner.actions.tolist() == [int(agent == 3) for agent in range(16)]


def test_cross_play_is_heard():
    game = gt.families.ising(4)
    small = {"environments": 4, "rollout": 8, "replay": 512, "warmup": 64, "evaluation": 2, "hidden": 16, "batch_size": 32, "updates": 4}
    learned = DeepMeanFieldQ(temperature=0.3, order="synchronous", learning_rate=0.01, **small)
    follower = load_policy(gt.learn(game, learned, steps=6000, records=1, progress=False), game)
    leader = load_policy(gt.learn(game, DeepMeanFieldQ(initial=(0.0, 1000.0), **small), steps=32, records=1, progress=False), game)
    colour = np.indices((4, 4)).sum(axis=0).ravel() % 2
    played = evaluate(PopulationWorld(game), [leader if c else follower for c in colour], episodes=50)
    assert played.last["largest_share"].mean() > 0.95  # all of a follower's neighbours are up, and so is it
    assert len(scenes(PopulationWorld(game), [leader if c else follower for c in colour], 5)) == 6

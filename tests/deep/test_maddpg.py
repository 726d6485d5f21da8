"""MADDPG and DDPG against their equations, on batches made by hand."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp

import gametheory_rl as gt
from gametheory_rl import deep
from gametheory_rl._support import _memory
from gametheory_rl._support._errors import GameError
from gametheory_rl.deep import _maddpg, _nets
from gametheory_rl.deep._method import Seen, Spec, Transition
from gametheory_rl.deep._train import within_memory

SPEC = Spec((3, 4), (2, 3), 0, False, (0.9, 0.5))
COUNT = 6
SIZES = {"environments": 2, "rollout": 4, "batch_size": COUNT, "warmup": 8, "replay": 64, "hidden": (5,)}


def method(kind=deep.MADDPG, **settings):
    return kind(**{**SIZES, **settings})


def batch(seed=0, memory=()):
    """Six steps of two agents of unlike sizes; the second step is the end of an episode."""
    rng = np.random.default_rng(seed)
    legal = np.arange(3) < np.array([[2], [3]])

    def seen():
        observations = rng.standard_normal((COUNT, 2, 4)).astype(np.float32)
        observations[:, 0, 3:] = 0
        return Seen(
            jnp.asarray(observations), jnp.zeros((COUNT, 0)), jnp.asarray(np.tile(legal, (COUNT, 1, 1))), jnp.ones((COUNT, 2), bool)
        )

    actions = jnp.asarray(np.stack([rng.integers(2, size=COUNT), rng.integers(3, size=COUNT)], axis=1), jnp.int32)
    rewards = jnp.asarray(rng.standard_normal((COUNT, 2)), jnp.float32)
    continues = jnp.ones(COUNT).at[1].set(0.0)
    return Transition(seen(), memory, actions, (), rewards, continues, continues == 0, seen(), memory)


def drawn(learner, seed=0):
    return jax.tree.map(jnp.asarray, learner.draw(np.random.default_rng(seed), SPEC))


def perceptron(layers, agent, x):
    """What one agent's network says, in numpy."""
    for k, (weight, bias) in enumerate(layers):
        x = x @ np.asarray(weight[agent]) + np.asarray(bias[agent])
        x = np.maximum(x, 0) if k < len(layers) - 1 else x
    return x


def critic_of(weights, agent, steps, choices):
    """Q of one agent, in numpy, at observations of ``steps`` and choices ``(COUNT, 2)``."""
    flat = np.asarray(steps.seen.observations).reshape(COUNT, -1)
    acts = np.eye(3)[np.asarray(choices)].reshape(COUNT, -1)
    return perceptron(weights["critic"], agent, np.concatenate([flat, acts], axis=1))[:, 0]


def test_critics_see_everything_or_their_own():
    joint = _maddpg.critic_inputs(SPEC, (False, False))
    assert joint.sum(axis=1).tolist() == [3 + 4 + 2 + 3] * 2
    local = _maddpg.critic_inputs(SPEC, (True, False))
    assert local.sum(axis=1).tolist() == [3 + 2, 12]
    weights = method(local_agents=(0,)).draw(np.random.default_rng(1), SPEC)
    used = np.abs(weights["critic"][0].weight).sum(axis=2) > 0
    np.testing.assert_array_equal(used, local)


def test_the_score_gradient_is_that_of_the_expected_value():
    learner, steps = method(gradient="score", logit_weight=0.0), batch()
    weights = drawn(learner)
    got = learner._actor_loss(SPEC, weights["actor"], weights["critic"], steps, jax.random.PRNGKey(0))
    want = 0.0
    for agent, count in enumerate(SPEC.action_sizes):
        own = np.asarray(steps.seen.observations)[:, agent]
        logits = perceptron(weights["actor"], agent, own)[:, :count]
        chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        for choice in range(count):
            choices = np.array(steps.actions)
            choices[:, agent] = choice
            want -= (chances[:, choice] * critic_of(weights, agent, steps, choices)).mean()
    assert float(got) == pytest.approx(want, rel=1e-4)


def test_targets_bootstrap_but_not_through_an_end():
    learner, steps = method(), batch()
    weights = drawn(learner)
    zero = jax.tree.map(jnp.zeros_like, weights)
    critic = zero["critic"]
    ones = (*critic[:-1], _nets.Layer(critic[-1].weight, jnp.full_like(critic[-1].bias, 7.0)))
    targets = np.asarray(learner._targets(SPEC, zero | {"critic": ones}, steps, jax.random.PRNGKey(0)))
    want = np.asarray(steps.rewards) + 7.0 * np.array([0.9, 0.5])
    want[1] = np.asarray(steps.rewards)[1]
    np.testing.assert_allclose(targets, want, rtol=1e-6)


@pytest.fixture(scope="module")
def updated():
    """What one update of two agents makes of a batch, and of one where only the second agent's part is another."""
    found = {}
    one, other = batch(0), batch(1)
    mixed = jax.tree.map(lambda a, b: jnp.concatenate([a[:, :1], b[:, 1:]], axis=1) if a.ndim > 1 and a.shape[1] == 2 else a, one, other)
    for kind in (deep.MADDPG, deep.DDPG):
        learner = method(kind)
        weights = drawn(learner)
        update = jax.jit(
            lambda steps, learner=learner, weights=weights: learner.update(
                SPEC, weights, learner.prepare(SPEC, weights), steps, jax.random.PRNGKey(3), 0.0
            )
        )
        found[kind] = [update(steps)[0] for steps in (one, mixed)]
    return found


def test_a_local_critic_learns_from_its_own_agent_alone(updated):
    one, mixed = updated[deep.DDPG]
    for name in ("actor", "critic"):
        for a, b in zip(jax.tree.leaves(one[name]), jax.tree.leaves(mixed[name]), strict=True):
            np.testing.assert_array_equal(a[0], b[0])
            assert not np.array_equal(a[1], b[1])


def test_a_central_critic_learns_from_everybody(updated):
    one, mixed = updated[deep.MADDPG]
    assert not np.array_equal(one["critic"][0].weight[0], mixed["critic"][0].weight[0])


def test_members_of_an_ensemble_learn_from_their_own_steps():
    learner = method(ensemble=2)
    weights = drawn(learner)
    steps = batch(memory=jnp.zeros((COUNT, 2), jnp.int32))
    gradients = jax.grad(lambda actor: learner._actor_loss(SPEC, actor, weights["critic"], steps, jax.random.PRNGKey(0)))(weights["actor"])
    weight = np.asarray(gradients[0].weight)
    assert (np.abs(weight[:2]).sum(axis=(1, 2)) > 0).all()
    assert np.abs(weight[2:]).sum() == 0


def test_an_ensemble_draws_a_member_for_each_episode_and_is_its_mean_before():
    learner = method(ensemble=3)
    weights = drawn(learner, seed=5)
    seen = jax.tree.map(lambda leaf: leaf[0], batch().seen)
    acted = learner.act(SPEC, weights, seen, learner.memory(SPEC), jax.random.PRNGKey(1))
    again = learner.act(SPEC, weights, seen, acted.memory, jax.random.PRNGKey(2))
    assert np.asarray(acted.memory).min() >= 0
    np.testing.assert_array_equal(acted.memory, again.memory)
    members = [learner.policy(SPEC, weights, seen, jnp.full(2, k)) for k in range(3)]
    np.testing.assert_allclose(learner.policy(SPEC, weights, seen, learner.memory(SPEC)), np.mean(members, axis=0), rtol=1e-5)


def test_models_learn_what_the_others_do():
    learner = method(inferred=True, inferred_entropy=0.0, learning_rate=0.05)
    weights = drawn(learner)
    steps = batch()._replace(actions=jnp.tile(jnp.array([1, 2], jnp.int32), (COUNT, 1)))
    model, adam = weights["model"], learner.prepare(SPEC, weights)["adam"]["model"]
    step = jax.jit(lambda model, adam: learner._moved(model, jax.grad(lambda m: learner._model_loss(SPEC, m, steps))(model), adam, 0.0))
    for _ in range(60):
        model, adam = step(model, adam)
    guessed = np.asarray(jax.nn.softmax(learner._models(SPEC, model, steps.seen), axis=-1))
    assert (guessed[:, :, 0, 1] > 0.9).all()
    assert (guessed[:, :, 1, 2] > 0.9).all()


@pytest.mark.parametrize("name", ["tag", "crypto"])
def test_soft_actions_that_are_choices_do_what_the_choices_do(name):
    world = deep.load_world(name)
    state, _ = world.reset(jax.random.PRNGKey(0))
    step = jax.jit(lambda acts: world.step(jax.random.PRNGKey(1), state, acts))
    sizes = np.array(world.action_sizes)
    for k in range(3):
        choices = jnp.asarray((k + np.arange(len(sizes))) % sizes, jnp.int32)
        hard, soft = (step(acts) for acts in (choices, jax.nn.one_hot(choices, sizes.max())))
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), hard, soft)


def test_it_solves_a_game_of_common_interest():
    game = gt.StochasticGame.from_matrix_game([[[1, 0], [0, 0.5]]] * 2, name="meeting")
    learner = deep.MADDPG(environments=8, rollout=8, batch_size=64, warmup=64, replay=1024, hidden=(16,), polyak=0.1, learning_rate=0.01)
    run = gt.learn(game, learner, steps=8_192, seeds=2, records=1)
    assert (run.trace["nash_gap"][:, -1] < 0.1).all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"gradient": "reinforce"}, "gradient is 'reinforce', gumbel or score was expected"),
        ({"ensemble": 0}, "ensemble is 0, a whole number from 1"),
        ({"local_agents": (-1,)}, "numbers of agents were expected"),
        ({"temperature": 0}, "temperature is 0"),
    ],
)
def test_settings_out_of_range_are_refused(settings, words):
    with pytest.raises(GameError, match=words):
        deep.MADDPG(**settings)


def test_what_a_world_has_not_is_refused():
    with pytest.raises(GameError, match="agents are numbered 0 to 1"):
        gt.learn("speaker_listener", deep.MADDPG(local_agents=(2,)), steps=100)
    with pytest.raises(GameError, match="use gumbel"):
        gt.learn(deep.load_world("speaker_listener", continuous_actions=True), deep.MADDPG(gradient="score"), steps=100)


def test_more_than_memory_holds_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(_memory, "available_bytes", lambda: 2**34)
    with pytest.raises(GameError, match=r"what the critics see of a batch \(1024 x 500 x 10000\) needs 76.3 GiB and 16 GiB are free"):
        gt.learn(gt.load_game("gaussian_squeeze"), deep.MADDPG(replay=30_000), steps=100)


def test_what_only_xla_finds_too_much_is_refused_in_a_sentence():
    with pytest.raises(GameError, match=r"ippo with 3 agents asks for 7.45e\+03 GiB at once"), within_memory("ippo with 3 agents"):
        jax.block_until_ready(jnp.zeros(2 * 10**12) + 1)
    with pytest.raises(ZeroDivisionError), within_memory("ippo with 3 agents"):
        divmod(1, 0)

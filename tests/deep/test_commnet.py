"""CommNet: who hears whom, what its losses are, and that it learns."""

import json
from itertools import permutations

import numpy as np
import pytest

pytest.importorskip("jax")

import jax
import jax.numpy as jnp

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl.deep import CommNet
from gametheory_rl.deep._commnet import mean_of_others
from gametheory_rl.deep._method import Seen, Spec, Transition
from gametheory_rl.deep.envs import Levers, Spread

AGENTS, SIZE, ACTIONS = 3, 4, 2
SPEC = Spec((SIZE,) * AGENTS, (ACTIONS,) * AGENTS, 0, False, (1.0,) * AGENTS)


def seen_of(seed=0, alive=(True, True, True), legal=None):
    observations = np.random.default_rng(seed).standard_normal((AGENTS, SIZE)).astype(np.float32)
    legal = np.ones((AGENTS, ACTIONS), bool) if legal is None else legal
    return Seen(jnp.asarray(observations), jnp.zeros(0), jnp.asarray(legal), jnp.asarray(alive))


def network(seed=1, **settings):
    method = CommNet(**({"hidden": 8} | settings))
    return method, jax.tree.map(jnp.asarray, method.draw(np.random.default_rng(seed), SPEC))


def changed(seen, agent):
    return seen._replace(observations=seen.observations.at[agent].add(1.0))


def logits(method, weights, seen):
    return np.asarray(method.outputs(SPEC, weights, seen).logits)


def test_what_is_heard_is_the_mean_of_the_other_living_agents():
    vectors = np.arange(12.0).reshape(3, 4)
    for alive in ([1, 1, 1], [1, 0, 1], [1, 0, 0], [0, 0, 0]):
        heard = mean_of_others(jnp.asarray(vectors), jnp.asarray(alive, float)[:, None])
        for i in range(3):
            others = [vectors[j] for j in range(3) if j != i and alive[j]]
            np.testing.assert_allclose(heard[i], np.mean(others, axis=0) if alive[i] and others else 0, atol=1e-5)


@pytest.mark.parametrize("communication", ["mean", "none"])
def test_agents_are_interchangeable(communication):
    method, weights = network(communication=communication)
    seen, expected = seen_of(), None
    expected = method.outputs(SPEC, weights, seen)
    for order in permutations(range(AGENTS)):
        mixed = method.outputs(SPEC, weights, seen._replace(observations=seen.observations[jnp.array(order)]))
        np.testing.assert_allclose(mixed.logits, expected.logits[jnp.array(order)], atol=1e-5)
        np.testing.assert_allclose(mixed.values, expected.values[jnp.array(order)], atol=1e-5)


def test_identities_tell_apart_agents_who_see_the_same():
    alike = seen_of()._replace(observations=jnp.ones((AGENTS, SIZE)))
    method, weights = network()
    same = logits(method, weights, alike)
    np.testing.assert_allclose(same, np.broadcast_to(same[0], same.shape), atol=1e-6)
    method, weights = network(identities=True)
    assert np.ptp(logits(method, weights, alike), axis=0).min() > 1e-3


def test_words_reach_the_others_and_only_with_communication():
    for communication, reaches in (("mean", True), ("none", False), ("full", True)):
        method, weights = network(communication=communication)
        before, after = (logits(method, weights, seen) for seen in (seen_of(), changed(seen_of(), 0)))
        assert not np.array_equal(before[0], after[0])
        assert (not np.array_equal(before[1:], after[1:])) == reaches


@pytest.mark.parametrize("communication", ["mean", "full"])
def test_the_dead_neither_speak_nor_hear(communication):
    method, weights = network(communication=communication)
    seen = seen_of(alive=(True, False, True))
    silent = logits(method, weights, changed(seen, 1))
    assert np.array_equal(logits(method, weights, seen)[[0, 2]], silent[[0, 2]])
    if communication == "mean":
        assert np.array_equal(logits(method, weights, seen)[1], logits(method, weights, changed(seen, 0))[1])
        alone, independent = seen_of(alive=(True, False, False)), network(communication="none")[0]
        np.testing.assert_array_equal(logits(method, weights, alone)[0], logits(independent, weights, alone)[0])


def test_without_exchanges_communication_is_independence_to_the_bit():
    talking, weights = network(exchanges=0)
    silent, same = network(exchanges=0, communication="none")
    assert all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(weights), jax.tree.leaves(same), strict=True))
    assert np.array_equal(logits(talking, weights, seen_of()), logits(silent, same, seen_of()))


def test_the_equations_by_hand():
    method, weights = network(activation="tanh")
    seen = seen_of()
    plain = jax.tree.map(np.asarray, weights)
    layer = lambda vector, part: vector @ part.weight[0] + part.bias[0]  # noqa: E731
    first = np.asarray(seen.observations) @ plain["encoder"][0] + plain["bias"]
    hidden = first
    for i, unit in enumerate(plain["units"]):
        heard = np.stack([np.delete(hidden, j, axis=0).mean(axis=0) for j in range(AGENTS)])
        inputs = hidden if i == 0 else np.concatenate([hidden, heard, first], axis=1)
        hidden = np.tanh(layer(np.tanh(layer(inputs, unit[0])), unit[1]))
    outputs = method.outputs(SPEC, weights, seen)
    np.testing.assert_allclose(outputs.logits, layer(hidden, plain["policy"]), atol=1e-4)
    np.testing.assert_allclose(outputs.values, layer(hidden, plain["value"])[:, 0], atol=1e-4)


def test_illegal_actions_have_no_chance():
    legal = np.array([[True, False], [True, True], [False, True]])
    method, weights = network()
    chances = np.asarray(method.policy(SPEC, weights, seen_of(legal=legal), ()))
    assert (chances[~legal] == 0).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-6)


def test_looking_a_row_up_is_multiplying_by_one_hot():
    spec = Spec((1,) * AGENTS, (AGENTS,) * AGENTS, 0, False, (1.0,) * AGENTS)
    hot = Spec((5,) * AGENTS, (AGENTS,) * AGENTS, 0, False, (1.0,) * AGENTS)
    who = jnp.array([3, 0, 4])
    found = []
    for method, own, observations in (
        (CommNet(hidden=8, lookup=5), spec, who[:, None].astype(float)),
        (CommNet(hidden=8), hot, jnp.eye(5)[who]),
    ):
        weights = jax.tree.map(jnp.asarray, method.draw(np.random.default_rng(0), own))
        seen = Seen(observations, jnp.zeros(0), jnp.ones((AGENTS, AGENTS), bool), jnp.ones(AGENTS, bool))
        found.append(method.outputs(own, weights, seen).logits)
    np.testing.assert_allclose(*found, atol=1e-5)


# ---- returns and losses ----------------------------------------------------------------------------------------------


def rollout(rewards, continues, ended, alive=None):
    """Return a batch of one environment, 2 agents; ``rewards`` (steps, 2)."""
    steps = len(rewards)
    alive = np.ones((steps, 1, 2), bool) if alive is None else np.asarray(alive, bool).reshape(steps, 1, 2)
    seen = Seen(jnp.zeros((steps, 1, 2, 1)), jnp.zeros((steps, 1, 0)), jnp.ones((steps, 1, 2, 2), bool), jnp.ones((steps, 1, 2), bool))
    following = seen._replace(alive=jnp.asarray(alive))
    column = lambda numbers: jnp.asarray(np.reshape(numbers, (steps, 1)))  # noqa: E731
    actions = jnp.zeros((steps, 1, 2), jnp.int32)
    return Transition(
        seen, (), actions, (), jnp.asarray(rewards, jnp.float32)[:, None], column(np.float32(continues)), column(ended), following, ()
    )


TWO = Spec((1, 1), (2, 2), 0, False, (0.5, 0.5))
AHEAD = jnp.array([[[10.0, 20.0]], [[30.0, 40.0]], [[50.0, 60.0]]])


def returns(batch, **settings):
    return np.asarray(CommNet(**settings)._returns(TWO, batch, AHEAD))[:, 0]


def test_returns_sum_to_the_end_bootstrap_at_cuts_and_never_cross_episodes():
    rewards = [[1, 2], [3, 4], [5, 6]]
    # The rollout's end is a cut.
    np.testing.assert_allclose(returns(rollout(rewards, [1, 1, 1], [False] * 3))[:, 0], [1 + 0.5 * (3 + 0.5 * 30), 3 + 0.5 * 30, 30])
    # The second step ends for good, then it is cut by a limit.
    np.testing.assert_allclose(returns(rollout(rewards, [1, 0, 1], [False, True, False]))[:, 1], [2 + 0.5 * 4, 4, 36])
    np.testing.assert_allclose(returns(rollout(rewards, [1, 1, 1], [False, True, False]))[:, 1], [2 + 0.5 * (4 + 20), 24, 36])
    # An agent that leaves after the first step has no future; as a team it has the others'.
    gone = [[1, 0], [1, 1], [1, 1]]
    assert returns(rollout(rewards, [1, 1, 1], [False] * 3, gone))[0, 1] == 2
    np.testing.assert_allclose(returns(rollout(rewards, [1, 0, 0], [False, True, True], gone), team=True)[0], [1.5 + 0.5 * 3.5] * 2)


def test_the_gradient_is_reinforce_with_a_baseline():
    """Against the definition, by differences: of -log pi(a) (R - b), b held, plus alpha (R - b)^2."""
    method = CommNet(hidden=4, entropy=0.0, baseline_weight=0.3)
    spec = Spec((1, 1), (2, 2), 0, False, (1.0, 1.0))
    weights = jax.tree.map(jnp.asarray, method.draw(np.random.default_rng(0), spec))
    batch = rollout([[1, 2], [3, 4]], [1, 1], [False, False])
    batch = batch._replace(seen=batch.seen._replace(observations=jnp.asarray(np.random.default_rng(1).standard_normal((2, 1, 2, 1)))))
    goal = jnp.array([[[1.0, -2.0]], [[0.5, 3.0]]])

    def by_definition(weights, fixed):
        outputs = method.outputs(spec, weights, batch.seen)
        chosen = jax.nn.log_softmax(outputs.logits)[..., 0]
        return (-chosen * (goal - fixed)).mean() + 0.3 * jnp.square(goal - outputs.values).mean()

    fixed = method.outputs(spec, weights, batch.seen).values
    expected = jax.jit(jax.grad(by_definition))(weights, fixed)
    found = jax.jit(jax.grad(lambda each: method._loss(spec, each, batch, goal, jnp.float32(0))[0]))(weights)
    for ours, theirs in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


# ---- training --------------------------------------------------------------------------------------------------------

SMALL = Levers(levers=3, pool=9, one_hot=False)
UNIFORM = 1 - (2 / 3) ** 3
"""Of the first metric, with 3 levers: each is pulled by somebody so often."""
TRAINING = {"lookup": 9, "hidden": 32, "environments": 128, "rollout": 1, "evaluation": 256}


def trained(steps, **settings):
    return gt.learn(SMALL, CommNet(**(TRAINING | settings)), steps=steps, records=1, progress=False)


def test_the_right_lever_is_the_rank_of_ones_identity():
    method = CommNet(hidden=4, lookup=9, supervised=True)
    spec = Spec((1,) * 3, (3,) * 3, 0, False, (1.0,) * 3)
    weights = jax.tree.map(jnp.asarray, method.draw(np.random.default_rng(0), spec))
    who = jnp.array([[7.0], [2.0], [5.0]])
    seen = Seen(who, jnp.zeros(0), jnp.ones((3, 3), bool), jnp.ones(3, bool))
    chances = np.asarray(method.policy(spec, weights, seen, ()))
    expected = -np.log(chances[[0, 1, 2], [2, 0, 1]]).mean()
    assert float(method._cross_entropy(spec, weights, seen)[0]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_told_the_answer_it_learns_to_sort():
    run = trained(128 * 400, supervised=True, learning_rate=5e-3)
    assert run.trace["distinct_share"][0, -1] > 0.97
    assert run.trace["cross_entropy"][0, -1] < 0.5


def test_rewarded_it_learns_to_talk():
    assert trained(128 * 500).trace["distinct_share"][0, -1] > 0.9


@pytest.mark.slow
def test_silent_agents_stay_at_chance():
    # Each lever for a third of the identities: the best that silent agents can do.
    best = np.mean([len({i // 3 for i in who}) / 3 for who in permutations(range(9), 3)])
    silent = trained(128 * 500, communication="none", evaluation=2048).trace["distinct_share"][0, -1]
    assert UNIFORM - 0.03 < silent < best + 0.03


def test_on_a_tensor_game_it_is_judged_as_a_product():
    game = gt.StochasticGame.from_matrix_game([[[2.0, 0.0], [0.0, 1.0]]] * 2)
    run = gt.learn(
        game, CommNet(hidden=8, exchanges=1, environments=32, rollout=4, learning_rate=0.02), steps=32 * 4 * 100, records=2, progress=False
    )
    assert isinstance(run.profile, tuple)
    assert run.trace["nash_gap"][0, -1] < 0.05
    assert run.trace["nash_gap"][0, -1] == pytest.approx(gt.verify(game, run.profile).epsilon)
    assert json.dumps(dict(run.settings))


# ---- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"communication": "shout"}, "communication is 'shout', one of mean, none, full"),
        ({"activation": "step"}, "activation is 'step'"),
        ({"optimiser": "sgd"}, "optimiser is 'sgd'"),
        ({"exchanges": -1}, "exchanges is -1"),
        ({"hidden": 0}, "hidden is 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"identities": "yes"}, "identities is 'yes'"),
    ],
)
def test_hyper_parameters_out_of_range_are_refused(settings, words):
    with pytest.raises(GameError, match=words):
        CommNet(**settings)


def test_what_a_world_does_not_offer_is_refused():
    for method, world, words in (
        (CommNet(lookup=5), Levers(), "lookup is 5, but observations have 500 numbers"),
        (CommNet(supervised=True), Spread(), "supervised is True"),
        (CommNet(communication="full", hidden=2**14), Levers(levers=100), "fully connected network"),
    ):
        with pytest.raises(GameError, match=words):
            gt.learn(world, method, steps=1, progress=False)

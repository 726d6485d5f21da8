"""Factorized Q against team games that it can represent, brute force over joint actions, and independent Q."""

import itertools

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")

import jax.numpy as jnp

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl.deep import DeepIndependentQ, FactorizedQ
from gametheory_rl.deep._method import Seen, Spec, Transition
from tests.deep.fitting import fitted

N, A, RANK = 5, 3, 2
TEAM = Spec((1,) * N, (A,) * N, 0, False, (0.0,) * N)
JOINT = np.array(list(itertools.product(range(A), repeat=N)))
# Of exactly the payoff's rank, three first weights in four end in a local minimum; one more number, and none did.
METHOD = FactorizedQ(common=True, rank=RANK + 1, hidden=(32,), sharing="none", learning_rate=0.01, last_rate=0.01)


def seen(spec):
    n, actions = spec.num_agents, spec.actions
    return Seen(jnp.ones((n, 1)), jnp.zeros(0), jnp.ones((n, actions), bool), jnp.ones(n, bool))


def batch_of(spec, actions, rewards):
    """One row for each joint action."""
    count = len(actions)
    many = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (count, *leaf.shape)), seen(spec))
    acted, none = jnp.asarray(actions, jnp.int32), jnp.zeros(count)
    return Transition(many, acted, acted, (), jnp.asarray(rewards, jnp.float32), none + 1, none > 1, many, acted)


def drawn(method, spec):
    return jax.tree.map(jnp.asarray, method.draw(np.random.default_rng(0), spec))


@pytest.fixture(scope="module")
def team():
    """A random pairwise team game of rank 2, and the common value that was fitted to it."""
    rng = np.random.default_rng(1)
    own, u, v = rng.normal(size=(N, A)), rng.normal(size=(N, A, RANK)), rng.normal(size=(N, A, RANK))
    payoff = np.zeros(len(JOINT))
    for k, joint in enumerate(JOINT):
        payoff[k] = sum(own[i, joint[i]] for i in range(N))
        payoff[k] += sum(v[i, joint[i]] @ u[j, joint[j]] for i in range(N) for j in range(N) if i != j) / (N - 1)
    batch = batch_of(TEAM, JOINT, np.repeat(payoff[:, np.newaxis], N, axis=1))
    weights, losses = fitted(METHOD, TEAM, batch, 2000, drawn(METHOD, TEAM))
    return payoff, weights, losses


def test_the_common_value_is_the_team_payoff(team):
    _, _, losses = team
    assert losses[0] > 0.1
    assert losses[-1] < 1e-4


def test_values_of_their_own_are_the_agents_payoffs_at_the_payoffs_rank():
    rng = np.random.default_rng(3)
    own, u, v = rng.normal(size=(N, A)), rng.normal(size=(N, A, RANK)), rng.normal(size=(N, A, RANK))
    said = np.stack([u[i, JOINT[:, i]] for i in range(N)], axis=1)
    mean = (said.sum(axis=1, keepdims=True) - said) / (N - 1)
    payoff = np.stack([own[i, JOINT[:, i]] + (v[i, JOINT[:, i]] * mean[:, i]).sum(axis=1) for i in range(N)], axis=1)
    method = FactorizedQ(rank=RANK, hidden=(32,), sharing="none", learning_rate=0.01, last_rate=0.01)
    _, losses = fitted(method, TEAM, batch_of(TEAM, JOINT, payoff), 1500, drawn(method, TEAM))
    assert losses[-1] < N * 1e-4


def test_answers_in_turn_never_lower_the_common_value_and_mostly_find_the_best(team):
    payoff, weights, _ = team
    here = seen(TEAM)

    @jax.jit
    def climbed(start):
        context = METHOD.context(TEAM, weights["nets"], here)

        def sweep(plays, _):
            plays = METHOD.swept(TEAM, weights["nets"], context, here, plays, jnp.float32(1e-6), jnp.zeros((N, A)))
            return plays, (METHOD.team_value(TEAM, weights["nets"], here, plays), plays.argmax(axis=1))

        plays = jax.nn.one_hot(start, A)
        first = METHOD.team_value(TEAM, weights["nets"], here, plays)
        values, actions = jax.lax.scan(sweep, plays, None, length=8)[1]
        return jnp.concatenate([first[jnp.newaxis], values]), actions[-1]

    values, ends = (np.asarray(each) for each in jax.vmap(climbed)(JOINT))
    assert (np.diff(values, axis=1) >= -1e-5).all()
    assert (np.abs(values[:, 0] - payoff) < 0.1).all()
    reached = payoff[ends @ (A ** np.arange(N)[::-1])]
    assert (reached >= payoff.max() - 1e-9).mean() > 0.4
    single = payoff.reshape((A,) * N)
    for end in np.unique(ends, axis=0):  # no agent alone does better
        best = max(single[tuple(np.where(np.arange(N) == i, a, end))] for i in range(N) for a in range(A))
        assert single[tuple(end)] >= best - 0.1


def test_two_who_should_differ_do_in_turn_and_never_at_once():
    game = np.array([[0.0, 1.0], [1.0, 0.0]])
    spec = Spec((1, 1), (2, 2), 0, False, (0.0, 0.0))
    actions = np.array(list(itertools.product(range(2), repeat=2)))
    rewards = np.repeat(game[tuple(actions.T)][:, np.newaxis], 2, axis=1)
    method = FactorizedQ(rank=2, hidden=(16,), sharing="none", learning_rate=0.01, temperature=1e-3, order="synchronous")
    weights, losses = fitted(method, spec, batch_of(spec, actions, rewards), 800, drawn(method, spec))
    assert losses[-1] < 1e-4
    in_turn = FactorizedQ(rank=2, hidden=(16,), sharing="none", temperature=1e-3, order="asynchronous")
    acts = {
        each.order: jax.jit(lambda memory, each=each: each.play(spec, weights, seen(spec), memory, jax.random.PRNGKey(0), jnp.bool_(True)))
        for each in (method, in_turn)
    }
    for start in actions:
        memory = {"synchronous": jnp.asarray(start, jnp.int32), "asynchronous": jnp.asarray(start, jnp.int32)}
        earned = {"synchronous": [], "asynchronous": []}
        for _ in range(4):
            for order, act in acts.items():
                acted = act(memory[order])
                memory[order] = acted.memory
                earned[order].append(game[tuple(np.asarray(acted.actions))])
        assert earned["asynchronous"] == [1.0] * 4
        assert set(earned["synchronous"]) == {float(game[tuple(start)])}  # from (0, 0) to (1, 1) and back; from (0, 1) nobody moves


def test_without_others_it_is_independent_q_to_the_bit():
    spec = Spec((1,) * 4, (A,) * 4, 0, False, (0.9,) * 4)
    rng = np.random.default_rng(2)
    batch = batch_of(spec, rng.integers(A, size=(16, 4)), rng.normal(size=(16, 4)))
    settings = {"hidden": (8,), "sharing": "none"}
    alone, factorized = DeepIndependentQ(**settings), FactorizedQ(eta=0, **settings)
    (one, _), (other, _) = (fitted(each, spec, batch, 50, drawn(each, spec)) for each in (alone, factorized))
    assert jax.tree.structure(one) == jax.tree.structure(other)
    assert all(map(np.array_equal, jax.tree.leaves(one), jax.tree.leaves(other)))
    assert not all(map(np.array_equal, jax.tree.leaves(one), jax.tree.leaves(drawn(alone, spec))))


def test_the_work_of_a_step_is_linear_in_agents():
    def work(agents):
        method, spec = FactorizedQ(hidden=(8,), rank=2), Spec((1,) * agents, (A,) * agents, 0, False, (0.0,) * agents)
        weights = drawn(method, spec)
        call = lambda memory: method.play(spec, weights, seen(spec), memory, jax.random.PRNGKey(0), jnp.bool_(True)).actions  # noqa: E731
        return jax.jit(call).lower(jnp.zeros(agents, jnp.int32)).compile().cost_analysis()["flops"]

    small, middle, large = work(100), work(200), work(400)
    assert (large - middle) == pytest.approx(2 * (middle - small), rel=0.05)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rank": 0}, "rank is 0"),
        ({"eta": -1}, "eta is -1"),
        ({"target": "value"}, "target is 'value', one of 'max'"),
        ({"order": "random"}, "order is 'random'"),
    ],
)
def test_settings_out_of_range_are_refused(settings, words):
    with pytest.raises(GameError, match=words):
        FactorizedQ(**settings)


def test_a_common_value_is_of_all_who_meet():
    with pytest.raises(GameError, match="common adds up the values of agents who all meet"):
        gt.learn(gt.families.ising(4), FactorizedQ(common=True), steps=10)

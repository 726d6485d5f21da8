"""PR2 with networks: its sums against enumeration, its Stein gradients against the definition, and the game whose rest points are known."""

import itertools

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("equinox")

import jax.numpy as jnp

import gametheory_rl as gt
from gametheory_rl import GameError
from gametheory_rl.deep import PR2, _pr2_choices, _pr2_numbers, load_world
from gametheory_rl.deep._method import Seen, Spec
from gametheory_rl.deep._nets import Layer
from gametheory_rl.deep._svgd import squashing, stein_direction
from gametheory_rl.families import DIFFERENTIAL_GAMES, differential_game

R = np.array([[[0.0, 3.0], [1.0, 2.0]], [[3.0, 0.0], [2.0, 1.0]]])
"""Each player's payoffs in the game of recursive reasoning, own action first."""


def test_stein_direction_is_the_definition():
    rng = np.random.default_rng(0)
    x, scores = rng.normal(size=(2, 8, 3)).astype(np.float32)
    real = np.array([1.0, 0.0, 1.0], np.float32)
    y, g = x * real, scores * real
    h = np.median([((y[k] - y[k + 4]) ** 2).sum() for k in range(4)]) / np.log(9)
    wanted = np.zeros((8, 3))
    for j, k in itertools.product(range(8), repeat=2):
        kernel = np.exp(-((y[k] - y[j]) ** 2).sum() / h)
        wanted[j] += (kernel * g[k] - 2 * (y[k] - y[j]) * kernel / h) / 8
    np.testing.assert_allclose(stein_direction(x, scores, real), wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(squashing(x), -2 * np.tanh(x), rtol=1e-6)


def test_particles_become_samples():
    real, begun = jnp.ones(1), jax.random.normal(jax.random.key(0), (64, 1))
    ended = jax.lax.fori_loop(0, 500, lambda _, u: u + 0.05 * stein_direction(u, -(u - 1.0) / 0.25, real), begun)
    assert float(ended.mean()) == pytest.approx(1.0, abs=0.03)
    assert float(ended.std()) == pytest.approx(0.5, abs=0.1)


def test_the_others_joint_actions_are_numbered_in_c_order():
    legal = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], bool)
    found = np.asarray(_pr2_choices.legal_answers(legal))
    for joint in itertools.product(range(3), repeat=3):
        given = np.asarray(_pr2_choices.answers_given(np.array(joint), 3))
        for i in range(3):
            rest = [j for j in range(3) if j != i]
            assert given[i] == joint[rest[0]] * 3 + joint[rest[1]]
            assert found[i, given[i]] == all(legal[j, joint[j]] for j in rest)


def told(table):
    """A network that says ``table`` (n, J) whatever it sees."""
    n, count = table.shape
    return (Layer(np.zeros((n, 1, 4), np.float32), np.zeros((n, 4), np.float32)), Layer(np.zeros((n, 4, count), np.float32), table))


@pytest.mark.parametrize(("rho", "worth", "settled"), [("soft", "soft", 0.676), ("soft", "mean", 0.755), ("counts", "mean", 0.5)])
def test_policies_of_a_known_q(rho, worth, settled):
    method, spec = PR2(rho=rho, worth=worth), Spec((1, 1), (2, 2), 0, False, (0.0, 0.0))
    nets = {"critic": told(R.reshape(2, 4).astype(np.float32)), "rho": told(np.zeros((2, 4), np.float32))}
    seen = Seen(jnp.ones((2, 1)), jnp.zeros(0), jnp.ones((2, 2), bool), jnp.ones(2, bool))
    chances = method.policy(spec, {"nets": nets, "temperature": jnp.float32(1)}, seen, ())
    np.testing.assert_allclose(chances[:, 0], settled, atol=6e-4)


def test_counted_answers_lead_to_the_equilibrium():
    method = PR2(rho="counts", worth="mean", hidden=(16,), learning_rate=0.01, warmup=64)
    run = gt.learn(gt.load_game("recursive_reasoning"), method, steps=12_000, seeds=3, records=2)
    firsts = np.array([[policy[0, 0] for policy in profile] for profile in run.profiles])
    assert np.abs(firsts - 0.5).max() < 0.1
    assert (run.trace["nash_gap"][:, -1] < 0.2).all()


@pytest.mark.parametrize("name", DIFFERENTIAL_GAMES)
def test_worlds_pay_what_the_games_say(name):
    world, game = load_world("differential", game=name), differential_game(name)
    actions = np.random.default_rng(0).uniform(-1, 1, (50, 2)).astype(np.float32)
    state, step = world.reset(jax.random.key(0))
    _, after = jax.vmap(lambda each: world.step(jax.random.key(0), state, each[:, np.newaxis]))(actions)
    np.testing.assert_allclose(after.rewards, game.payoffs(10.0 * actions), rtol=1e-4, atol=1e-4)
    assert not after.continues.any()
    assert float(step.continues) == 1
    assert world.scene(state).circles.shape == (2, 4)


def test_actions_are_seen_by_their_owners():
    spec = Spec((1, 2, 1), (1, 2, 1), 0, True, (0.9,) * 3)
    own, answers = jnp.asarray([[1.0, 0.0], [2.0, 3.0], [4.0, 0.0]]), jnp.full((3, 6), 9.0)
    wanted = [[1, 0, 9, 9, 9, 0], [9, 0, 2, 3, 9, 0], [9, 0, 9, 9, 4, 0]]
    np.testing.assert_array_equal(_pr2_numbers.joint(spec, own, answers), wanted)


def test_the_integral_over_answers_is_the_integral():
    # Q = b, the other's number, so that the integral over [-1, 1] of exp(b / T) is 2 T sinh(1 / T).
    spec, temperature = Spec((1, 1), (1, 1), 0, True, (0.9, 0.9)), 0.5
    method = PR2(particles=4096, worth="soft")
    first = np.array([[[0.0], [1.0], [0.0]], [[1.0], [0.0], [0.0]]], np.float32)
    critic = (Layer(first, np.full((2, 1), 2.0, np.float32)), Layer(np.ones((2, 1, 1), np.float32), np.full((2, 1), -2.0, np.float32)))
    found = _pr2_numbers.worth(method, spec, {"critic": critic}, jnp.zeros((1, 2, 1)), jnp.ones((1, 2, 1)), temperature, jax.random.key(0))
    np.testing.assert_allclose(found, [[temperature * np.log(2 * temperature * np.sinh(1 / temperature))] * 2], atol=0.03)


@pytest.mark.slow
def test_it_climbs_the_higher_hill_from_near_and_the_lower_from_afar():
    method = PR2(hidden=(32, 32), batch_size=32, particles=16, warmup=200, evaluation=1)
    for first, wanted in ((0.48, 10.0), (-0.3, 0.0)):
        run = gt.learn(load_world("differential"), gt.deep.PR2(**{**vars(method), "first": first}), steps=32_000, records=1)
        assert run.trace["greedy_episode_return_0"][0, -1] == pytest.approx(wanted, abs=1.0)


@pytest.mark.slow
@pytest.mark.parametrize("worth", ["soft", "mean"])
def test_it_plays_particle_worlds(worth):
    method = PR2(worth=worth, hidden=(16,), batch_size=16, particles=8, warmup=64, replay=1000, evaluation=2)
    run = gt.learn(load_world("spread", continuous_actions=True), method, steps=640, records=1)
    assert np.isfinite(run.trace["episode_return"]).all()


def test_what_is_refused():
    for bad in ({"rho": "guess"}, {"worth": "much"}, {"temperature": 0}, {"particles": 1}, {"first": 1.0}, {"first": 0.5, "spread": 0.6}):
        with pytest.raises(GameError, match=list(bad)[-1]):
            PR2(**bad)
    with pytest.raises(GameError, match="counts"):
        gt.learn(load_world("differential"), PR2(rho="counts"), steps=100)
    with pytest.raises(GameError, match="joint action"):
        gt.learn(load_world("levers", levers=6, pool=10), "pr2", steps=100)

"""The loop: what is kept where an episode is over, advantages against a plain sum, the replay, worlds made of tensors."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp

import gametheory_rl as gt
from gametheory_rl._support._errors import GameError
from gametheory_rl.deep import _loop, _replay
from gametheory_rl.deep._method import Seen, Transition
from gametheory_rl.deep._train import problem_of

KEY = jax.random.PRNGKey(0)


def corridor(length, **settings):
    """One player walks to the end, which is terminal, and is paid for the last step alone."""
    payoff, transition = np.zeros((1, length, 1)), np.zeros((length, 1, length))
    for state in range(length):
        transition[state, 0, min(state + 1, length - 1)] = 1
    payoff[0, length - 2] = 1
    start = np.eye(length)[0]
    return gt.deep.TensorGame(gt.StochasticGame(payoff, transition, 0.5, start), **settings)


@pytest.fixture(scope="module")
def method():
    return gt.deep.IPPO(environments=2, rollout=7, minibatches=2)


@pytest.mark.parametrize(("settings", "ends", "continues"), [({}, [2, 5], 0.0), ({"horizon": 2}, [1, 3, 5], 1.0)])
def test_the_last_observation_is_kept_and_the_next_episode_starts_after_it(method, settings, ends, continues):
    world = corridor(4, **settings)
    problem = problem_of(method, world, 1)
    weights = jax.tree.map(jnp.asarray, method.draw(np.random.default_rng(0), problem.spec))
    play = jax.vmap(lambda key: _loop.first_play(method, problem.spec, world, key))(jax.random.split(KEY, 2))
    _, (batch, visited, _) = jax.lax.scan(lambda play, key: _loop._step(problem, weights, play, key), play, jax.random.split(KEY, 7))
    ended = np.asarray(batch.ended)[:, 0]
    assert np.flatnonzero(ended).tolist() == ends
    assert np.asarray(batch.continues)[ends, 0].tolist() == [continues] * len(ends)
    seen, following = (np.asarray(each.observations)[:, 0, 0].argmax(axis=1) for each in (batch.seen, batch.next_seen))
    np.testing.assert_array_equal(following, seen + 1)  # also where the episode is over: no reset leaks in
    assert (seen[np.array(ends)[:-1] + 1] == 0).all()
    np.testing.assert_array_equal(np.asarray(visited)[:, 0], seen)


def test_advantages_are_the_sums_of_their_definition(method):
    """Two agents, two environments: an end, a cut and an agent that leaves, against loops over the definition."""
    rng = np.random.default_rng(1)
    steps, envs, agents = 7, 2, 2
    spec = problem_of(method, gt.deep.TensorGame(gt.load_game("prisoners_dilemma")), 1).spec
    spec = spec.__class__((3, 3), (2, 2), 0, False, (0.9, 0.8))
    weights = jax.tree.map(jnp.asarray, method.draw(rng, spec))

    def seen():
        alive = np.ones((steps, envs, agents), bool)
        return Seen(jnp.asarray(rng.standard_normal((steps, envs, agents, 3)), jnp.float32), jnp.zeros((steps, envs, 0)),
                    jnp.ones((steps, envs, agents, 2), bool), jnp.asarray(alive))  # fmt: skip

    now, following = seen(), seen()
    gone = np.ones((steps, envs, agents), bool)
    gone[4, 1, 0] = False
    following = following._replace(alive=jnp.asarray(gone))
    ended, continues = np.zeros((steps, envs), bool), np.ones((steps, envs), np.float32)
    ended[2, 0], continues[2, 0] = True, 0  # an end
    ended[3, 1] = True  # a cut
    rewards = rng.standard_normal((steps, envs, agents)).astype(np.float32)
    actions = jnp.zeros((steps, envs, agents), jnp.int32)
    batch = Transition(now, (), actions, actions, jnp.asarray(rewards), jnp.asarray(continues), jnp.asarray(ended), following, ())
    sample = method._sample(spec, weights, batch)
    value, ahead = (np.asarray(method._value(weights, method.rows(spec, each))) for each in (now, following))
    for i, discount in enumerate(spec.discount):
        for e in range(envs):
            for t in range(steps):
                total, weight, k = 0.0, 1.0, t
                while True:
                    total += weight * (rewards[k, e, i] + discount * continues[k, e] * gone[k, e, i] * ahead[k, e, i] - value[k, e, i])
                    if ended[k, e] or not gone[k, e, i] or k == steps - 1:
                        break
                    weight *= discount * method.trace_decay
                    k += 1
                found = np.asarray(sample.advantage).reshape(agents, steps, envs)[i, t, e]
                assert found == pytest.approx(total, abs=1e-5)


@pytest.mark.parametrize(
    "name", ["IPPO", pytest.param("MAPPO", marks=pytest.mark.slow), pytest.param("CentralisedPPO", marks=pytest.mark.slow)]
)
def test_networks_run_once_a_state_learn_what_networks_run_once_a_step_learn(name):
    """Three states, one of them terminal, unequal legal actions: both ways through the update are the same sums in another order."""
    rng = np.random.default_rng(4)
    transition = rng.dirichlet(np.ones(3), size=(3, 2, 3))
    transition[2] = np.eye(3)[2]
    legal = [np.ones((3, 2), bool), np.array([[1, 1, 0], [1, 1, 1], [1, 1, 1]], bool)]
    game = gt.StochasticGame(rng.standard_normal((2, 3, 2, 3)), transition, 0.9, legal=legal)
    method = getattr(gt.deep, name)(environments=4, rollout=8, minibatches=2, epochs=2, hidden=(8,))
    problem = problem_of(method, gt.deep.TensorGame(game, horizon=5), 1)
    weights = jax.tree.map(jnp.asarray, method.draw(rng, problem.spec))
    play = jax.vmap(lambda key: _loop.first_play(method, problem.spec, problem.world, key))(jax.random.split(KEY, 4))
    batch = _loop._rolled_out(problem, weights, play, KEY)[1]
    learn = jax.jit(lambda batch: method.learn(problem.spec, weights, method.begin(problem.spec, weights), batch, KEY, jnp.float32(0)))
    assert batch.places is not None
    one, other = learn(batch), learn(batch._replace(places=None))
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)


@pytest.fixture(scope="module")
def learned():
    """A game of two actions each, the same with the second player's payoffs three times as large, and a short run on each."""
    payoffs = np.random.default_rng(2).standard_normal((2, 2, 2))
    games = [gt.StochasticGame.from_matrix_game(payoffs * np.array([1, factor])[:, None, None]) for factor in (1, 3)]
    small = gt.deep.IPPO(environments=4, rollout=8, minibatches=2, epochs=1, hidden=(8,))
    return games[0], [gt.learn(each, small, steps=32, records=1) for each in games]


def test_an_agent_learns_nothing_from_the_rewards_of_others(learned):
    one, two = learned[1]
    for name in one.weights:
        np.testing.assert_array_equal(one.weights[name][:, 0], two.weights[name][:, 0], err_msg=name)
    assert any(not np.array_equal(one.weights[name][:, 1], two.weights[name][:, 1]) for name in one.weights)


def test_the_replay_is_a_ring():
    replay = _replay.empty({"x": jnp.int32(0)}, 5)
    for first in (0, 2, 4):
        replay = _replay.put(replay, {"x": jnp.arange(first, first + 2).reshape(2, 1)})
    assert np.asarray(replay.steps["x"]).tolist() == [5, 1, 2, 3, 4]
    assert (int(replay.next), int(replay.filled)) == (1, 5)
    half = _replay.put(_replay.empty({"x": jnp.int32(0)}, 5), {"x": jnp.array([[7], [8]])})
    assert set(np.asarray(_replay.sample(half, KEY, 50)["x"]).tolist()) == {7, 8}


def test_a_tensor_game_moves_and_pays_as_its_tensors_say():
    rng = np.random.default_rng(0)
    transition = rng.dirichlet(np.ones(5), size=(5, 2, 3))
    game = gt.StochasticGame(rng.standard_normal((2, 5, 2, 3)), transition, 0.9)
    world, count = gt.deep.TensorGame(game), 40_000
    place, _ = world.at(3)
    step = jax.jit(jax.vmap(lambda key: world.step(key, place, jnp.array([1, 2]))))
    following, seen = step(jax.random.split(KEY, count))
    shares = np.bincount(np.asarray(following.state), minlength=5) / count
    expected = transition[3, 1, 2]
    assert (np.abs(shares - expected) < 4 * np.sqrt(expected / count) + 1e-4).all()
    np.testing.assert_allclose(np.asarray(seen.rewards)[0], game.payoff[:, 3, 1, 2], rtol=1e-6)


def test_a_tensor_game_never_draws_what_has_no_chance():
    """Two successors of five, the last one impossible; a draw of nearly 1 must not reach it."""
    from gametheory_rl.deep.envs._tensor_game import _bisect, _cumulative

    running = jnp.asarray(_cumulative(np.array([0, 4]), np.array([0.0, 0.5, 0.5, 0.0])))
    draws = jnp.array([0.0, 0.25, 0.5, 0.99999994])
    found = [int(_bisect(running, jnp.int32(0), jnp.int32(4), draw, 3)) for draw in draws]
    assert found == [1, 1, 2, 2]


def test_observations_are_what_they_are_said_to_be():
    game = gt.load_game("prisoners_dilemma")
    blind = gt.deep.TensorGame(game, observe=lambda state: np.ones((2, 3)) * state)
    assert blind.observation_sizes == (3, 3)
    for observe in (np.ones((1, 3, 1)), np.full((1, 2, 1), np.nan), "all", np.ones((1, 2, 0))):
        with pytest.raises(GameError, match="observ"):
            gt.deep.TensorGame(game, observe=observe)


@pytest.mark.parametrize("name", ["ising", "gaussian_squeeze"])
def test_a_population_pays_as_its_tables_say(name):
    game = gt.load_game(name)
    world = gt.deep.PopulationWorld(game, horizon=2)
    actions = np.random.default_rng(0).integers(0, game.num_actions, game.num_agents)
    expected = game.payoffs(actions)[np.arange(game.num_agents), actions]
    np.testing.assert_allclose(np.asarray(world.pay(jnp.asarray(actions))), expected, rtol=1e-4, atol=1e-4)
    state, step = world.reset(KEY)
    state, step = world.step(KEY, state, jnp.asarray(actions))
    assert not bool(step.truncated)
    assert bool(world.step(KEY, state, jnp.asarray(actions))[1].truncated)


def test_ippo_finds_the_dominant_actions():
    run = gt.learn(gt.load_game("prisoners_dilemma"), gt.deep.IPPO(learning_rate=3e-3), steps=60_000, records=1)
    assert run.trace["nash_gap"][0, -1] < 0.1


def test_a_policy_is_loaded_and_tabulated(learned):
    game, (run, _) = learned
    for one, other in zip(gt.deep.tabulate(gt.deep.load_policy(run, game), game), run.profile, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_policy_is_loaded_and_played(tmp_path):
    world = gt.deep.load_world("spread", agents=2)
    small = gt.deep.IPPO(environments=2, rollout=8, minibatches=1, epochs=1, hidden=(8,), evaluation=4)
    run = gt.learn(world, small, steps=16, records=1)
    policy = gt.deep.load_policy(run.save(tmp_path / "run.npz"), world)
    played = gt.deep.evaluate(world, policy, episodes=8)
    assert played.returns.shape == (8, 2)
    assert (played.lengths == 25).all()
    crossed = gt.deep.evaluate(world, [policy, gt.deep.load_policy(run, world)], episodes=8)
    assert crossed.returns.shape == (8, 2)
    with pytest.raises(GameError, match="with settings of its own"):
        gt.deep.load_policy(run)
    with pytest.raises(GameError, match="one for each was expected"):
        gt.deep.evaluate(world, [policy], episodes=8)
    with pytest.raises(GameError, match="no table of states"):
        _ = run.profile


def test_too_many_joint_actions_are_refused():
    with pytest.raises(GameError, match=r"joint actions, centralised_ppo holds at most 4096; choose ippo or mappo"):
        gt.learn(gt.deep.load_world("spread", agents=6), "centralised_ppo", steps=10)
    with pytest.raises(GameError, match=r"^400 agents have some 10\^120 joint actions, centralised_ppo holds"):
        gt.learn(gt.load_game("ising"), "centralised_ppo", steps=10)

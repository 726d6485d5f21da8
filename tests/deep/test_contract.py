"""What every registered neural learner must do, on a small game; being registered is being tested."""

import os
import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import gametheory_rl as gt
from gametheory_rl import _registry
from gametheory_rl._support._errors import GameError, SolverError, UnknownNameError
from gametheory_rl.deep import _loop
from gametheory_rl.deep._train import problem_of

METHODS = {name: _registry.resolve("deep", name) for name in sorted(_registry.table("deep"))}
PENNIES = gt.StochasticGame.from_matrix_game([[1.0, -1.0], [-1.0, 1.0]], name="pennies")
THREE = gt.StochasticGame.from_matrix_game(
    [[[[1.0, -1.0], [-1.0, 1.0]]] * 2, [[[-1.0, 1.0], [1.0, -1.0]]] * 2, [[[0.5, 0.0], [0.0, 0.5]]] * 2], name="three"
)
GAMES = dict.fromkeys(METHODS, PENNIES) | dict.fromkeys(("deep_mean_field_q", "mean_field_ac"), THREE)
"""A mean is of three or more."""
SMALL = {"environments": 4, "rollout": 8}
SMALLER = {"minibatches": 2, "epochs": 1, "hidden": (8,), "replay": 256, "warmup": 32, "batch_size": 16, "evaluation": 4}
STEPS = 4 * 8 * 6
# XLA compiles a method for 8 CPU-seconds: one by default, the others are slow.
SAMPLED = [pytest.param(name, marks=() if name == "ippo" else pytest.mark.slow) for name in METHODS]


def small(name):
    """The method with little to do; what it has no name for is left out."""
    method = METHODS[name]()
    known = {field: value for field, value in {**SMALL, **SMALLER}.items() if hasattr(method, field)}
    if isinstance(getattr(method, "hidden", ()), int):
        known["hidden"] = 8
    return replace(method, **known)


def discrete(name):
    if "discrete" not in METHODS[name].actions:
        pytest.skip("plays continuous actions only")
    return small(name)


@pytest.fixture(scope="module")
def runs():
    """Two seeds of every method, made once."""
    made = {}

    def run_of(name):
        if name not in made:
            made[name] = gt.learn(GAMES[name], discrete(name), steps=STEPS, seeds=2, records=[STEPS // 2, STEPS])
        return made[name]

    return run_of


def same_weights(one, other, seed=0):
    assert one.weights.keys() == other.weights.keys()
    return all(np.array_equal(one.weights[name][seed], other.weights[name][seed]) for name in one.weights)


@pytest.mark.parametrize("name", METHODS)
def test_it_constructs_by_name_and_says_what_it_is(name):
    method = METHODS[name]()
    assert method.name == name
    assert method.paradigm in ("decentralised", "joint", "centralised")
    assert set(method.actions) <= {"discrete", "continuous"}
    hash(method)


@pytest.mark.parametrize("name", SAMPLED)
def test_it_trains_and_its_policy_is_a_profile_judged_exactly(name, runs):
    run = runs(name)
    assert run.trace["step"].tolist() == [[STEPS // 2, STEPS]] * 2
    for k in range(2):
        certificate = gt.verify(GAMES[name], run.profiles[k])
        assert run.trace["nash_gap"][k, -1] == pytest.approx(certificate.epsilon, abs=1e-12)
        assert run.trace["average_nash_gap"][k, -1] == pytest.approx(gt.verify(GAMES[name], run.average_profiles[k]).epsilon, abs=1e-12)
    assert run.visits is not None
    assert (run.visits.sum(axis=1) == STEPS).all()


@pytest.mark.parametrize("name", SAMPLED)
def test_a_seed_is_the_same_whatever_the_number_of_seeds(name, runs):
    if jax.default_backend() != "cpu":
        pytest.skip("on an accelerator seeds are one mapped program")
    alone = gt.learn(GAMES[name], discrete(name), steps=STEPS, seeds=1, records=[STEPS // 2, STEPS])
    assert same_weights(alone, runs(name))
    assert not same_weights(*(replace(runs(name), weights={w: a[[k]] for w, a in runs(name).weights.items()}) for k in (0, 1)))
    for column in alone.trace:
        np.testing.assert_array_equal(alone.trace[column][0], runs(name).trace[column][0])


AS_USERS = """
import sys, numpy as np, gametheory_rl as gt
from tests.deep.test_contract import PENNIES, STEPS, same_weights, small
two, alone = (gt.learn(PENNIES, small("ippo"), steps=STEPS, seeds=seeds, records=[STEPS // 2, STEPS]) for seeds in (2, 1))
assert same_weights(alone, two)
np.savez(sys.argv[1], **two.weights)
"""


def test_optimised_as_users_have_it_a_seed_is_the_same_and_the_numbers_are_close(runs, tmp_path):
    """The other tests have XLA compile in a hurry; see ``conftest.py``."""
    environment = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
    subprocess.run([sys.executable, "-c", AS_USERS, tmp_path / "weights.npz"], env=environment, check=True)
    for key, array in np.load(tmp_path / "weights.npz").items():
        np.testing.assert_allclose(runs("ippo").weights[key], array, atol=1e-4, err_msg=key)


@pytest.mark.parametrize("name", SAMPLED)
def test_a_resumed_run_is_the_uninterrupted_one_to_the_bit(name, runs, tmp_path, monkeypatch):
    from gametheory_rl.deep import _train

    path = tmp_path / "run.npz"
    run_to = _train.Training.run_to

    def stopped(self, target, advance):
        run_to(self, target, advance)
        raise KeyboardInterrupt

    wanted = {"steps": STEPS, "seeds": 2, "records": [STEPS // 2, STEPS], "checkpoint": path}
    with monkeypatch.context() as patch:
        patch.setattr(_train.Training, "run_to", stopped)
        half = gt.learn(GAMES[name], discrete(name), **wanted)
    assert half.status is gt.Status.INTERRUPTED
    assert half.trace["step"].tolist() == [[STEPS // 2]] * 2
    whole = gt.learn(GAMES[name], discrete(name), **wanted)
    assert all(same_weights(whole, runs(name), seed) for seed in (0, 1))
    for column in whole.trace:
        np.testing.assert_array_equal(whole.trace[column], runs(name).trace[column])
    with pytest.raises(GameError, match="cannot resume"):
        gt.learn(GAMES[name], replace(discrete(name), environments=2), **wanted)


def test_without_compiling_a_step_of_play_is_the_same():
    method = replace(small("ippo"), environments=2)
    problem = problem_of(method, gt.deep.TensorGame(PENNIES, horizon=3), 1)
    weights = jax.tree.map(jax.numpy.asarray, method.draw(np.random.default_rng(0), problem.spec))
    key = jax.random.PRNGKey(0)
    play = jax.vmap(lambda key: _loop.first_play(method, problem.spec, problem.world, key))(jax.random.split(key, 2))

    def step(play):
        return _loop._step(problem, weights, play, key)

    compiled = jax.jit(step)(play)
    with jax.disable_jit():
        plain = step(play)
    for one, other in zip(jax.tree.leaves(compiled), jax.tree.leaves(plain), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


# Every operation of an update is compiled by itself, for 25 CPU-seconds.
@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_without_compiling_the_numbers_are_close(name):
    method = replace(discrete(name), environments=2, rollout=2)
    compiled = gt.learn(GAMES[name], method, steps=4, records=1)
    with jax.disable_jit():
        plain = gt.learn(GAMES[name], method, steps=4, records=1)
    for key, array in plain.weights.items():
        np.testing.assert_allclose(array, compiled.weights[key], atol=1e-4, err_msg=key)


@pytest.mark.parametrize("name", SAMPLED)
def test_a_saved_run_has_its_weights(name, runs, tmp_path):
    run = runs(name)
    loaded = gt.load_run(run.save(tmp_path / "run.npz"))
    assert all(same_weights(loaded, run, seed) for seed in (0, 1))
    np.testing.assert_array_equal(gt.verify(GAMES[name], loaded.profile).gains, gt.verify(GAMES[name], run.profile).gains)


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_record(tmp_path):
    path = tmp_path / "run.npz"
    import equinox

    world = gt.deep.TensorGame(PENNIES)  # a game's own payoffs are bounded at the door, a world's are its own
    huge = equinox.tree_at(lambda each: each.payoff, world, world.payoff * 1e38)
    with pytest.raises(SolverError, match=r"\w+ of seed 0 was no longer finite after 32 steps of ippo.*has the last record"):
        gt.learn(huge, small("ippo"), steps=STEPS, checkpoint=path)
    assert path.exists()


def test_a_tensor_game_as_a_world_is_judged_by_the_game_behind_it(runs, tmp_path):
    world = gt.deep.TensorGame(PENNIES)
    wanted = {"steps": STEPS, "seeds": 2, "records": [STEPS // 2, STEPS], "checkpoint": tmp_path / "run.npz"}
    run = gt.learn(world, small("ippo"), **wanted)
    assert run.trace.keys() == runs("ippo").trace.keys()
    np.testing.assert_array_equal(run.trace["nash_gap"], runs("ippo").trace["nash_gap"])
    doubled = gt.deep.TensorGame(gt.StochasticGame.from_matrix_game(2 * PENNIES.payoff[0, 0], name="pennies"))
    with pytest.raises(GameError, match="cannot resume"):
        gt.learn(doubled, small("ippo"), **wanted)


def test_a_policy_is_loaded_and_played_from_the_right_things_only(runs):
    policy = gt.deep.load_policy(runs("ippo"), PENNIES)
    assert gt.deep.evaluate(PENNIES, policy, episodes=1).lengths == 1000
    for wrong, words in (
        (lambda: gt.deep.evaluate(3, policy), "world is int"),
        (lambda: gt.deep.evaluate(PENNIES, 3), "a policy is int"),
        (lambda: gt.deep.evaluate(PENNIES, [policy, "x"]), "a policy is str"),
        (lambda: gt.deep.evaluate(PENNIES, policy, seed=-1), "seed is -1"),
        (lambda: gt.deep.tabulate("x", PENNIES), "a policy is str"),
        (lambda: gt.deep.tabulate(policy, 3), "game is int"),
        (lambda: gt.deep.load_policy(3), "run is int"),
        (lambda: gt.deep.load_policy(runs("ippo"), 3), "world is int"),
        (lambda: gt.deep.best_response_bound(3, steps=1), "a policy is int"),
        (lambda: gt.deep.best_response_bound(policy, steps=1, learner="ippo"), "learner is str"),
        (lambda: gt.deep.TensorGame(3), "game is int"),
        (lambda: gt.deep.TensorGame(PENNIES, horizon=0), "horizon is 0"),
        (lambda: gt.deep.TensorGame(gt.StochasticGame.from_matrix_game([[1e16, 0], [0, 0]])), "payoffs reach 1e.16"),
        (lambda: gt.learn(PENNIES, gt.deep.IPPO(hidden=(65536,) * 99), steps=5), "choose fewer hidden units"),
        (lambda: gt.learn(PENNIES, gt.deep.IPPO(rollout=2**24, environments=2**20), steps=5), "fewer environments"),
    ):
        with pytest.raises(GameError, match=words):
            wrong()


def test_dense_and_sparse_are_the_same_run():
    rng = np.random.default_rng(3)
    transition = rng.dirichlet(np.ones(3), size=(3, 2, 2))
    transition[0, 0, 0] = [0, 1, 0]
    game = gt.StochasticGame(rng.standard_normal((2, 3, 2, 2)), transition, [0.9, 0.8])
    one, other = (gt.learn(each, small("ippo"), steps=64, records=1) for each in (game, game.sparse()))
    assert same_weights(one, other)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"learner": "ipo"}, "unknown learner 'ipo'; did you mean 'ippo'"),
        ({"game": "spraed"}, "unknown world 'spraed'; did you mean 'spread'"),
        ({"game": 3}, "game is int, a StochasticGame, a PopulationGame, or a world or its name was expected"),
        ({"sampling": "uniform"}, "sampling is given"),
        ({"discount": 0.5}, "discount is"),
        ({"policy_states": (0,)}, "policy_states is given"),
        ({"game": "spread", "horizon": 5}, "a time limit of its own"),
        ({"game": "spread", "learner": "minimax_q"}, "a StochasticGame"),
    ],
)
def test_bad_input_is_one_sentence(arguments, words):
    wanted = {"game": PENNIES, "learner": "ippo", "steps": 10} | arguments
    with pytest.raises((GameError, UnknownNameError), match=words):
        gt.learn(wanted.pop("game"), wanted.pop("learner"), **wanted)


def test_worlds_are_for_neural_learners():
    with pytest.raises(GameError, match="minimax_q does not play worlds"):
        gt.learn(gt.deep.load_world("spread"), "minimax_q", steps=10)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"environments": 0}, "environments is 0"),
        ({"rollout": 2.5}, "rollout is 2.5"),
        ({"discount": 1.5}, "discount is 1.5"),
        ({"learning_rate": -1}, "learning_rate is -1"),
        ({"hidden": (0,)}, "hidden is"),
        ({"hidden": "wide"}, "hidden is"),
        ({"hidden": b"64"}, "hidden is"),
        ({"hidden": (64, True)}, "hidden is"),
        ({"hidden": (64, 2.5)}, "hidden is"),
        ({"anneal": "no"}, "anneal is 'no', True or False was expected"),
        ({"shared": []}, r"shared is \[\], True or False was expected"),
        ({"value_clip": float("nan")}, "value_clip is nan"),
        ({"value_clip": 0}, "value_clip is 0"),
        ({"minibatches": 3}, "a divisor of"),
    ],
)
def test_hyper_parameters_out_of_range_are_refused(settings, words):
    with pytest.raises(GameError, match=words):
        gt.deep.IPPO(**settings)


@pytest.mark.parametrize("weights", ["x", {}, (1, "a"), [np.nan, 1.0], 3, [[1.0]]])
def test_weights_of_a_team_are_finite_numbers(weights):
    with pytest.raises(GameError, match="weights is"):
        gt.deep.CentralisedPPO(weights=weights)


@pytest.mark.parametrize("name", METHODS)
def test_whatever_a_setting_is_given_it_is_refused_in_a_sentence_or_sound(name):
    for setting in fields(METHODS[name]):
        for value in ("x", b"x", float("nan"), float("inf"), -1, [], {}, 2.5, (1, "a"), None, True, 10**30):
            try:
                made = METHODS[name](**{setting.name: value})
            except GameError as refused:
                assert setting.name in str(refused)
                continue
            hash(made)
            kept = getattr(made, setting.name)
            assert not isinstance(kept, str | bytes | list | dict)
            assert not (isinstance(kept, float) and not np.isfinite(kept))

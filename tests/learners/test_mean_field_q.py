"""Mean-field Q on populations: the order of the Ising model, the squeeze, and the same bits however it is run."""

import hashlib
import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from gametheory_rl import GameError, PopulationGame, families, heat_bath, learn, load_game, load_run, population_gap, squeeze_optimum
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import MeanFieldQ, Schedule
from gametheory_rl.learners import _population_loop as loop

THREE_ACTIONS = PopulationGame(
    neighbours=[[(i - 1) % 12, (i + 1) % 12, (i + 5) % 12] for i in range(12)],
    pair=np.random.default_rng(1).normal(size=(3, 3)),
    own=[0.1, -0.2, 0.3],
    start=[0.5, 0.0, 0.5],
)
RING = np.arange(60)
GAMES = {
    "ising": families.ising(5),
    "ising by colours": families.ising(8, field=0.2),
    "three actions by colours": PopulationGame(
        neighbours=np.stack([(RING + step) % 60 for step in (1, -1, 4)], axis=1),
        pair=np.random.default_rng(2).normal(size=(3, 3)),
        own=[0.3, 0.0, -0.1],
    ),
    "three actions": THREE_ACTIONS,
    "squeeze": families.gaussian_squeeze(30, 5, mu=20, sigma=10),
    "congestion, repeated": families.congestion_population(20, discount=0.9),
    "ising, repeated": families.ising(4, discount=0.5),
}
TURNS = ("asynchronous", "simultaneous", "stale")
LEARNERS = [
    *(MeanFieldQ(turns=turns, temperature=0.7, levels=6) for turns in TURNS),
    MeanFieldQ(shared=False, levels=4),
    MeanFieldQ(target="sample", initial=1.5, step_size=0.2),
]


def trained(learner, game, sweeps, *, readable=False, cuts=()):
    crowd = loop.crowd_of(game, learner.levels)
    seed = loop.fresh_seed(learner.init(game), game, crowd, stream_keys(0, 1)[0])
    play = loop.play_readably if readable else loop.play
    edges = [0, *cuts, sweeps]
    for first, last in pairwise(edges):
        play(seed, crowd, first, last)
    return seed


def bits(seed):
    arrays = [seed.tables.q, seed.tables.policy, seed.tables.counts, *seed.members]
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


@pytest.mark.parametrize("learner", LEARNERS, ids=repr)
@pytest.mark.parametrize("name", GAMES)
def test_the_readable_loop_gives_the_compiled_loops_bits(name, learner):
    game = GAMES[name]
    assert bits(trained(learner, game, 40)) == bits(trained(learner, game, 40, readable=True, cuts=(7,)))


def test_so_does_the_plain_source_without_a_compiler():
    code = """
from tests.learners.test_mean_field_q import GAMES, LEARNERS, bits, trained
print(*[bits(trained(learner, game, 15)) for learner in LEARNERS for game in GAMES.values()])
"""
    environment = os.environ | {"GAMETHEORY_RL_COMPILE": "0"}
    plain = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    assert plain.split() == [bits(trained(learner, game, 15)) for learner in LEARNERS for game in GAMES.values()]


def test_agents_of_one_colour_are_no_neighbours():
    """Neither way round: on the ring an agent meets others that do not meet it."""
    for name in ("ising by colours", "three actions by colours", "ising", "three actions"):
        game = GAMES[name]
        crowd = loop.crowd_of(game, 1)
        assert sorted(crowd.turns) == list(range(game.num_agents))
        assert (crowd.around.size > 0) == ("colours" in name)
        for low, high in pairwise(crowd.breaks):
            together = crowd.turns[low:high]
            assert not np.isin(game.neighbours[together], together).any()
    everybody = PopulationGame(neighbours=[[j for j in range(70) if j != i] for i in range(70)], pair=np.eye(2))
    assert loop.crowd_of(everybody, 1).turns.tolist() == list(range(70))


@pytest.mark.parametrize("name", GAMES)
def test_the_loop_keeps_count(name):
    game, learner = GAMES[name], MeanFieldQ(levels=6)
    seed = trained(learner, game, 30)
    actions = seed.members.actions
    assert np.array_equal(seed.members.users, np.bincount(actions, minlength=game.num_actions))
    assert np.array_equal(seed.members.totals, game.load[:, actions].sum(axis=1))
    crowd = loop.crowd_of(game, learner.levels)
    met = [loop._bin(crowd, seed.members, i) for i in range(game.num_agents)]
    assert met == game.bins(actions, learner.levels).tolist()
    paid = [[loop._reward(crowd, seed.members, i, met[i], a) for a in range(game.num_actions)] for i in range(game.num_agents)]
    np.testing.assert_allclose(paid, game.payoffs(actions), atol=1e-12)
    turns = 30 if game.discount == 0 else 29
    assert seed.tables.counts.sum() == turns * game.num_agents
    assert seed.members.tally[0] == 30


def test_where_the_mean_action_says_it_all_q_is_the_payoff():
    seed = trained(MeanFieldQ(temperature=2.0), families.ising(6, field=0.1), 2000)
    wanted = [[-0.1 - (met - 2), 0.1 + (met - 2)] for met in range(5)]
    np.testing.assert_allclose(seed.tables.q[0], wanted, atol=1e-12)
    weights = np.exp(np.array(wanted) / 2)
    np.testing.assert_allclose(seed.tables.policy[0], weights / weights.sum(axis=1, keepdims=True), atol=1e-12)


@pytest.mark.parametrize("target", ["value", "sample"])
def test_the_future_counts_by_the_discount(target):
    game = PopulationGame(neighbours=[[1], [0]], pair=np.zeros((2, 2)), own=[1.0, 0.0], discount=0.5)
    tables = trained(MeanFieldQ(temperature=1.0, target=target, step_size=Schedule.by_visits(1.0)), game, 200_000).tables
    # V = sum of pi (r + V / 2) with pi = softmax(r), the same at every mean action.
    high = 1 / (1 + np.exp(-1))
    np.testing.assert_allclose(tables.q[0], np.array([[1.0, 0.0]] * 2) + high, atol=0.02)


@pytest.mark.parametrize("temperature", [0.8, 1.4])
def test_ising_has_the_order_of_heat_bath_on_a_small_lattice(temperature):
    game = families.ising(10)
    run = learn(game, MeanFieldQ(temperature=temperature), steps=22_000, seeds=3, records=[2000, 22_000])
    assert np.abs(run.trace["order_parameter"][:, -1] - heat_bath(game, temperature, sweeps=50_000).order).max() < 0.03


@pytest.mark.slow
@pytest.mark.parametrize("temperature", [0.8, 1.0, 1.1, 1.4])
def test_ising_has_the_order_of_heat_bath(temperature):
    game = families.ising(20)
    run = learn(game, MeanFieldQ(temperature=temperature), steps=220_000, seeds=5, records=[20_000, 220_000])
    truth = heat_bath(game, temperature, sweeps=200_000, seed=1)
    assert np.abs(run.trace["order_parameter"][:, -1] - truth.order).max() < 0.03


def test_all_at_once_the_order_is_lost():
    """The two halves of the board cancel in some runs; acting on yesterday's mean action there is order where there is none."""
    game = families.ising(20)
    cold = learn(game, MeanFieldQ(temperature=0.8, turns="simultaneous"), steps=8000, seeds=5, records=[4000, 8000])
    assert cold.trace["order_parameter"][:, -1].min() < 0.5
    warm = learn(game, MeanFieldQ(temperature=1.4, turns="stale"), steps=8000, seeds=2, records=[4000, 8000])
    assert warm.trace["order_parameter"][:, -1].min() > 0.7
    right = learn(game, MeanFieldQ(temperature=1.4), steps=8000, seeds=2, records=[4000, 8000])
    assert right.trace["order_parameter"][:, -1].max() < 0.25


LEANING = MeanFieldQ(temperature=0.1, levels=10**4, initial=tuple(415.0 - 5 * a for a in range(10)))


@pytest.mark.parametrize("agents", [500, 1000])
@pytest.mark.parametrize("start", [None, np.eye(10)[0]], ids=["uniform", "zero"])
def test_squeeze_comes_within_five_per_cent_from_leaning_tables(agents, start):
    run = learn(families.gaussian_squeeze(agents, start=start), LEANING, steps=1000, seeds=2, records=[500, 1000])
    assert run.trace["mean_payoff"][:, -1].min() > 0.95 * squeeze_optimum()[1]


@pytest.mark.parametrize("agents", [500, 1000])
def test_squeeze_has_nothing_to_learn_from_where_it_starts_level(agents):
    run = learn(families.gaussian_squeeze(agents), MeanFieldQ(temperature=0.1), steps=300, records=[200, 300])
    assert run.trace["mean_payoff"][0, -1] < 1e-9


def test_congestion_comes_near_an_equilibrium():
    run = learn(families.congestion_population(100), MeanFieldQ(temperature=0.005), steps=2000, seeds=2, records=5)
    assert run.trace["population_gap"][:, -1].max() < 0.01


def test_a_run_is_its_seeds_and_survives_saving(tmp_path):
    game = families.ising(6)
    run = learn(game, "mean_field_q", steps=60, seeds=3, seed=5, records=4)
    again = learn(game, "mean_field_q", steps=60, seeds=2, seed=5, records=4)
    other = learn(game, "mean_field_q", steps=60, seeds=2, seed=6, records=4)
    assert all(np.array_equal(run.trace[name][:2], again.trace[name]) for name in run.trace)
    assert not np.array_equal(run.trace["mean_payoff"][:2], other.trace["mean_payoff"])
    assert set(run.trace) == {"step", "population_gap", "average_population_gap", "order_parameter", "mean_payoff"}
    assert run.profile.shape == (1, 1, 5, 2)
    loaded = load_run(run.save(tmp_path / "run.npz"))
    assert np.array_equal(loaded.profile, run.profile)
    assert np.array_equal(loaded.trace["population_gap"], run.trace["population_gap"])


def test_one_action_is_no_choice():
    game = PopulationGame(neighbours=[[1], [0]], pair=[[2.0]])
    run = learn(game, "mean_field_q", steps=10, records=1)
    assert run.profile.tolist() == [[[[1.0]]]]
    assert run.trace["mean_payoff"].tolist() == [[2.0]]
    assert run.trace["population_gap"].tolist() == [[0.0]]


def test_the_recorded_gap_is_the_judges():
    game, learner = GAMES["three actions"], MeanFieldQ(shared=False)
    run = learn(game, learner, steps=50, seed=0, records=[50])
    seed = trained(learner, game, 50)
    assert run.profile.shape == (12, 1, 16, 3)
    assert np.array_equal(run.profile[:, 0], seed.tables.policy)
    assert run.trace["population_gap"][0, -1] == population_gap(game, seed.members.actions, run.profile)


@pytest.mark.parametrize("name", ["ising, repeated", "squeeze"])
def test_resumed_runs_have_the_same_bits(name, tmp_path):
    game, learner, path = GAMES[name], MeanFieldQ(levels=7), tmp_path / "run.npz"
    whole = learn(game, learner, steps=80, seeds=2, records=[30, 80])
    learn(game, learner, steps=30, seeds=2, records=[30], checkpoint=path)
    resumed = learn(game, learner, steps=80, seeds=2, records=[30, 80], checkpoint=path)
    assert all(np.array_equal(whole.trace[column], resumed.trace[column]) for column in whole.trace)
    assert all(np.array_equal(*pair) for pair in zip(whole.profiles, resumed.profiles, strict=True))
    before = path.read_bytes()
    with pytest.raises(GameError, match="cannot resume"):
        learn(families.ising(7), learner, steps=80, seeds=2, checkpoint=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"temperature": 0}, "temperature is 0"),
        ({"temperature": -1.0}, "temperature is -1.0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"step_size": 1.5}, "step_size is 1.5"),
        ({"levels": 0}, "levels is 0"),
        ({"levels": 2.5}, "levels is 2.5"),
        ({"turns": "sometimes"}, "turns is 'sometimes'"),
        ({"target": "max"}, "target is 'max'"),
        ({"shared": "yes"}, "shared is 'yes'"),
        ({"initial": float("inf")}, "initial is inf"),
        ({"initial": "high"}, "initial is 'high'"),
        ({"initial": (1.0, None)}, "initial is None"),
    ],
)
def test_settings_out_of_range_are_refused(settings, says):
    with pytest.raises(GameError, match=says):
        MeanFieldQ(**settings)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: learn(families.ising(4), "independent_q", steps=10), "does not play populations"),
        (lambda: learn(load_game("soccer"), "mean_field_q", steps=10), "plays a PopulationGame"),
        (lambda: learn(families.ising(4), "mean_field_q", steps=10, horizon=3), "horizon is given"),
        (lambda: learn(families.ising(4), "mean_field_q", steps=0), "steps is 0"),
        (lambda: learn(families.ising(4), MeanFieldQ(step_size=Schedule.by_steps()), steps=9), "schedule by visits"),
        (lambda: learn(families.ising(4), MeanFieldQ(exploration=0.1), steps=9), "exploration is 0.1, which is for stochastic games"),
        (lambda: learn(families.ising(4), MeanFieldQ(initial=(1, 2, 3)), steps=10), "initial has 3 numbers"),
        (lambda: learn(families.gaussian_squeeze(5000), MeanFieldQ(levels=10**5, shared=False), steps=10), "are the most; share them"),
        (lambda: learn(families.congestion_population(99, 5), "mean_field_q", steps=10), "give fewer levels"),
        (lambda: MeanFieldQ().init(load_game("soccer")), "MeanFieldQ plays a PopulationGame"),
    ],
)
def test_what_does_not_go_together_is_refused_in_a_sentence(call, says):
    with pytest.raises(GameError, match=says) as caught:
        call()
    assert "\n" not in str(caught.value)

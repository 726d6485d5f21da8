"""Population games at the door, and their judges against enumeration and mathematics."""

import pickle
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import (
    GameError,
    PopulationGame,
    best_response,
    families,
    heat_bath,
    ising_order,
    load_game,
    population_gap,
    squeeze_optimum,
    verify,
)

CIRCLE = [[3, 1], [0, 2], [1, 3], [2, 0]]


def test_payoffs_on_a_network_are_sums_over_neighbours():
    rng = np.random.default_rng(0)
    neighbours = np.array([rng.choice(np.delete(np.arange(9), i), 3) for i in range(9)])
    pair, own = rng.normal(size=(3, 3)), rng.normal(size=3)
    game = PopulationGame(neighbours=neighbours, pair=pair, own=own)
    actions = rng.integers(3, size=9)
    wanted = [[own[a] + sum(pair[a, actions[j]] for j in neighbours[i]) for a in range(3)] for i in range(9)]
    np.testing.assert_allclose(game.payoffs(actions), wanted, atol=1e-13)
    met = [sum(4 ** (b - 1) * (actions[neighbours[i]] == b).sum() for b in (1, 2)) for i in range(9)]
    assert game.bins(actions, 1).tolist() == met
    assert game.num_bins(1) == 16


def test_payoffs_in_a_crowd_follow_the_load_that_is_met():
    rng = np.random.default_rng(1)
    load, agents = np.array([[1, 2, 0], [0, 1, 3], [1, 2, 0]]), 5
    payoff = rng.normal(size=(3, 16))
    game = PopulationGame(agents=agents, load=load, payoff=payoff)
    actions = np.array([0, 1, 1, 2, 0])
    for i, a in product(range(agents), range(3)):
        played = [*actions[:i], a, *actions[i + 1 :]]
        assert game.payoffs(actions)[i, a] == payoff[a, sum(load[a, b] for b in played)]
    assert len(game.load) == 2  # two rows are the same: two loads to tell apart
    exact = game.bins(actions, 10**4)
    others = [tuple(sum(row[b] for j, b in enumerate(actions) if j != i) for row in ([0, 1, 3], [1, 2, 0])) for i in range(agents)]
    assert exact.tolist() == [first + 13 * second for first, second in others]


def test_congestion_is_the_stage_game_of_few_agents():
    costs = np.random.default_rng(3).random((2, 4))
    many = families.congestion_population(4, 2, costs=costs)
    few = families.congestion(4, 2, costs=costs)
    for actions in product(range(2), repeat=4):
        for i, a in product(range(4), range(2)):
            played = (*actions[:i], a, *actions[i + 1 :])
            assert many.payoffs(actions)[i, a] == few.payoff[(i, 0, *played)]


def test_ising_pays_as_written():
    game = families.ising(4, field=0.25, coupling=1.5)
    spins = np.random.default_rng(4).choice([-1, 1], (4, 4))
    around = sum(np.roll(spins, step, axis) for axis in (0, 1) for step in (1, -1))
    up = (0.25 + 0.75 * around).ravel()
    np.testing.assert_allclose(game.payoffs((spins.ravel() + 1) // 2), np.column_stack([-up, up]), atol=1e-14)


def test_squeeze_pays_everybody_the_same():
    game = families.gaussian_squeeze(500)
    x, best = squeeze_optimum()
    assert abs(x - 444.949) < 5e-4
    assert abs(best - 423.0326) < 5e-5
    assert game.payoff[0].argmax() == 445
    assert best - 1e-3 < game.payoff.max() <= best
    assert (game.payoff == game.payoff[0]).all()
    counts = np.random.default_rng(5).integers(10, size=500)
    assert game.payoffs(counts)[0, counts[0]] == game.payoff[0, counts.sum()]


@pytest.mark.parametrize("game", [families.ising(3), families.gaussian_squeeze(20), families.congestion_population(7)])
def test_games_are_frozen_and_survive_pickling(game):
    again = pickle.loads(pickle.dumps(game))
    for name in ("neighbours", "pair", "own", "load", "kinds", "payoff", "start"):
        mine, theirs = getattr(game, name), getattr(again, name)
        assert not mine.flags.writeable
        assert mine.dtype == theirs.dtype
        assert np.array_equal(mine, theirs)
    assert repr(game) == repr(again)
    with pytest.raises(AttributeError, match="frozen"):
        game.name = "other"
    with pytest.raises(AttributeError, match="frozen"):
        del game.name


NETWORK = {"neighbours": CIRCLE, "pair": [[1, 0], [0, 1]]}
CROWD = {"agents": 3, "load": [0, 1], "payoff": [0, 1, 2, 3]}


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({}, "no other parts go together"),
        (NETWORK | {"agents": 4}, "no other parts go together"),
        (CROWD | {"own": [0, 0]}, "no other parts go together"),
        (NETWORK | {"pair": [[1, 0]]}, "pair has shape"),
        (NETWORK | {"pair": [[1, np.nan], [0, 1]]}, "pair holds nan"),
        (NETWORK | {"pair": [[1, np.inf], [0, 1]]}, "pair holds inf"),
        (NETWORK | {"pair": [[1, 0], [1]]}, "pair is not an array"),
        (NETWORK | {"own": [1]}, "own has shape"),
        (NETWORK | {"pair": [[1e308, 0], [0, 1]]}, "add up beyond float64"),
        (NETWORK | {"neighbours": [[1, 2], [0, 2], [0, 3]]}, "neighbours of agent 2 hold 3"),
        (NETWORK | {"neighbours": [[1], [1]]}, "agent 1 is its own neighbour"),
        (NETWORK | {"neighbours": [[1], [0.5]]}, "whole numbers"),
        (NETWORK | {"neighbours": []}, "neighbours has shape"),
        (NETWORK | {"neighbours": [[1, 2], [0]]}, "neighbours is not an array"),
        (NETWORK | {"discount": 1}, "discount is 1"),
        (NETWORK | {"discount": [0.5, 0.5]}, "discount"),
        (NETWORK | {"start": [0.5, 0.6]}, "start is"),
        (NETWORK | {"start": [1]}, "start is"),
        (NETWORK | {"actions": ["one"]}, "actions has 1 names"),
        (NETWORK | {"actions": "ab"}, "a list of names"),
        (CROWD | {"agents": 1}, "agents is 1"),
        (CROWD | {"agents": 2.5}, "agents is 2.5"),
        (CROWD | {"load": [0, -1]}, r"load lies in \[-1, 0\]"),
        (CROWD | {"load": [0, 0]}, "not 0 throughout"),
        (CROWD | {"load": [0, 0.5]}, "whole numbers"),
        (CROWD | {"load": [[0, 1], [0, 1], [0, 1]]}, "load has shape"),
        (CROWD | {"load": [0, 2**41]}, "load lies in"),
        (CROWD | {"load": [0, 2**38]}, "GiB are free"),
        (CROWD | {"payoff": [0, 1, 2]}, r"payoff has shape \(3,\)"),
        (CROWD | {"payoff": [0, 1, 2, np.nan]}, "payoff holds nan"),
    ],
)
def test_bad_parts_are_refused_in_a_sentence(parts, says):
    with pytest.raises(GameError, match=says):
        PopulationGame(**parts)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: families.ising(1), "size is 1"),
        (lambda: families.ising(field=np.nan), "field is nan"),
        (lambda: families.ising(10**6), "GiB are free"),
        (lambda: families.gaussian_squeeze(1), "agents is 1"),
        (lambda: families.gaussian_squeeze(sigma=0), "sigma is 0"),
        (lambda: families.gaussian_squeeze(discount=1.0), "discount is 1.0"),
        (lambda: families.gaussian_squeeze(10**8), "GiB are free"),
        (lambda: families.congestion_population(resources=1), "resources is 1"),
        (lambda: families.congestion_population(costs=[[1]]), "costs has shape"),
        (lambda: families.congestion_population(seed=-1), "seed is -1"),
        (lambda: families.ising().payoffs([0, 1]), r"actions has shape \(2,\)"),
        (lambda: families.ising(2).payoffs([0, 1, 2, 0]), "actions lie in"),
        (lambda: families.congestion_population(1000, 5).num_bins(20), "give fewer levels"),
        (lambda: PopulationGame(neighbours=CIRCLE, pair=np.eye(20)).num_bins(1), "give fewer neighbours"),
        (lambda: population_gap(families.ising(2), [0] * 4, np.ones((1, 1, 5, 2))), "no distributions"),
        (lambda: population_gap(families.ising(2), [0] * 4, np.ones((1, 1, 5, 3))), "profile has shape"),
        (lambda: population_gap(families.ising(2), [0] * 4, np.full((1, 1, 6, 2), 0.5)), "no whole levels"),
        (lambda: heat_bath(families.gaussian_squeeze(10), 1.0), "on a network"),
        (lambda: heat_bath(families.ising(3), 0.0), "temperature is 0.0"),
        (lambda: heat_bath(families.ising(3), 1.0, sweeps=3), "sweeps is 3"),
        (lambda: heat_bath(families.ising(3), 1.0, sweeps=10**12), "GiB are free"),
        (lambda: ising_order(-1), "temperature is -1"),
        (lambda: verify(families.ising(2), ()), "population_gap judges populations"),
        (lambda: best_response(families.ising(2), (), 0), "population_gap judges populations"),
        (lambda: population_gap(load_game("chicken"), [0, 0]), "a PopulationGame was expected"),
        (lambda: squeeze_optimum(sigma=np.inf), "sigma is inf"),
    ],
)
def test_other_bad_input_is_refused_in_a_sentence(build, says):
    with pytest.raises(GameError, match=says) as caught:
        build()
    assert "\n" not in str(caught.value)


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_a_gap_is_the_gain_of_the_best_action(seed, agents, levels):
    rng = np.random.default_rng(seed)
    load = rng.integers(0, 3, (3, 3))
    load[0, 0] = 1
    game = PopulationGame(agents=agents, load=load, payoff=rng.normal(size=(3, agents * int(load.max()) + 1)))
    actions = rng.integers(3, size=agents)
    payoffs = game.payoffs(actions)
    gains = [max(payoffs[i]) - payoffs[i, a] for i, a in enumerate(actions)]
    assert abs(population_gap(game, actions) - np.mean(gains)) < 1e-12
    profile = rng.dirichlet(np.ones(3), (1, 1, game.num_bins(levels)))
    met = game.bins(actions, levels)
    gains = [max(payoffs[i]) - profile[0, 0, met[i]] @ payoffs[i] for i in range(agents)]
    assert abs(population_gap(game, actions, profile) - np.mean(gains)) < 1e-12


@pytest.mark.parametrize(("temperature", "field"), [(0.8, 0.0), (1.4, 0.0), (3.0, 0.2)])
def test_heat_bath_has_gibbs_distribution(temperature, field):
    game = families.ising(3, field=field)
    weights, orders = [], []
    for spins in product((-1, 1), repeat=9):
        grid = np.array(spins).reshape(3, 3)
        bonds = (grid * np.roll(grid, 1, 0)).sum() + (grid * np.roll(grid, 1, 1)).sum()
        # So that turning one agent changes it by what the agent gains.
        weights.append(np.exp((bonds / 2 + field * grid.sum()) / temperature))
        orders.append(abs(grid.mean()))
    exact = np.average(orders, weights=np.array(weights))
    found = heat_bath(game, temperature, sweeps=200_000)
    assert abs(found.order - exact) < 5 * found.error + 1e-3


def test_heat_bath_is_its_seeds():
    game = families.ising(6)
    one, same, other = (heat_bath(game, 1.2, sweeps=2500, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.orders, same.orders)
    assert np.array_equal(one.actions, same.actions)
    assert not np.array_equal(one.orders, other.orders)
    assert one.orders.shape == (2500,)


def test_onsager():
    assert [round(ising_order(t), 3) for t in (0.6, 0.8, 1.0, 1.1)] == [0.997, 0.98, 0.911, 0.785]
    critical = 1 / np.log(1 + np.sqrt(2))
    assert abs(critical - 1.1346) < 5e-5
    assert ising_order(critical * 1.0001) == 0
    assert 0 < ising_order(critical * (1 - 1e-12)) < 0.1
    assert ising_order(2.0, coupling=2.0) == ising_order(1.0)
    assert ising_order(1e-9) == 1


@pytest.mark.parametrize(("temperature", "order"), [(0.8, 0.980), (1.0, 0.914), (1.4, 0.177)])
def test_heat_bath_on_the_lattice_of_the_paper(temperature, order):
    assert abs(heat_bath(families.ising(20), temperature, sweeps=10_000).order - order) < 0.01

"""Families of stage games: their definitions, told again cell by cell, and the equilibria that their papers name."""

from itertools import combinations, product
from math import comb

import nashpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quantecon.game_theory.game_generators import sgc_game

from gametheory_rl import GameError
from gametheory_rl import equilibria as eq
from gametheory_rl.families import (
    blotto,
    congestion,
    coordination,
    covariant,
    dual_cyclic,
    polymatrix,
    ranking,
    sandholm_gilpin_conitzer,
    tournament,
    unit_vector,
)


def payoffs_of(game):
    assert game.num_states == 1
    assert (game.discount == 0).all()
    return game.payoff[:, 0]


# ---- hard games ------------------------------------------------------------------------------------------------------

FIBONACCI = [0, 1]
for _ in range(30):
    FIBONACCI.append(sum(FIBONACCI[-2:]))


@pytest.mark.parametrize("d", range(2, 13, 2))
def test_dual_cyclic_paths_are_as_long_as_the_paper_says(d):
    """At d = 6 lengths are those of Savani & von Stengel's own game; the longest are every third Fibonacci number, less 1."""
    lengths = eq.lemke_howson(*payoffs_of(dual_cyclic(d)), np.arange(2 * d)).path_length
    assert lengths[0] == lengths[d - 1] == FIBONACCI[3 * d // 2 + 2] - 1
    assert lengths.max() == lengths[0]
    if d == 6:
        assert lengths.tolist() == [88, 24, 24, 24, 24, 88, 36, 36, 16, 16, 36, 36]
    # The shortest path grows like the square root of the longest: four more actions multiply both lengths by the same amounts.
    shortest = {2: 4, 4: 8, 6: 16, 8: 40, 10: 68, 12: 176}
    assert lengths.min() == shortest[d]


@pytest.mark.parametrize("d", range(2, 17, 2))
def test_dual_cyclic_equilibrium_is_uniform_exactly(d):
    A, B = payoffs_of(dual_cyclic(d))
    solution = eq.exact.lemke_howson(A, B, 3 * d // 2)
    assert all((x == x[0]).all() for x in solution.profile)
    assert eq.regret([A, B], [np.full(d, 1 / d)] * 2) <= 1e-15


@pytest.mark.parametrize("size", [2, 3, 4])
def test_sandholm_gilpin_conitzer(size):
    A, B = payoffs_of(sandholm_gilpin_conitzer(size))
    theirs = sgc_game(size)
    assert np.array_equal(A, theirs.payoff_arrays[0])
    assert np.array_equal(B.T, theirs.payoff_arrays[1])
    half = 2 * size - 1
    uniform = np.repeat([1 / half, 0], [half, half + 1])
    found = eq.lemke_howson_all(A, B)
    assert len(found.profiles) == 1
    assert all(x == pytest.approx(uniform, abs=1e-12) for x in found.profiles[0])


def test_the_smallest_sandholm_gilpin_conitzer_game_has_one_equilibrium():
    A, B = payoffs_of(sandholm_gilpin_conitzer(1))
    ((x, y),) = nashpy.Game(A, B).support_enumeration()
    assert x.tolist() == y.tolist() == [1, 0, 0]


@settings(max_examples=20)
@given(st.integers(1, 12), st.integers(0, 2**40))
def test_unit_vector(actions, seed):
    A, B = payoffs_of(unit_vector(actions, seed))
    assert (np.sort(A, axis=0)[-1] == 1).all()
    assert (A.sum(axis=0) == 1).all()
    assert ((B >= 0) & (B < 1)).all()


@settings(max_examples=20)
@given(st.data())
def test_tournament(data):
    nodes = data.draw(st.integers(1, 7))
    chosen = data.draw(st.integers(1, nodes))
    seed = data.draw(st.integers(0, 2**40))
    A, B = payoffs_of(tournament(nodes, chosen, seed))
    beats = payoffs_of(tournament(nodes, 1, seed))[0]
    assert np.array_equal(beats + beats.T, 1 - np.eye(nodes))
    sets = list(combinations(range(nodes), chosen))
    assert A.shape == (nodes, len(sets))
    for node, (k, chosen_nodes) in product(range(nodes), enumerate(sets)):
        assert A[node, k] == all(beats[node, other] for other in chosen_nodes)
        assert B[node, k] == (node in chosen_nodes)


def test_tournament_names_its_sets():
    assert tournament(3, 2).labels.actions == (("0", "1", "2"), ("0 1", "0 2", "1 2"))


# ---- contests --------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.integers(1, 5), st.integers(1, 3), st.integers(1, 4), st.integers(0, 2**40))
def test_ranking(actions, players, steps, seed):
    payoffs = payoffs_of(ranking(actions, players, steps, seed))
    # What all players earn together is the prize less the costs, so costs add up over players.
    idle = (0,) * players
    costs = []
    for i in range(players):
        alone = [payoffs[:, *[a if k == i else 0 for k in range(players)]].sum() for a in range(actions)]
        costs.append(payoffs[:, *idle].sum() - np.array(alone))
        assert costs[i][0] == 0
        rises = np.diff(costs[i]) * actions * steps
        assert rises == pytest.approx(np.rint(rises), abs=1e-9)
        assert ((rises > 1 - 1e-9) & (rises < steps + 1e-9)).all()
        assert costs[i][-1] < 1
    for cell in np.ndindex(payoffs.shape[1:]):
        prizes = [payoffs[i, *cell] + costs[i][cell[i]] for i in range(players)]
        winners = sum(prize > 1e-9 for prize in prizes)
        assert sorted(prizes) == pytest.approx([0] * (players - winners) + [1 / winners] * winners)


def test_ranking_prizes_go_to_rising_scores():
    payoffs = payoffs_of(ranking(6, 2, seed=3))
    wins = payoffs[0] + (payoffs[0, 0].max() - payoffs[0].max(axis=1, keepdims=True))
    assert (np.diff(np.sign(wins - wins.min()), axis=1) <= 0).all()


@pytest.mark.parametrize(("fields", "troops"), [(1, 3), (2, 4), (3, (4, 2)), (4, (0, 3))])
@pytest.mark.parametrize("worth", [None, "shared", "own"])
def test_blotto(fields, troops, worth):
    rng = np.random.default_rng(fields)
    values = {None: None, "shared": rng.random(fields), "own": rng.random((2, fields))}[worth]
    game = blotto(fields, troops, values)
    payoffs = payoffs_of(game)
    both = troops if isinstance(troops, tuple) else (troops, troops)
    divisions = [[d for d in product(range(t + 1), repeat=fields) if sum(d) == t] for t in both]
    assert payoffs.shape[1:] == tuple(map(len, divisions)) == tuple(comb(t + fields - 1, fields - 1) for t in both)
    assert game.labels.actions == tuple(tuple("-".join(map(str, d)) for d in own) for own in divisions)
    worths = np.broadcast_to(1.0 if values is None else values, (2, fields))
    for (i, one), (j, two) in product(*map(enumerate, divisions)):
        signs = np.sign(np.array(one) - two)
        assert payoffs[:, i, j] == pytest.approx([worths[0] @ signs, -worths[1] @ signs])
    assert game.zero_sum == (worth != "own" or fields == 1)  # a single field goes to the larger army, and to nobody here
    if worth is None and both[0] == both[1]:
        assert float(eq.minimax(payoffs[0]).value) == pytest.approx(0, abs=1e-12)


def test_the_larger_army_wins_more():
    """Hart 2008: with one soldier more per field than the enemy has, every field is won; with fewer, less than that."""
    assert float(eq.minimax(payoffs_of(blotto(3, (9, 2)))[0]).value) == pytest.approx(3)
    values = [float(eq.minimax(payoffs_of(blotto(3, (a, 4)))[0]).value) for a in range(4, 9)]
    assert (np.diff(values) > 0).all()


# ---- random payoffs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("players", "rho"), [(2, -1), (2, 0.3), (3, -0.5), (3, 0.0), (3, 0.8), (4, 1.0)])
def test_covariant(players, rho):
    actions = {2: 80, 3: 19, 4: 9}[players]
    payoffs = payoffs_of(covariant(actions, players, rho, seed=5)).reshape(players, -1)
    found, cells = np.cov(payoffs), payoffs.shape[1]
    assert np.abs(payoffs.mean(axis=1)).max() < 5 / np.sqrt(cells)
    assert found == pytest.approx(np.where(np.eye(players), 1, rho), abs=5 * np.sqrt(2 / cells))
    assert covariant(4, players, rho).zero_sum == (players == 2 and rho == -1)
    if rho == -1 / (players - 1):
        assert np.abs(payoffs.sum(axis=0)).max() < 1e-14
    if rho == 1:
        assert np.ptp(payoffs, axis=0).max() == 0


# ---- many players ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [{}, {"chosen": 2, "seed": 3}, {"players": 2, "routes": [[0, 1], [1, 2], [], [0]], "seed": 4}])
def test_congestion_has_rosenthals_potential(arguments):
    players, resources = arguments.get("players", 3), 3
    costs = np.random.default_rng(8).integers(0, 9, (resources, players))
    game = congestion(players, resources, **{k: v for k, v in arguments.items() if k != "players"}, costs=costs)
    payoffs = payoffs_of(game)
    menu = arguments.get("routes") or list(combinations(range(resources), arguments.get("chosen", 1)))
    potential = np.zeros(payoffs.shape[1:])
    for cell in np.ndindex(potential.shape):
        loads = [sum(r in menu[a] for a in cell) for r in range(resources)]
        assert payoffs[:, *cell].tolist() == [-sum(costs[r, loads[r] - 1] for r in menu[a]) for a in cell]
        potential[cell] = -sum(costs[r, :load].sum() for r, load in enumerate(loads))
    for i, payoff in enumerate(payoffs):
        difference = payoff - potential
        assert (difference == difference.take([0], axis=i)).all()
    assert tuple(int(k) for k in np.unravel_index(potential.argmax(), potential.shape)) in eq.pure(payoffs).profiles


def test_congestion_costs_rise_by_default():
    payoffs = payoffs_of(congestion(3, 2))
    assert payoffs[0, 0, 1, 1] > payoffs[0, 0, 0, 1] > payoffs[0, 0, 0, 0]


@pytest.mark.parametrize("actions", [1, 2, 3, 4])
def test_coordination_has_an_equilibrium_on_every_support(actions):
    worth = np.random.default_rng(actions).random((2, actions)) + 0.5
    A, B = payoffs_of(coordination(actions, payoffs=worth))
    found = list(nashpy.Game(A, B).support_enumeration())
    assert len(found) == 2**actions - 1
    assert len(eq.lemke_howson_all(A, B).profiles) == actions
    assert np.array_equal(payoffs_of(coordination(actions))[0], np.eye(actions))


def test_coordination_of_many():
    payoffs = payoffs_of(coordination(2, 4, [3, 5]))
    assert set(eq.pure(payoffs).profiles) >= {(0, 0, 0, 0), (1, 1, 1, 1)}
    assert payoffs[:, 1, 1, 1, 1].tolist() == [5] * 4
    assert payoffs.sum() == 4 * 8


@pytest.mark.parametrize(
    ("graph", "edges"),
    [("complete", "01 02 03 12 13 23"), ("cycle", "01 12 23 03"), ("path", "01 12 23"), ("star", "01 02 03")],
)
def test_polymatrix_payoffs_are_sums_over_neighbours(graph, edges):
    payoffs = payoffs_of(polymatrix(4, [2, 3, 2, 1], graph, seed=6))
    neighbours = {tuple(map(int, edge)) for edge in edges.split()}
    for i, j in combinations(range(4), 2):
        # Whether the payoff of i changes with j's action, others fixed.
        depends = [bool(np.ptp(payoffs[a], axis=b).max() > 0) for a, b in ((i, j), (j, i)) if payoffs.shape[b + 1] > 1]
        assert all(answer == ((i, j) in neighbours) for answer in depends)
    mixed = payoffs[0] - payoffs[0][:, :1] - payoffs[0][:, :, :1] + payoffs[0][:, :1, :1]
    assert np.abs(mixed).max() < 1e-12


def test_polymatrix_of_given_pairs():
    pairs = {(0, 1): [[1, 2], [3, 4]], (1, 0): [[5, 6], [7, 8]], (2, 0): [[10, 20]]}
    payoffs = payoffs_of(polymatrix(3, [2, 2, 1], pairs=pairs))
    assert payoffs[0, :, :, 0].tolist() == [[1, 2], [3, 4]]
    assert payoffs[1, :, :, 0].tolist() == [[5, 7], [6, 8]]
    assert payoffs[2, :, :, 0].tolist() == [[10, 10], [20, 20]]
    zero_sum = payoffs_of(polymatrix(3, 3, zero_sum=True))
    assert np.abs(zero_sum.sum(axis=0)).max() < 1e-14


# ---- seeds and bad input ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("build", [unit_vector, tournament, ranking, covariant, congestion, polymatrix])
def test_the_seed_decides(build):
    assert np.array_equal(build(seed=3).payoff, build(seed=3).payoff)
    assert not np.array_equal(build(seed=3).payoff, build(seed=4).payoff)


@pytest.mark.parametrize(
    ("build", "arguments", "message"),
    [
        (dual_cyclic, {"actions": 5}, "an even number"),
        (dual_cyclic, {"actions": 18}, "from 2 to 16"),
        (sandholm_gilpin_conitzer, {"size": 10**9}, "GiB are free"),
        (unit_vector, {"actions": 10**6}, "GiB are free"),
        (tournament, {"chosen": 6}, "from 1 to 5"),
        (tournament, {"nodes": 200, "chosen": 100}, "GiB are free"),
        (ranking, {"players": 20}, "GiB are free"),
        (ranking, {"players": 21}, "from 1 to 20"),
        (blotto, {"fields": 50, "troops": 50}, "GiB are free"),
        (blotto, {"troops": [1, 2, 3]}, "names 3 players"),
        (blotto, {"troops": "12"}, "troops is '12'"),
        (blotto, {"values": [1, 2]}, "values has shape"),
        (blotto, {"values": [1, 2, float("nan")]}, "finite numbers"),
        (blotto, {"values": [[1, 2], [3]]}, "ragged"),
        (blotto, {"troops": 10**12}, "GiB are free"),
        (covariant, {"correlation": -1.1}, "correlation is -1.1"),
        (covariant, {"correlation": -0.6, "players": 3}, "correlation is -0.6"),
        (covariant, {"actions": [2, 2, 2]}, "names 3 players"),
        (covariant, {"players": 20}, "GiB are free"),
        (congestion, {"chosen": 4}, "chosen is 4"),
        (congestion, {"costs": [[1, 2, 3]]}, "costs has shape"),
        (congestion, {"routes": []}, "a list of lists"),
        (congestion, {"routes": [[3]]}, "from 0 to 2"),
        (congestion, {"routes": [2]}, "holds 2"),
        (coordination, {"payoffs": ["a", "b", "c"]}, "numbers were expected"),
        (coordination, {"players": 20, "actions": 10}, "GiB are free"),
        (polymatrix, {"graph": "cycl"}, "did you mean 'cycle'"),
        (polymatrix, {"pairs": {(0, 3): [[1, 2], [3, 4]]}}, "from 0 to 2"),
        (polymatrix, {"pairs": {(0, 0): [[1, 2], [3, 4]]}}, "two different players"),
        (polymatrix, {"pairs": {(0, 1): [[1, 2]]}}, "has shape"),
        (polymatrix, {"pairs": [1]}, "a mapping"),
        (polymatrix, {"zero_sum": "yes"}, "True or False"),
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(build, arguments, message):
    with pytest.raises(GameError, match=message):
        build(**arguments)

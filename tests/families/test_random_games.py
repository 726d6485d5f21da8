"""Garnet and ring: their successors, their payoffs, their seeds, and what they refuse."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory_rl import GameError
from gametheory_rl.families import garnet, ring

BUILDERS = pytest.mark.parametrize("build", [garnet, ring])


@BUILDERS
@settings(max_examples=25)
@given(st.data())
def test_successors_are_distinct_and_as_many_as_asked_for(build, data):
    states = data.draw(st.integers(1, 60))
    branching = data.draw(st.integers(1, states))
    actions = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    game = build(states, actions, branching, players=len(actions), seed=data.draw(st.integers(0, 2**63)), zero_sum=False)
    offsets, after, probabilities = game.successors
    assert game.num_actions == tuple(actions)
    assert (np.diff(offsets) == branching).all()
    assert all(len(set(after[i:j].tolist())) == j - i for i, j in pairwise(offsets))
    assert (probabilities > 0).all()


def test_ring_successors_are_neighbours():
    for branching in (1, 2, 3, 4, 7):
        game = ring(20, 2, branching)
        after = game.successors.states.reshape(20, 4, branching)
        behind = (branching - 1) // 2
        for state in range(20):
            wanted = sorted((state + step) % 20 for step in range(-behind, branching - behind))
            assert (after[state] == wanted).all()


@pytest.mark.parametrize("branching", [3, 40])
def test_garnet_successors_are_uniform(branching):
    game = garnet(50, 8, branching, seed=1)
    counts = np.bincount(game.successors.states, minlength=50)
    expected = game.successors.states.size / 50
    # Each count is a sum of 3200 draws with the same chance; five standard deviations of it.
    spread = np.sqrt(3200 * (branching / 50) * (1 - branching / 50))
    assert np.abs(counts - expected).max() < 5 * spread


def test_pairs_of_garnet_successors_are_uniform():
    game = garnet(6, 60, 2, seed=2)
    pairs = game.successors.states.reshape(-1, 2)
    counts = np.bincount(pairs[:, 0] * 6 + pairs[:, 1], minlength=36)
    expected = len(pairs) / 15
    assert (counts > 0).sum() == 15
    assert np.abs(counts[counts > 0] - expected).max() < 5 * np.sqrt(expected)


@BUILDERS
def test_the_seed_decides(build):
    one, same, other = build(seed=7), build(seed=7), build(seed=8)
    assert one.payoff.tobytes() == same.payoff.tobytes()
    assert one.successors.probabilities.tobytes() == same.successors.probabilities.tobytes()
    assert not np.array_equal(one.payoff, other.payoff)


@BUILDERS
def test_kinds_of_payoffs(build):
    assert build().zero_sum
    assert np.abs(build().payoff).max() <= 1
    assert set(np.unique(build(payoffs="integers").payoff)) == {-1, 0, 1}
    assert np.abs(build(payoffs="normal").payoff).max() > 1.5
    general = build(players=3, zero_sum=False)
    assert general.num_players == 3
    assert not np.allclose(general.payoff[0], general.payoff[1])


def test_mean_probability_by_rank_of_the_cuts():
    game = garnet(200, 4, 3, seed=3)
    pieces = game.successors.probabilities.reshape(-1, 3)
    # Pieces of [0, 1] by uniform cuts are exchangeable: each is 1/3 on average, with variance 1/18.
    assert pieces.mean(axis=0) == pytest.approx([1 / 3] * 3, abs=5 * np.sqrt(1 / 18 / len(pieces)))


@BUILDERS
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"branching": 101}, "branching is 101, an integer from 1 to 100"),
        ({"branching": 0}, "branching is 0"),
        ({"states": -1}, "states is -1"),
        ({"actions": 0}, "actions is 0"),
        ({"actions": "33"}, "actions is '33'"),
        ({"actions": [2, 2, 2]}, "actions names 3 players, 2 were expected"),
        ({"players": 3}, "set zero_sum to False"),
        ({"players": 0}, "players is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 0.5}, "seed is 0.5"),
        ({"payoffs": "unifrom"}, "did you mean 'uniform'"),
        ({"payoffs": 3}, "unknown distribution"),
        ({"discount": 2}, "discount is 2"),
        ({"states": 10**9, "branching": 4}, "GiB are free"),
        ({"states": 10**30}, "states is 1000000000000000000000000000000"),
        ({"actions": 10**9}, "GiB are free"),
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(build, arguments, message):
    with pytest.raises(GameError, match=message):
        build(**arguments)


@pytest.mark.slow
@BUILDERS
def test_a_million_states(build):
    game = build(10**6, 3, 4)
    assert game.successors.states.size == 36 * 10**6

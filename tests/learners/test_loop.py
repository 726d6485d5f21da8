"""The loop: what it samples, where it restarts, that neither chunks nor threads nor compiling change a bit."""

import itertools
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory_rl import StochasticGame, load_game
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import IndependentQ, MinimaxQ
from gametheory_rl.learners import _loop as loops
from gametheory_rl.learners._learner import play_of
from gametheory_rl.learners._loop_kernels import LONG_ROW, cumulate, find
from gametheory_rl.learners._play_kernels import pick, play_mixed
from gametheory_rl.learners._rules_kernels import plain
from tests.learners.games import random_game, state_bytes


def prepared(game, learner=None, horizon=None, key=0):
    learner = learner or IndependentQ()
    seed = loops.fresh_seed(learner.init(game.spec), stream_keys(key, 1)[0])
    world = loops.world_of(game, horizon)
    return seed, world, loops.player_of(learner, world, seed.tables)


@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=3 * LONG_ROW), st.floats(0, 1, exclude_max=True))
def test_find_agrees_with_searchsorted(weights, u):
    probabilities = np.array(weights) / np.sum(weights)
    cumulative = np.empty(len(probabilities))
    cumulate(np.array([0, len(probabilities)]), probabilities, cumulative)
    assert cumulative[-1] == 1.0
    expected = int(np.searchsorted(cumulative, u, side="right"))
    assert find(cumulative, 0, len(cumulative), u) == plain(find)(cumulative, 0, len(cumulative), u) == expected


def fresh_play(actions):
    return play_of(StochasticGame.from_matrix_game([[*range(actions)]]).spec, 0.0)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.25, 1.0]), min_size=1, max_size=6).filter(any), st.floats(0, 1, exclude_max=True))
def test_pick_never_draws_a_weight_of_zero(weights, u):
    policy = np.array(weights) / np.sum(weights)
    play = fresh_play(len(weights))
    play_mixed(play, 0, 0, policy)
    chosen = pick(play.edges[0, 0], u)
    assert policy[chosen] > 0
    assert chosen == plain(pick)(play.edges[0, 0], u)
    assert policy[:chosen].sum() <= u + 1e-15
    assert u <= policy[: chosen + 1].sum() + 1e-15


def test_next_states_have_the_games_frequencies():
    rng = np.random.default_rng(3)
    states = 40  # longer than LONG_ROW: found by bisection
    transition = rng.dirichlet(np.full(states, 0.5), size=(states, 1))
    game = StochasticGame(np.zeros((1, states, 1)) + 1, transition, 0.5)
    seed, _, play = prepared(game)
    play(seed, 0, 400_000)
    distribution = np.full(states, 1 / states)
    for _ in range(200):
        distribution = distribution @ transition[:, 0]
    np.testing.assert_allclose(seed.tables.play.visits / 400_000, distribution, atol=0.004)


def test_restarts_after_a_terminal_state_and_after_the_horizon():
    # 0 -> 1 -> 2 -> ... -> 9, the last of them terminal; starts at 0 or 3, three to one
    payoff = np.ones((1, 10, 1))
    payoff[0, 9] = 0.0
    transition = np.zeros((10, 1, 10))
    transition[range(9), 0, range(1, 10)] = 1.0
    transition[9, 0, 9] = 1.0
    start = np.zeros(10)
    start[[0, 3]] = 0.75, 0.25
    game = StochasticGame(payoff, transition, 0.5, start)
    seed, _, play = prepared(game)
    play(seed, 0, 60_000)
    visits = seed.tables.play.visits
    assert visits[9] == 0
    assert visits[0] / visits[3] == pytest.approx(0.75, abs=0.01)
    assert len(set(visits[3:9].tolist())) <= 2
    seed, _, play = prepared(game, horizon=2)
    play(seed, 0, 20_000)
    assert set(np.flatnonzero(seed.tables.play.visits)) == {0, 1, 3, 4}


def test_truncation_bootstraps_and_termination_does_not():
    loop = StochasticGame(np.ones((1, 1, 1)), np.ones((1, 1, 1)), 0.5)
    seed, _, play = prepared(loop, IndependentQ(step_size=0.5), horizon=1)
    play(seed, 0, 200)
    assert seed.tables.value[0, 0] == pytest.approx(2.0)
    payoff, transition = np.array([[[1.0], [0.0]]]), np.zeros((2, 1, 2))
    transition[:, 0, 1] = 1.0
    ends = StochasticGame(payoff, transition, 0.5)
    seed, _, play = prepared(ends, IndependentQ(step_size=0.5, initial=7.0))
    play(seed, 0, 200)
    assert seed.tables.value[0, 0] == pytest.approx(1.0)


@given(st.lists(st.integers(1, 120), max_size=6))
def test_chunks_change_no_bit(cuts):
    game = random_game(1)
    straight, _, play = prepared(game, horizon=9)
    play(straight, 0, 500)
    chunked, _, play = prepared(game, horizon=9)
    marks = [0, *np.minimum(np.cumsum(cuts), 500), 500]
    for first, last in itertools.pairwise(marks):
        play(chunked, int(first), int(last))
    assert state_bytes(chunked) == state_bytes(straight)


def test_play_in_chunks_takes_every_step_once_and_stops_when_told():
    game, taken, stop = random_game(1), [], threading.Event()
    straight, _, play = prepared(game)
    play(straight, 0, 300_000)
    chunked, _, play = prepared(game)
    loops.play_in_chunks(play, chunked, 0, 300_000, stop, taken.append)
    assert sum(taken) == 300_000
    assert len(taken) > 1
    assert state_bytes(chunked) == state_bytes(straight)
    stop.set()
    loops.play_in_chunks(play, chunked, 300_000, 400_000, stop, taken.append)
    assert sum(taken) == 300_000


def test_the_readable_loop_runs_a_rule_that_is_not_registered():
    from typing import NamedTuple

    from gametheory_rl.learners import TabularLearner
    from gametheory_rl.learners._learner import play_of
    from gametheory_rl.learners._play_kernels import Play

    class Mine(NamedTuple):
        play: Play
        seen: list

    class Still(TabularLearner):
        paradigm = "decentralised"

        def init(self, spec):
            return Mine(play_of(spec, 0.1), [])

        def act(self, tables, state, step, visits, draws):
            return np.array([tables.play.menu[state, i, 0] for i in range(len(draws))])

        def update(self, tables, state, step, actions, rewards, following, ended):
            tables.seen.append((state, following))

        def values(self, tables):
            return np.zeros((2, 6))

    seed, _, play = prepared(random_game(1), Still())
    play(seed, 0, 50)
    assert len(seed.tables.seen) == 50 == seed.tables.play.visits.sum()


@pytest.mark.slow
@pytest.mark.parametrize("learner", [IndependentQ(), MinimaxQ()])
def test_memory_stays_flat(learner):
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("memory is read from /proc")
    seed, _, play = prepared(load_game("soccer"), learner)
    pages = []
    for first in range(0, 10_000_000, 1_000_000):
        play(seed, first, first + 1_000_000)
        pages.append(int(statm.read_text().split()[1]))
    assert max(pages) - pages[0] < 2**20 / 4096  # one MiB

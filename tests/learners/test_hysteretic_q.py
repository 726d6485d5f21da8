"""Hysteretic Q-learning: teams find their optimum; what it does to chance rewards is as its definition says."""

import numpy as np
import pytest

from gametheory_rl import GameError, StochasticGame, learn, load_game
from gametheory_rl._support._streams_kernels import stream_keys
from gametheory_rl.learners import HystereticQ, IndependentQ, _loop
from tests.learners.games import random_game, state_bytes


@pytest.mark.parametrize(("name", "optimum"), [("climbing", 11.0), ("penalty", 10.0)])
def test_teams_reach_the_optimum_that_independent_learners_miss(name, optimum):
    game = load_game(name)

    def reached(learner):
        run = learn(game, learner, steps=20_000, seeds=10, records=1)
        return [game.payoff[0, 0, p[0].argmax(), p[1].argmax()] for p in run.profiles]

    assert reached("hysteretic_q") == [optimum] * 10
    # The same exploration, without optimism.
    assert max(np.median(reached(IndependentQ(exploration=HystereticQ().exploration))), 0) < optimum


def test_with_equal_step_sizes_it_is_independent_q():
    game = random_game(2, (2, 3, 2))
    world, key = _loop.world_of(game, 9), stream_keys(0, 1)[0]
    states = []
    for learner in (HystereticQ(0.3, 1.0, 0.2), IndependentQ(0.3, 0.2)):
        seed = _loop.fresh_seed(learner.init(game.spec), key)
        _loop.player_of(learner, world, seed.tables)(seed, 0, 5000)
        states.append(state_bytes(seed))
    assert states[0] == states[1]


@pytest.mark.parametrize("decrease", [0.0, 0.1, 0.5, 1.0])
def test_chance_rewards_are_valued_at_their_expectile(decrease):
    # The only player moves to "win" or "lose" with even chances, and is paid there.
    payoff = np.array([[[0.0], [1.0], [-1.0], [0.0]]])
    transition = np.zeros((4, 1, 4))
    transition[0, 0, 1:3] = 0.5
    transition[1:, 0, 3] = 1.0
    game = StochasticGame(payoff, transition, 1.0 - 1e-12, [1, 0, 0, 0])
    run = learn(game, HystereticQ(decrease=decrease), steps=400_000, records=1)
    (error,) = run.trace["value_error"][:, -1]
    # E(1 - q)+ = decrease E(q + 1)+ at q = (1 - decrease) / (1 + decrease); the truth is 0. At 0 nothing bad is ever believed.
    expected = (1 - decrease) / (1 + decrease) if decrease else 1.0
    assert error == pytest.approx(expected, abs=0.05)


def test_what_is_refused():
    for bad in (-0.1, 1.5, float("nan"), "some", None):
        with pytest.raises(GameError, match="decrease"):
            HystereticQ(decrease=bad)

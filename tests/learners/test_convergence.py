"""Where the methods converge they do, by the exact gap; where they cannot, that is shown."""

import numpy as np
import pytest

from gametheory_rl import StochasticGame, learn, load_game, solve
from gametheory_rl.learners import CentralisedQ, IndependentQ, MinimaxQ, Schedule
from tests.learners.games import random_game


@pytest.mark.parametrize("name", ["matching_pennies", "rock_paper_scissors"])
def test_minimax_q_solves_matrix_games(name):
    run = learn(load_game(name), "minimax_q", steps=20_000, seeds=3, records=5)
    assert (run.trace["nash_gap"][:, -1] < 1e-6).all()
    assert (run.trace["value_error"][:, -1] < 1e-6).all()
    assert (run.trace["average_nash_gap"][:, -1] < 0.01).all()


@pytest.mark.parametrize("initial", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_minimax_q_approaches_the_values_of_random_games(seed, initial):
    game = random_game(seed, (3, 3), 5, zero_sum=True, discount=0.6)
    run = learn(game, MinimaxQ(initial=initial, exploration=1.0), steps=400_000, seeds=2, records=[4000, 40_000])
    errors = run.trace["value_error"]
    assert (errors[:, -1] < 0.03).all()
    assert (errors[:, -1] < errors[:, 0]).all()
    assert (run.trace["nash_gap"][:, -1] < 0.1).all()


def test_minimax_q_with_one_table_is_the_mirror_image_of_player_2s_own():
    game = random_game(1, (3, 2), zero_sum=True)
    mirrored = StochasticGame(
        game.payoff[::-1].transpose(0, 1, 3, 2), game.transition.transpose(0, 2, 1, 3), game.discount, game.start, game.legal[::-1]
    )
    values = [learn(g, MinimaxQ(exploration=1.0), steps=200_000, records=1).trace["value_error"][0, -1] for g in (game, mirrored)]
    assert max(values) < 0.1


@pytest.mark.parametrize("name", ["climbing", "penalty"])
def test_centralised_q_finds_the_teams_optimum(name):
    run = learn(load_game(name), "centralised_q", steps=5000, seeds=4, records=3)
    assert (run.trace["team_gap"][:, -1] < 1e-6).all()
    assert (run.trace["value_error"][:, -1] < 1e-3).all()


def test_centralised_q_weighs_the_players():
    game = StochasticGame.from_matrix_game([[[3, 0], [0, 1]], [[0, 0], [0, 4]]])
    assert learn(game, CentralisedQ(), steps=2000).profile[0].argmax() == 1
    assert learn(game, CentralisedQ(weights=(1.0, 0.0)), steps=2000).profile[0].argmax() == 0
    stochastic = random_game(2, (2, 3, 2), 5)
    run = learn(stochastic, CentralisedQ(weights=(0.2, 0.5, 0.3), exploration=0.5), steps=400_000, records=2)
    assert run.trace["team_gap"][0, -1] < 1e-6


def test_centralised_q_on_a_team_needs_no_weights():
    game = random_game(2, (2, 3, 2), 5)
    team = StochasticGame(game.payoff[:1].repeat(3, axis=0), game.transition, game.discount, legal=game.legal)
    for learner in (CentralisedQ(exploration=0.5), CentralisedQ(weights=(0.0, 1.0, 0.0), exploration=0.5)):
        run = learn(team, learner, steps=300_000, records=1)
        assert run.trace["team_gap"][0, -1] < 1e-6
        # Nobody gains by leaving the optimum of a team.
        assert run.trace["nash_gap"][0, -1] < 1e-6


def test_independent_q_settles_on_the_prisoners_dilemma():
    run = learn(load_game("prisoners_dilemma"), "independent_q", steps=20_000, seeds=4)
    assert (run.trace["nash_gap"][:, -1] < 1e-9).all()


def test_independent_q_never_settles_on_matching_pennies():
    run = learn(load_game("matching_pennies"), "independent_q", steps=50_000, seeds=4, records=20)
    # A greedy policy is pure, and in this game one of two pure policies always loses all.
    assert (run.trace["nash_gap"][:, 5:] > 0.9).all()


@pytest.mark.parametrize("name", ["independent_q", "centralised_q"])
def test_with_one_player_it_is_q_learning(name):
    game = random_game(5, (4,), 6, discount=0.7)
    kind = {"independent_q": IndependentQ, "centralised_q": CentralisedQ}[name]
    run = learn(game, kind(exploration=1.0), steps=400_000, seeds=2, records=2)
    assert (run.trace["nash_gap"][:, -1] < 0.02).all()
    assert (run.trace["value_error"][:, -1] < 0.02).all()


def test_with_one_player_it_follows_watkins_rule_to_the_letter():
    from gametheory_rl._support._streams_kernels import stream_keys
    from gametheory_rl.learners import _loop

    game, learner = random_game(5, (4,), 6, discount=0.7), IndependentQ(step_size=0.25, exploration=1.0)
    world = _loop.world_of(game, None)
    seed = _loop.fresh_seed(learner.init(game.spec), stream_keys(0, 1)[0])
    q = np.where(game.legal[0], 0.0, -np.inf)
    for step in range(500):
        before = seed.tables.q[:, 0].copy()
        state = int(seed.place[0]) if step else None
        _loop.play_readably(learner, seed, world, step, step + 1)
        moved = np.argwhere(seed.tables.q[:, 0] != before)
        if state is not None and len(moved):
            (where,) = moved
            action = int(where[1])
            assert where[0] == state
            row = game.successors.offsets[state * 4 + action]
            last = game.successors.offsets[state * 4 + action + 1]
            targets = [
                game.payoff[0, state, action] + 0.7 * (0.0 if game.terminal[after] else q[after].max())
                for after in game.successors.states[row:last]
            ]
            moves = [q[state, action] + 0.25 * (target - q[state, action]) for target in targets]
            assert np.isclose(moves, seed.tables.q[state, 0, action], rtol=1e-12).any()
        q = seed.tables.q[:, 0].copy()


def test_soccer_is_learned_by_minimax_q_and_its_gap_falls():
    game = load_game("soccer")
    exact = solve(game)
    run = learn(game, MinimaxQ(), steps=300_000, seeds=2, records=[3000], exact=exact)
    assert (run.trace["start_gap"][:, -1] < 0.6 * run.trace["start_gap"][:, 0]).all()
    paper = MinimaxQ(Schedule.exponential(1.0, 0.01, 10**6), exploration=0.2, initial=1.0)
    run = learn(game, paper, steps=300_000, records=[3000], exact=exact)
    assert run.trace["value_error"][0, -1] > 0.5  # a million steps of his schedule are not enough everywhere: reported as it is
